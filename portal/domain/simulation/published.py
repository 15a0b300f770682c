"""What is known of acute GVHD, of other trouble after a transplant and of diaries, as numbers with their source.

Nothing here was fitted to the alert rules. Where the literature gives no number, one is assumed and says so.
"""

from dataclasses import dataclass
from typing import Final

ASSUMED: Final = "assumed, no published figure"


@dataclass(frozen=True, slots=True)
class Figure:
    """``values``: one number, or several in the order that ``what`` names."""

    what: str
    values: tuple[float, ...]
    source: str

    @property
    def value(self) -> float:
        return self.values[0]


FINKE: Final = (
    "Finke J et al., Lancet Oncol 2009;10:855-864, arm without ATG: 51.0 % and 24.5 %; taken because only people at "
    "high risk (MAP) are eligible"
)
FIGURES: Final[dict[str, Figure]] = {
    "grades": Figure("share whose highest grade is I, II, III-IV", (0.16, 0.265, 0.245),
        f"II-IV and III-IV: {FINKE}. I: any grade by day 100 in 49 %, Omer AK et al., Biol Blood Marrow Transplant "
        "2016;22:879-883, less the 33.0 % of II-IV in Finke's arm with ATG"),
    "grades-with-atg": Figure("the same under CNI, methotrexate and ATG, to weigh the flagged share by",
        (0.16, 0.213, 0.117), "Finke J et al., Lancet Oncol 2009;10:855-864, arm with ATG: 33.0 % and 11.7 %"),
    "grade-iv": Figure("share of III-IV that is IV", (0.25,), ASSUMED),
    "onset-day": Figure("median onset day, spread of its logarithm", (24.0, 0.45),
        "medians of 20 and 24 days, most onsets from day 10 to day 40 (the spread puts 84 % there)"),
    "organs": Figure("share with skin, gut, liver at onset", (0.81, 0.54, 0.14),
        "skin and gut: Martin PJ et al., Blood 1990;76:1464-1472. Liver: 226 of 1,606 with gut or liver disease, "
        "McDonald GB, Blood 2016;127:1544-1550"),
    "upper-gut": Figure("share of gut disease that begins above, below, with both", (0.35, 0.35, 0.30), ASSUMED),
    "stages": Figure("weights of stages 1, 2, 3 in an organ, before the grade decides", (0.40, 0.35, 0.25), ASSUMED),
    "rise-days": Figure("days from first sign to peak, from and to", (2, 6), ASSUMED),
    "plateau-days": Figure("days at the peak, from and to", (2, 6), ASSUMED),
    "fall-days": Figure("days from peak to none, from and to", (7, 21), ASSUMED),
    "icterus": Figure("chance a day that jaundice is noticed from 2.5 and from 3.1 mg/dL of bilirubin", (0.58, 0.68),
        "Ruiz MA et al., Mil Med 1997;162:560-563 (examiners; for patients none is published)"),
    "dark-urine": Figure("chance a day that dark urine is noticed from 3.1 mg/dL", (0.5,), ASSUMED),
    "appetite": Figure("share with changed appetite on day 0, and with severe distress by it on day 30", (0.88, 0.22),
        "Bevans MF et al., Support Care Cancer 2008;16:1243-1254; both on one exponential curve"),
    "appetite-score": Figure("weights of the scores 1, 2, 3", (0.5, 0.35, 0.15), ASSUMED),
    "other-diarrhoea": Figure("share with an episode of diarrhoea that is not GVHD", (0.22,),
        "Cox GJ et al., Gastroenterology 1994;107:1398-1407: diarrhoea in 43 %, GVHD in 48 % of the episodes"),
    "other-fever": Figure("share with a febrile episode after enrolment", (0.25,), ASSUMED),
    "other-rash": Figure("share with a rash that is not GVHD", (0.15,), ASSUMED),
    "dose-missed": Figure("chance a day that a dose of the immunosuppressant is missed", (0.005,), ASSUMED),
    "infusion-fever": Figure("chance of fever after an infusion", (0.03,),
        "transient fever is the reaction that MSC raise: Lalu MM et al., PLoS One 2012;7:e47559; the size is assumed"),
    "temperature-taken": Figure("chance a day that the temperature is taken", (0.75,), ASSUMED),
    "completion": Figure("chance of a diary a day: lowest, highest, mean over people", (0.30, 0.95, 0.625),
        "daily completion 56 % (Leuven) and 69 % (MSK), 30 % a day after HSCT (TRU-BMT); the mean is the middle of "
        "the first two"),
    "unsaid": Figure("chance a day that a symptom that is there is not written down", (0.05,), ASSUMED),
    "extent-error": Figure("spread of the logarithm of a reported over a true extent or volume", (0.25,), ASSUMED),
    "look-days": Figure("days until a clinician has assessed a flagged rash or jaundice", (1,),
        "the protocol's own clock for amber, 8 working hours"),
}  # fmt: skip


def value(name: str) -> float:
    return FIGURES[name].value


def values(name: str) -> tuple[float, ...]:
    return FIGURES[name].values
