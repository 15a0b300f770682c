"""The rules about liver signs. Yellow eyes or skin is red on every day until a bilirubin or a clinician settles it."""

from collections.abc import Iterator

from portal.domain.alert_rules.comparison import Comparison
from portal.domain.alert_rules.kinds import PROTOCOL, UKONS, AlertRule, Flag, Organ, Severity, answer_rule
from portal.domain.alert_rules.reading import RuleInput
from portal.domain.msgid import N_

JAUNDICE = AlertRule(
    id="jaundice-red",
    organs=(Organ.LIVER,),
    severity=Severity.RED,
    symptom="liver-signs",
    link_ids=("liver-signs",),
    title=N_("Yellow eyes or skin"),
    words=N_("Yellow eyes or skin, a bilirubin result is wanted"),
    rests_on=(),
    on_device=Comparison("liver-signs", "has", "yellow"),
    citation=UKONS,
    daily=True,
)
DARK_URINE = answer_rule(
    "dark-urine",
    Organ.LIVER,
    Severity.AMBER,
    Comparison("liver-signs", "has", "dark-urine"),
    N_("Dark urine"),
    N_("Dark urine"),
    citation=PROTOCOL,
)
PALE_STOOLS = answer_rule(
    "pale-stools",
    Organ.LIVER,
    Severity.AMBER,
    Comparison("liver-signs", "has", "pale-stools"),
    N_("Pale stools"),
    N_("Pale stools"),
    citation=PROTOCOL,
)

RULES = (JAUNDICE, DARK_URINE, PALE_STOOLS)
# Each opens a task that only a laboratory result or a stated reason closes.
BILIRUBIN_WANTED = frozenset((JAUNDICE.id, DARK_URINE.id))


def find_flags(reading: RuleInput) -> Iterator[Flag]:
    """The flags of the liver signs. Jaundice that comes back after it was settled is red again."""
    if not reading.bilirubin_settled or reading.is_new(reading.condition_of(JAUNDICE)):
        yield from reading.make_flags(JAUNDICE)
    yield from reading.make_flags(DARK_URINE, PALE_STOOLS)
