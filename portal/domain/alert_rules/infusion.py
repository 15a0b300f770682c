"""The rules about the hours after an infusion: reaction signs are red, any other new symptom is amber.

The signs come from the post-infusion page and, where the daily diary asks the same, from there too. An answer on the
post-infusion page counts even when the infusion is not recorded yet: the participant was there.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from portal.domain.alert_rules.comparison import Comparison
from portal.domain.alert_rules.general import BREATHLESSNESS, CHEST_PAIN, FAINTING, FEVER_RED, SHAKING_CHILLS
from portal.domain.alert_rules.kinds import SAFETY, AlertRule, Flag, Organ, Severity
from portal.domain.alert_rules.new_symptoms import NEW_SYMPTOMS
from portal.domain.alert_rules.reading import RuleInput
from portal.domain.msgid import N_
from portal.domain.thresholds import Thresholds


@dataclass(frozen=True, slots=True)
class Reaction:
    """A sign of the post-infusion page; ``daily`` is the rule about the same in the daily diary."""

    rule: AlertRule
    daily: AlertRule | None

    def is_present(self, reading: RuleInput) -> bool:
        return reading.meets(self.rule) or (self.daily is not None and reading.meets(self.daily))


def _reaction(name: str, code: str, title: str, words: str, daily: AlertRule | None = None) -> Reaction:
    rule = AlertRule(
        id=f"infusion-{name}",
        organs=(Organ.INFUSION,),
        severity=Severity.RED,
        symptom=f"infusion-{name}",
        link_ids=("infusion-signs", *(daily.link_ids if daily else ())),
        title=title,
        words=words,
        rests_on=("after_infusion_hours", *(daily.rests_on if daily else ())),
        on_device=Comparison("infusion-signs", "has", code),
        citation=SAFETY,
    )
    return Reaction(rule, daily)


REACTIONS = (
    _reaction(
        "fever",
        "fever-chills",
        N_("Fever after an infusion"),
        N_("Fever or chills within %(hours)s hours of an infusion"),
        FEVER_RED,
    ),
    _reaction(
        "hives",
        "hives-rash",
        N_("Hives after an infusion"),
        N_("Hives or a new rash within %(hours)s hours of an infusion"),
    ),
    _reaction(
        "breathlessness",
        "breathlessness-wheeze",
        N_("Breathlessness after an infusion"),
        N_("Breathlessness or wheeze within %(hours)s hours of an infusion"),
        BREATHLESSNESS,
    ),
    _reaction(
        "chest-pain",
        "chest-pain",
        N_("Chest pain after an infusion"),
        N_("Chest pain within %(hours)s hours of an infusion"),
        CHEST_PAIN,
    ),
    _reaction(
        "faintness",
        "faintness",
        N_("Faintness after an infusion"),
        N_("Faintness or fainting within %(hours)s hours of an infusion"),
        FAINTING,
    ),
)

CHILLS = Reaction(
    AlertRule(
        id="infusion-chills",
        organs=(Organ.INFUSION,),
        severity=Severity.RED,
        symptom="infusion-fever",
        link_ids=SHAKING_CHILLS.link_ids,
        title=N_("Shaking chills after an infusion"),
        words=N_("Shaking chills within %(hours)s hours of an infusion"),
        rests_on=("after_infusion_hours",),
        on_device=SHAKING_CHILLS.on_device,
        citation=SAFETY,
    ),
    SHAKING_CHILLS,
)
RECORDED = AlertRule(
    id="infusion-reaction",
    organs=(Organ.INFUSION,),
    severity=Severity.RED,
    symptom="infusion-reaction",
    link_ids=(),
    title=N_("Severe infusion reaction"),
    words=N_("Infusion reaction of grade %(grade)s, recorded by staff"),
    rests_on=("reaction_red_grade",),
    on_device=None,
    citation=SAFETY,
    tells_investigator=True,
)

RULES = tuple(each.rule for each in (*REACTIONS, CHILLS, *NEW_SYMPTOMS))
RESULT_RULES = (RECORDED,)


def find_flags(reading: RuleInput) -> Iterator[Flag]:
    """The flags of the hours after an infusion."""
    hours = reading.thresholds.after_infusion_hours
    if not reading.after_infusion and "infusion-signs" not in reading.answers:
        return
    reactions = (*REACTIONS, CHILLS)
    yield from (reaction.rule.make_flag(hours=hours) for reaction in reactions if reaction.is_present(reading))
    yield from (
        symptom.rule.make_flag(hours=hours, symptom=symptom.symptom_in(reading))
        for symptom in NEW_SYMPTOMS
        if reading.is_new(symptom.condition_in(reading))
    )


def evaluate_reaction(grade: int, *, thresholds: Thresholds) -> tuple[Flag, ...]:
    """The flag of a reaction that staff have recorded, by its CTCAE grade. At most one."""
    limit = thresholds.reaction_red_grade
    return (RECORDED.make_flag(grade=grade),) if limit and grade >= limit else ()
