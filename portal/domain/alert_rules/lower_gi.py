"""The rules about the bowel: loose stool by volume and by count (each suffices), blood, and abdominal pain."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from portal.domain.alert_rules.comparison import Comparison
from portal.domain.alert_rules.kinds import AlertRule, Flag, Organ, Severity, answer_rule, find_worst_severity
from portal.domain.alert_rules.reading import RuleInput
from portal.domain.magic import CITATION, lower_gi_stage_4_possible
from portal.domain.msgid import N_
from portal.domain.protocol import AlertBand, Thresholds
from portal.domain.reports import answer_number
from portal.domain.scales import LooseStool, StoolScale, StoolVolume, possible_volumes, protocol_counting, stool_of

ADULT_WORDS = N_("Loose stool %(count)s times, about %(volume)s mL in 24 hours")
CHILD_WORDS = N_("Loose stool %(count)s times, about %(volume)s mL per kg in 24 hours (child scale)")
BOTH_WORDS = N_("Loose stool %(count)s times; weight unknown, so the worse of the adult and the child scale was used")


def _stool_rule(name: str, severity: Severity, title: str) -> AlertRule:
    return AlertRule(
        id=name,
        organs=(Organ.LOWER_GI,),
        severity=severity,
        symptom="loose-stool",
        link_ids=("loose-stool-count", "stool-volume-ml", "stool-unmeasured-count"),
        title=title,
        words=ADULT_WORDS,
        rests_on=(
            "stool_ml",
            "stool_episodes",
            "stool_child_ml_per_kg",
            "stool_child_episodes",
            "unmeasured_episode_ml",
            "unmeasured_episode_child_ml_per_kg",
            "child_age_below",
            "child_weight_kg_max",
        ),
        on_device=None,  # the phone has ``device_stool``
        citation=CITATION,
    )


STOOL: Mapping[Severity, AlertRule] = {
    Severity.RED: _stool_rule("stool-red", Severity.RED, N_("Much loose stool")),
    Severity.AMBER: _stool_rule("stool-amber", Severity.AMBER, N_("Loose stool")),
}
BLOOD_RED = answer_rule(
    "stool-blood-red",
    Organ.LOWER_GI,
    Severity.RED,
    Comparison("stool-blood", "=", "obvious"),
    N_("Blood in stool"),
    N_("Obvious blood in stool"),
)
BLOOD_AMBER = answer_rule(
    "stool-streaks-amber",
    Organ.LOWER_GI,
    Severity.AMBER,
    Comparison("stool-blood", "=", "streaks"),
    N_("Streaks of blood in stool"),
    N_("Streaks of blood in stool"),
)
PAIN_RED = answer_rule(
    "pain-red",
    Organ.LOWER_GI,
    Severity.RED,
    Comparison("abdominal-pain", ">=", "pain_red_score"),
    N_("Severe abdominal pain"),
    N_("Abdominal pain: %(score)s of 4, red from %(limit)s"),
)
PAIN_AMBER = answer_rule(
    "pain-amber",
    Organ.LOWER_GI,
    Severity.AMBER,
    Comparison("abdominal-pain", ">=", "pain_amber_score"),
    N_("Moderate abdominal pain"),
    N_("Abdominal pain: %(score)s of 4, amber from %(limit)s"),
    also_rests_on=("pain_red_score",),
)
STAGE_4 = AlertRule(
    id="lower-gi-stage-4-possible",
    organs=(Organ.LOWER_GI,),
    severity=Severity.RED,
    symptom="stool-blood",
    link_ids=("stool-blood", "abdominal-pain"),
    title=N_("Possible lower GI stage 4"),
    words=N_("Possible stage 4, clinician to confirm: severe abdominal pain or obvious blood in stool"),
    rests_on=("pain_red_score",),
    on_device=None,
    citation=CITATION,
)

RULES = (*STOOL.values(), BLOOD_RED, BLOOD_AMBER, PAIN_RED, PAIN_AMBER, STAGE_4)


def find_flags(reading: RuleInput) -> Iterator[Flag]:
    """The flags of the bowel answers; none when there was no bowel trouble."""
    answers = reading.answers
    if answers.get("bowel-trouble") is False:
        return
    stool = stool_of(answers)
    if stool is not None:
        yield from _stool(reading, stool)
    yield from reading.make_flags(BLOOD_RED, BLOOD_AMBER)
    score, rule = answer_number(answers, "abdominal-pain"), reading.first_met(PAIN_RED, PAIN_AMBER)
    if score is not None and rule is not None:
        yield rule.make_flag(score=score, limit=reading.limit_of(rule))
    if lower_gi_stage_4_possible(answers, thresholds=reading.thresholds):
        yield STAGE_4.make_flag()


def _stool(reading: RuleInput, stool: LooseStool) -> Iterator[Flag]:
    limits = reading.thresholds
    possible = possible_volumes(stool, age=reading.age, weight_kg=reading.weight_kg, rules=protocol_counting(limits))
    severity = find_worst_severity(_stool_severity(volume, stool.loose, limits) for volume in possible)
    if severity is None:
        return
    if len(possible) > 1:
        yield STOOL[severity].make_flag(words=BOTH_WORDS, count=stool.loose)
        return
    words = CHILD_WORDS if possible[0].scale is StoolScale.CHILD else ADULT_WORDS
    yield STOOL[severity].make_flag(words=words, count=stool.loose, volume=possible[0].amount)


def _stool_severity(volume: StoolVolume, count: int, limits: Thresholds) -> Severity | None:
    child = volume.scale is StoolScale.CHILD
    by_volume = limits.stool_child_ml_per_kg if child else limits.stool_ml
    by_count = limits.stool_child_episodes if child else limits.stool_episodes
    return find_worst_severity((_in_band(volume.amount, by_volume), _in_band(Decimal(count), by_count)))


def _in_band(value: Decimal, band: AlertBand) -> Severity | None:
    if value >= band.red:
        return Severity.RED
    return Severity.AMBER if value >= band.amber else None
