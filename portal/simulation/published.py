"""What is known of acute GVHD, of other trouble after a transplant and of diaries, as numbers with their source.

Nothing here was fitted to the alert rules. ``basis`` says how far a number may be trusted: ``published`` (read in the
publication or in the study's own documents), ``recalled`` (of a publication that is named but was not read again),
``assumed``.
"""

from dataclasses import dataclass
from typing import Final, Literal

Basis = Literal["published", "recalled", "assumed"]
NONE: Final = "no published figure"
# What would flag more diaries, and has no number that could be cited.
NOT_SIMULATED: Final = (
    "nausea from drugs, mucositis and other trouble of the first weeks beside a poor appetite",
    "viral reactivation, cystitis, pneumonia and their warning signs",
    "fever while neutrophils are low, before enrolment",
    "symptoms of chronic GVHD from day 80 on",
    "the effect of iMSC, and of treating what was flagged early",
)


@dataclass(frozen=True, slots=True)
class PublishedFigure:
    """``values``: one number, or several in the order that ``what`` names."""

    what: str
    values: tuple[float, ...]
    basis: Basis
    source: str

    @property
    def value(self) -> float:
        return self.values[0]


FINKE: Final = "Finke J et al., Lancet Oncol 2009;10:855-864"
FIGURES: Final[dict[str, PublishedFigure]] = {
    "grades": PublishedFigure(
        "share whose highest grade is I, II, III-IV among people with ATG who are eligible by their MAP",
        (0.16, 0.265, 0.245),
        "assumed",
        "no publication has both ATG and MAP at 0.14 or more, untreated. Stand-in: the arm without ATG (II-IV 51.0 %, "
        f"III-IV 24.5 %), {FINKE}. Chosen because people at intermediate or high risk by MAP had II-IV in 35.5 % and "
        "III-IV in 12.9 % even with pre-emptive steroids, and significantly more without: Zeng Q et al., Am J Hematol "
        "2023;98:1550-1558. I: any grade by day 100 in 49 %, Omer AK et al., Biol Blood Marrow Transplant "
        "2016;22:879-883, less the 33.0 % of II-IV in Finke's arm with ATG",
    ),
    "grades-preempted": PublishedFigure(
        "the same among people at intermediate or high risk by MAP who are treated before onset",
        (0.16, 0.226, 0.129),
        "published",
        "Zeng Q et al., Am J Hematol 2023;98:1550-1558, pre-emptive methylprednisolone: II-IV 35.5 %, III-IV 12.9 %; "
        "I as above",
    ),
    "grades-with-atg": PublishedFigure(
        "the same with ATG, whatever the MAP",
        (0.16, 0.213, 0.117),
        "recalled",
        f"{FINKE}, arm with ATG: II-IV 33.0 %, III-IV 11.7 %; I as above",
    ),
    "grade-iv": PublishedFigure("share of III-IV that is IV", (0.25,), "assumed", NONE),
    "onset-day": PublishedFigure(
        "median onset day, spread of its logarithm",
        (24.0, 0.45),
        "published",
        "medians of 20 and 24 days, most onsets from day 10 to day 40 (the spread puts 84 % there)",
    ),
    "organs": PublishedFigure(
        "share with skin, gut, liver at onset",
        (0.81, 0.54, 0.14),
        "recalled",
        "skin and gut: Martin PJ et al., Blood 1990;76:1464-1472. Liver, read: 226 of 1,580 with gut or liver disease, "
        "McDonald GB, Blood 2016;127:1544-1550",
    ),
    "upper-gut": PublishedFigure(
        "share of gut disease that begins above, below, with both", (0.35, 0.35, 0.30), "assumed", NONE
    ),
    "stages": PublishedFigure(
        "weights of stages 1, 2, 3 in an organ, before the grade decides", (0.40, 0.35, 0.25), "assumed", NONE
    ),
    "rise-days": PublishedFigure("days from first sign to peak, from and to", (2, 6), "assumed", NONE),
    "plateau-days": PublishedFigure("days at the peak, from and to", (2, 6), "assumed", NONE),
    "fall-days": PublishedFigure("days from peak to none, from and to", (7, 21), "assumed", NONE),
    "icterus": PublishedFigure(
        "chance a day that jaundice is noticed from 2.5 and from 3.1 mg/dL of bilirubin",
        (0.58, 0.68),
        "published",
        "Ruiz MA et al., Mil Med 1997;162:560-563 (examiners; for patients none is published)",
    ),
    "dark-urine": PublishedFigure("chance a day that dark urine is noticed from 3.1 mg/dL", (0.5,), "assumed", NONE),
    "appetite": PublishedFigure(
        "share with changed appetite on day 0, and with severe distress by it on day 30",
        (0.88, 0.22),
        "published",
        "Bevans MF et al., Support Care Cancer 2008;16:1243-1254; both on one exponential curve, which is "
        "a lower bound: more people than those with severe distress ate less on day 30",
    ),
    "appetite-score": PublishedFigure("weights of the scores 1, 2, 3", (0.5, 0.35, 0.15), "assumed", NONE),
    "other-diarrhoea": PublishedFigure(
        "share with an episode of diarrhoea that is not GVHD",
        (0.22,),
        "published",
        "Cox GJ et al., Gastroenterology 1994;107:1398-1407: diarrhoea in 43 %, GVHD in 48 % of the episodes",
    ),
    "other-fever": PublishedFigure("share with a febrile episode after enrolment", (0.25,), "assumed", NONE),
    "other-rash": PublishedFigure("share with a rash that is not GVHD", (0.15,), "assumed", NONE),
    "dose-missed": PublishedFigure(
        "chance a day that a dose of the immunosuppressant is missed", (0.005,), "assumed", NONE
    ),
    "infusion-fever": PublishedFigure(
        "chance of fever after an infusion",
        (0.03,),
        "assumed",
        "transient fever is the reaction that MSC raise (Lalu MM et al., PLoS One 2012;7:e47559, recalled)",
    ),
    "temperature-taken": PublishedFigure("chance a day that the temperature is taken", (0.75,), "assumed", NONE),
    "completion": PublishedFigure(
        "chance of a diary a day: lowest, highest, mean over people",
        (0.30, 0.95, 0.625),
        "published",
        "daily completion 56 % (Leuven) and 69 % (MSK), 30 % a day after HSCT (TRU-BMT); the mean is the middle of "
        "the first two",
    ),
    "unsaid": PublishedFigure(
        "chance a day that a symptom that is there is not written down", (0.05,), "assumed", NONE
    ),
    "extent-error": PublishedFigure(
        "spread of the logarithm of a reported over a true extent or volume", (0.25,), "assumed", NONE
    ),
    "weight-change": PublishedFigure(
        "share of the weight lost a day with gut disease, with a poor appetite, and regained a day without",
        (0.005, 0.002, 0.002),
        "assumed",
        f"{NONE}; only where the weight changes",
    ),
    "weight-noise": PublishedFigure("spread of one weighing at home, kg", (0.4,), "assumed", NONE),
    "fluid-gain": PublishedFigure(
        "share who keep fluid after engraftment, and the least and most of their weight that it makes",
        (0.10, 0.05, 0.09),
        "assumed",
        f"{NONE}; more than 5 % is a sign of sinusoidal obstruction (EBMT)",
    ),
    "shaking-chills": PublishedFigure("chance a day of shaking chills with a fever", (0.3,), "assumed", NONE),
    "pale-stools": PublishedFigure("chance a day that pale stools are noticed from 3.1 mg/dL", (0.3,), "assumed", NONE),
    "episode-days": PublishedFigure(
        "days without another flag after which an episode has been closed", (7,), "assumed", NONE
    ),
    "look-days": PublishedFigure(
        "days until a clinician has assessed a flagged rash or jaundice",
        (1,),
        "published",
        "the protocol's own clock for amber, 8 working hours",
    ),
}


def published_value(name: str) -> float:
    return FIGURES[name].value


def published_values(name: str) -> tuple[float, ...]:
    return FIGURES[name].values
