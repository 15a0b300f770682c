"""Liver signs. Yellow eyes or skin is red on every day until a bilirubin or a clinician settles it."""

from collections.abc import Iterator

from portal.domain.alert_rules.kinds import PROTOCOL, UKONS, Flag, Organ, Rule, Severity
from portal.domain.alert_rules.reading import Reading
from portal.domain.msgid import N_
from portal.domain.reports import Answers, chosen

LIVER, SIGNS = (Organ.LIVER,), ("liver-signs",)

JAUNDICE = Rule(
    id="jaundice-red",
    organs=LIVER,
    severity=Severity.RED,
    symptom="liver-signs",
    link_ids=SIGNS,
    title=N_("Yellow eyes or skin"),
    words=N_("Yellow eyes or skin, a bilirubin result is wanted"),
    citation=UKONS,
    daily=True,
)
DARK_URINE = Rule(
    id="dark-urine",
    organs=LIVER,
    severity=Severity.AMBER,
    symptom="liver-signs",
    link_ids=SIGNS,
    title=N_("Dark urine"),
    words=N_("Dark urine"),
    citation=PROTOCOL,
)
PALE_STOOLS = Rule(
    id="pale-stools",
    organs=LIVER,
    severity=Severity.AMBER,
    symptom="liver-signs",
    link_ids=SIGNS,
    title=N_("Pale stools"),
    words=N_("Pale stools"),
    citation=PROTOCOL,
)

RULES = (JAUNDICE, DARK_URINE, PALE_STOOLS)
# Each opens a task that only a laboratory result or a stated reason closes.
BILIRUBIN_WANTED = frozenset((JAUNDICE.id, DARK_URINE.id))


def flags(reading: Reading) -> Iterator[Flag]:
    """What the liver signs raise. Jaundice that comes back after it was settled is red again."""
    signs = chosen(reading.answers, "liver-signs")
    if _is_yellow(reading.answers) and (not reading.bilirubin_settled or reading.is_new(_is_yellow)):
        yield JAUNDICE.flag()
    if "dark-urine" in signs:
        yield DARK_URINE.flag()
    if "pale-stools" in signs:
        yield PALE_STOOLS.flag()


def _is_yellow(answers: Answers) -> bool:
    return "yellow" in chosen(answers, "liver-signs")
