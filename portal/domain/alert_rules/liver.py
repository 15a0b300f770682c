"""The rules about liver signs. Yellow eyes or skin is red on every day until a bilirubin or a clinician settles it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from portal.domain.alert_rules.comparison import Comparison
from portal.domain.alert_rules.kinds import PROTOCOL, UKONS, AlertRule, Flag, Organ, Severity, answer_rule
from portal.domain.alert_rules.reading import RuleInput
from portal.domain.magic import CITATION, BilirubinResult, is_jaundice_settled
from portal.domain.msgid import N_
from portal.domain.reports import worst_by_day
from portal.domain.thresholds import Thresholds

JAUNDICE = AlertRule(
    id="jaundice-red",
    organs=(Organ.LIVER,),
    severity=Severity.RED,
    symptom="liver-signs",
    link_ids=("liver-signs",),
    title=N_("Yellow eyes or skin"),
    words=N_("Yellow eyes or skin, a bilirubin result is wanted"),
    rests_on=("jaundice_settles_below_mg_dl", "jaundice_free_days", "jaundice_settled_days"),
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
    also_rests_on=("liver_signs_apart",),
    citation=PROTOCOL,
)
PALE_STOOLS = answer_rule(
    "pale-stools",
    Organ.LIVER,
    Severity.AMBER,
    Comparison("liver-signs", "has", "pale-stools"),
    N_("Pale stools"),
    N_("Pale stools"),
    also_rests_on=("liver_signs_apart",),
    citation=PROTOCOL,
)

BILIRUBIN_RED = AlertRule(
    id="bilirubin-red",
    organs=(Organ.LIVER,),
    severity=Severity.RED,
    symptom="bilirubin",
    link_ids=(),
    title=N_("High bilirubin"),
    words=N_("Bilirubin %(value)s %(unit)s, liver stage %(stage)s"),
    rests_on=("bilirubin_red_stage", "bilirubin_red_rise"),
    on_device=None,
    citation=CITATION,
    tells_investigator=True,
)
BILIRUBIN_AMBER = AlertRule(
    id="bilirubin-amber",
    organs=(Organ.LIVER,),
    severity=Severity.AMBER,
    symptom="bilirubin",
    link_ids=(),
    title=N_("Raised bilirubin"),
    words=BILIRUBIN_RED.words,
    rests_on=("bilirubin_amber_stage",),
    on_device=None,
    citation=CITATION,
)

RULES = (JAUNDICE, DARK_URINE, PALE_STOOLS)
RESULT_RULES = (BILIRUBIN_RED, BILIRUBIN_AMBER)
# Each opens a task that only a laboratory result or a stated reason closes.
BILIRUBIN_WANTED = frozenset((JAUNDICE.id, DARK_URINE.id))
APART: Final[Mapping[str, str]] = {DARK_URINE.id: "dark-urine", PALE_STOOLS.id: "pale-stools"}


def liver_symptom(rule: AlertRule, thresholds: Thresholds) -> str:
    """What the ambers count by: dark urine and pale stools are one symptom, or two where the protocol says so."""
    return APART.get(rule.id, rule.symptom) if thresholds.liver_signs_apart else rule.symptom


def find_flags(reading: RuleInput) -> Iterator[Flag]:
    """The flags of the liver signs. Jaundice that comes back after it was settled is red again."""
    if not _is_settled(reading):
        yield from reading.make_flags(JAUNDICE)
    for rule in (DARK_URINE, PALE_STOOLS):
        if reading.meets(rule):
            yield rule.make_flag(symptom=liver_symptom(rule, reading.thresholds))


def _is_settled(reading: RuleInput) -> bool:
    limits, facts, yellow = reading.thresholds, reading.facts, reading.condition_of(JAUNDICE)
    if not limits.jaundice_settles_below_mg_dl:
        return reading.bilirubin_settled and not reading.is_new(yellow)
    known = [report for report in reading.earlier if "liver-signs" in report.answers]
    sign_days = {**worst_by_day(known, yellow), reading.current.on: True}
    return is_jaundice_settled(
        tuple(sign_days.items()),
        facts.bilirubins,
        facts.liver_assessed,
        on=reading.current.on,
        at=reading.current.entered_at,
        thresholds=limits,
    )


def evaluate_bilirubin(
    result: BilirubinResult, earlier: Sequence[BilirubinResult], *, thresholds: Thresholds
) -> tuple[Flag, ...]:
    """The flag of a result: by its stage, or because it is higher than the one before it. At most one."""
    before = max((one for one in earlier if one.sampled_at < result.sampled_at), key=_sampled, default=None)
    limits, stage = thresholds, result.stage
    risen = stage - before.stage if before else 0
    rule = None
    if limits.bilirubin_amber_stage and stage >= limits.bilirubin_amber_stage:
        rule = BILIRUBIN_AMBER
    if limits.bilirubin_red_stage and stage >= limits.bilirubin_red_stage:
        rule = BILIRUBIN_RED
    if limits.bilirubin_red_rise and risen >= limits.bilirubin_red_rise:
        rule = BILIRUBIN_RED
    return (rule.make_flag(value=result.value, unit=str(result.unit), stage=stage),) if rule else ()


def _sampled(result: BilirubinResult) -> datetime:
    return result.sampled_at
