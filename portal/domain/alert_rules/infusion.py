"""Within hours of an infusion: reaction signs are red, any other new symptom is amber.

The signs come from the post-infusion page and, where the daily diary asks the same, from there too. An answer on the
post-infusion page counts even when the infusion is not recorded yet: the participant was there.
"""

from collections.abc import Iterator, Mapping

from portal.domain.alert_rules.kinds import SAFETY, Flag, Organ, Rule, Severity
from portal.domain.alert_rules.new_symptoms import NEW_SYMPTOMS
from portal.domain.alert_rules.reading import Reading
from portal.domain.msgid import N_
from portal.domain.reports import chosen, decimal

INFUSION = (Organ.INFUSION,)


def _red(name: str, link_ids: tuple[str, ...], title: str, words: str) -> Rule:
    return Rule(
        id=name,
        organs=INFUSION,
        severity=Severity.RED,
        symptom=name,
        link_ids=link_ids,
        title=title,
        words=words,
        citation=SAFETY,
    )


REACTIONS: Mapping[str, Rule] = {
    "fever-chills": _red(
        "infusion-fever",
        ("infusion-signs", "temperature"),
        N_("Fever after an infusion"),
        N_("Fever or chills within %(hours)s hours of an infusion"),
    ),
    "hives-rash": _red(
        "infusion-hives",
        ("infusion-signs",),
        N_("Hives after an infusion"),
        N_("Hives or a new rash within %(hours)s hours of an infusion"),
    ),
    "breathlessness-wheeze": _red(
        "infusion-breathlessness",
        ("infusion-signs", "warning-signs"),
        N_("Breathlessness after an infusion"),
        N_("Breathlessness or wheeze within %(hours)s hours of an infusion"),
    ),
    "chest-pain": _red(
        "infusion-chest-pain",
        ("infusion-signs", "warning-signs"),
        N_("Chest pain after an infusion"),
        N_("Chest pain within %(hours)s hours of an infusion"),
    ),
    "faintness": _red(
        "infusion-faintness",
        ("infusion-signs", "warning-signs"),
        N_("Faintness after an infusion"),
        N_("Faintness or fainting within %(hours)s hours of an infusion"),
    ),
}
SAME_WARNING_SIGN = {"breathlessness": "breathlessness-wheeze", "chest-pain": "chest-pain", "fainting": "faintness"}

RULES = (*REACTIONS.values(), *(symptom.rule for symptom in NEW_SYMPTOMS))


def flags(reading: Reading) -> Iterator[Flag]:
    """What an infusion in the last hours makes of the answers."""
    hours = reading.thresholds.after_infusion_hours
    if not reading.after_infusion and "infusion-signs" not in reading.answers:
        return
    signs = _reactions(reading)
    yield from (rule.flag(hours=hours) for code, rule in REACTIONS.items() if code in signs)
    for symptom in NEW_SYMPTOMS:
        if reading.is_new(symptom.sign(reading.thresholds)):
            yield symptom.rule.flag(hours=hours)


def _reactions(reading: Reading) -> frozenset[str]:
    """The reaction signs of the post-infusion page, and those that the daily pages say in other words."""
    warnings = chosen(reading.answers, "warning-signs")
    signs = chosen(reading.answers, "infusion-signs") | {
        SAME_WARNING_SIGN[code] for code in SAME_WARNING_SIGN if code in warnings
    }
    temperature = decimal(reading.answers, "temperature")
    fever = temperature is not None and temperature >= reading.thresholds.fever_red_cel
    return signs | {"fever-chills"} if fever else signs
