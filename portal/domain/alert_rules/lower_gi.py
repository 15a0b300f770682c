"""Bowel: loose stool by volume and by count (each suffices), blood, and abdominal pain."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from portal.domain.alert_rules.kinds import UKONS, Flag, Organ, Rule, Severity, worst
from portal.domain.alert_rules.reading import Reading
from portal.domain.magic import CITATION, lower_gi_stage_4_possible
from portal.domain.msgid import N_
from portal.domain.protocol import Band, Thresholds
from portal.domain.reports import number
from portal.domain.scales import Scale, Stool, Volume, counting, stool_of, volumes

LOWER = (Organ.LOWER_GI,)
STOOL_LINKS = ("loose-stool-count", "stool-volume-ml", "stool-unmeasured-count")
ADULT_WORDS = N_("Loose stool %(count)s times, about %(volume)s mL in 24 hours")
CHILD_WORDS = N_("Loose stool %(count)s times, about %(volume)s mL per kg in 24 hours (child scale)")
BOTH_WORDS = N_("Loose stool %(count)s times; weight unknown, so the worse of the adult and the child scale was used")

STOOL: Mapping[Severity, Rule] = {
    Severity.RED: Rule(
        id="stool-red",
        organs=LOWER,
        severity=Severity.RED,
        symptom="loose-stool",
        link_ids=STOOL_LINKS,
        title=N_("Much loose stool"),
        words=ADULT_WORDS,
        citation=CITATION,
    ),
    Severity.AMBER: Rule(
        id="stool-amber",
        organs=LOWER,
        severity=Severity.AMBER,
        symptom="loose-stool",
        link_ids=STOOL_LINKS,
        title=N_("Loose stool"),
        words=ADULT_WORDS,
        citation=CITATION,
    ),
}
BLOOD_RED = Rule(
    id="stool-blood-red",
    organs=LOWER,
    severity=Severity.RED,
    symptom="stool-blood",
    link_ids=("stool-blood",),
    title=N_("Blood in stool"),
    words=N_("Obvious blood in stool"),
    citation=UKONS,
)
BLOOD_AMBER = Rule(
    id="stool-streaks-amber",
    organs=LOWER,
    severity=Severity.AMBER,
    symptom="stool-blood",
    link_ids=("stool-blood",),
    title=N_("Streaks of blood in stool"),
    words=N_("Streaks of blood in stool"),
    citation=UKONS,
)
PAIN_RED = Rule(
    id="pain-red",
    organs=LOWER,
    severity=Severity.RED,
    symptom="abdominal-pain",
    link_ids=("abdominal-pain",),
    title=N_("Severe abdominal pain"),
    words=N_("Abdominal pain: %(score)s of 4, red from %(limit)s"),
    citation=UKONS,
)
PAIN_AMBER = Rule(
    id="pain-amber",
    organs=LOWER,
    severity=Severity.AMBER,
    symptom="abdominal-pain",
    link_ids=("abdominal-pain",),
    title=N_("Moderate abdominal pain"),
    words=N_("Abdominal pain: %(score)s of 4, amber from %(limit)s"),
    citation=UKONS,
)
STAGE_4 = Rule(
    id="lower-gi-stage-4-possible",
    organs=LOWER,
    severity=Severity.RED,
    symptom="stool-blood",
    link_ids=("stool-blood", "abdominal-pain"),
    title=N_("Possible lower GI stage 4"),
    words=N_("Possible stage 4, clinician to confirm: severe abdominal pain or obvious blood in stool"),
    citation=CITATION,
)

RULES = (*STOOL.values(), BLOOD_RED, BLOOD_AMBER, PAIN_RED, PAIN_AMBER, STAGE_4)


def flags(reading: Reading) -> Iterator[Flag]:
    """What the bowel answers raise; nothing when there was no bowel trouble."""
    answers = reading.answers
    if answers.get("bowel-trouble") is False:
        return
    stool = stool_of(answers)
    if stool is not None:
        yield from _stool(reading, stool)
    if answers.get("stool-blood") == "obvious":
        yield BLOOD_RED.flag()
    if answers.get("stool-blood") == "streaks":
        yield BLOOD_AMBER.flag()
    yield from _pain(number(answers, "abdominal-pain") or 0, reading.thresholds)
    if lower_gi_stage_4_possible(answers, thresholds=reading.thresholds):
        yield STAGE_4.flag()


def _stool(reading: Reading, stool: Stool) -> Iterator[Flag]:
    limits = reading.thresholds
    possible = volumes(stool, age=reading.age, weight_kg=reading.weight_kg, rules=counting(limits))
    severity = worst(_stool_severity(volume, stool.loose, limits) for volume in possible)
    if severity is None:
        return
    if len(possible) > 1:
        yield STOOL[severity].flag(words=BOTH_WORDS, count=stool.loose)
        return
    words = CHILD_WORDS if possible[0].scale is Scale.CHILD else ADULT_WORDS
    yield STOOL[severity].flag(words=words, count=stool.loose, volume=possible[0].amount)


def _stool_severity(volume: Volume, count: int, limits: Thresholds) -> Severity | None:
    child = volume.scale is Scale.CHILD
    by_volume = limits.stool_child_ml_per_kg if child else limits.stool_ml
    by_count = limits.stool_child_episodes if child else limits.stool_episodes
    return worst((_in_band(volume.amount, by_volume), _in_band(Decimal(count), by_count)))


def _in_band(value: Decimal, band: Band) -> Severity | None:
    if value >= band.red:
        return Severity.RED
    return Severity.AMBER if value >= band.amber else None


def _pain(score: int, limits: Thresholds) -> Iterator[Flag]:
    if score >= limits.pain_red_score:
        yield PAIN_RED.flag(score=score, limit=limits.pain_red_score)
    elif score >= limits.pain_amber_score:
        yield PAIN_AMBER.flag(score=score, limit=limits.pain_amber_score)
