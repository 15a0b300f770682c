"""The rules about the skin: rash by extent, growth and persistence, blisters and peeling."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from portal.domain.alert_rules.comparison import RASH_PERCENT, Comparison
from portal.domain.alert_rules.kinds import AlertRule, Flag, Organ, Severity, answer_rule
from portal.domain.alert_rules.reading import RuleInput
from portal.domain.magic import CITATION, skin_stage, skin_stage_4_possible
from portal.domain.msgid import N_
from portal.domain.reports import Answers, has_rash, rash_percent

SKIN, AREAS = (Organ.SKIN,), ("skin-change", "skin-areas")

BLISTERS = answer_rule(
    "skin-blisters-red",
    Organ.SKIN,
    Severity.RED,
    Comparison("skin-blisters", "=", True),
    N_("Blisters"),
    N_("Blisters on the skin"),
    symptom="skin-damage",
    citation=CITATION,
)
PEELING = answer_rule(
    "skin-peeling-red",
    Organ.SKIN,
    Severity.RED,
    Comparison("skin-peeling", "=", True),
    N_("Peeling skin"),
    N_("Skin is peeling"),
    symptom="skin-damage",
    citation=CITATION,
)
STAGE_4 = AlertRule(
    id="skin-stage-4-possible",
    organs=SKIN,
    severity=Severity.RED,
    symptom="rash",
    link_ids=(*AREAS, "skin-blisters", "skin-peeling"),
    title=N_("Possible skin stage 4"),
    words=N_("Possible stage 4, clinician to confirm: rash on %(percent)s %% of the body with blisters and peeling"),
    rests_on=("rash_red_above_percent",),
    on_device=None,
    citation=CITATION,
)
EXTENT_RED = AlertRule(
    id="rash-extent-red",
    organs=SKIN,
    severity=Severity.RED,
    symptom="rash",
    link_ids=AREAS,
    title=N_("Rash on more than half of the body"),
    words=N_("Rash on %(percent)s %% of the body (red above %(limit)s %%)"),
    rests_on=("rash_red_above_percent",),
    on_device=Comparison(RASH_PERCENT, ">", "rash_red_above_percent"),
    citation=CITATION,
)
EXTENT_AMBER = AlertRule(
    id="rash-extent-amber",
    organs=SKIN,
    severity=Severity.AMBER,
    symptom="rash",
    link_ids=AREAS,
    title=N_("Rash on a quarter of the body or more"),
    words=N_("Rash on %(percent)s %% of the body (amber from %(limit)s %%)"),
    rests_on=("rash_amber_percent", "rash_red_above_percent", "rash_assessed_growth_points"),
    on_device=None,
    citation=CITATION,
)
NEW = answer_rule(
    "rash-new",
    Organ.SKIN,
    Severity.AMBER,
    Comparison("skin-change", "=", True),
    N_("New rash"),
    N_("Redness or rash that was not in the last report"),
    symptom="rash",
)
PERSISTING = AlertRule(
    id="rash-persisting",
    organs=SKIN,
    severity=Severity.AMBER,
    symptom="rash",
    link_ids=("skin-change",),
    title=N_("Rash still there, not yet assessed"),
    words=N_("Redness or rash is still there and no clinician has assessed it"),
    rests_on=("assessment_free_days",),
    on_device=None,
)
GROWING = AlertRule(
    id="rash-growing",
    organs=SKIN,
    severity=Severity.AMBER,
    symptom="rash",
    link_ids=AREAS,
    title=N_("Rash is spreading"),
    words=N_("Rash up from %(before)s %% to %(percent)s %% of the body within %(days)s days"),
    rests_on=("rash_growth_points", "rash_growth_days"),
    on_device=None,
)

RULES = (BLISTERS, PEELING, STAGE_4, EXTENT_RED, EXTENT_AMBER, NEW, PERSISTING, GROWING)


def find_flags(reading: RuleInput) -> Iterator[Flag]:
    """The flags of the skin answers; none without redness or rash."""
    if not has_rash(reading.answers):
        return
    yield from reading.make_flags(BLISTERS, PEELING)
    extent = rash_percent(reading.answers, age=reading.age)
    if extent is not None:
        yield from _extent(reading, extent)
    if reading.is_new(reading.condition_of(NEW)):
        yield NEW.make_flag()
    elif not is_rash_assessed(reading):
        yield PERSISTING.make_flag()


def _extent(reading: RuleInput, extent: Decimal) -> Iterator[Flag]:
    limits = reading.thresholds
    if skin_stage_4_possible(reading.answers, age=reading.age, thresholds=limits):
        yield STAGE_4.make_flag(percent=extent)
    if reading.meets(EXTENT_RED):
        yield EXTENT_RED.make_flag(percent=extent, limit=reading.limit_of(EXTENT_RED))
    elif extent >= limits.rash_amber_percent:
        damped = is_rash_known(reading, extent)
        yield EXTENT_AMBER.make_flag(percent=extent, limit=limits.rash_amber_percent, damped=damped)
    before = _least_recent_extent(reading)
    if before is not None and extent - before >= limits.rash_growth_points:
        yield GROWING.make_flag(before=before, percent=extent, days=limits.rash_growth_days)


def _least_recent_extent(reading: RuleInput) -> Decimal | None:
    """The smallest extent reported within the days over which growth is judged."""
    since = reading.current.on - timedelta(days=reading.thresholds.rash_growth_days)
    recent = (report.answers for report in reading.earlier if since <= report.on <= reading.current.on)
    extents = (rash_percent(answers, age=reading.age) for answers in recent)
    return min((extent for extent in extents if extent is not None), default=None)


def is_rash_assessed(reading: RuleInput) -> bool:
    """Whether a clinician's assessment of this rash still holds: until the skin was free for some known days."""
    free_days, signed_at = reading.thresholds.assessment_free_days, reading.facts.rash_assessed_at
    if not free_days or signed_at is None or signed_at > reading.current.entered_at:
        return reading.rash_assessed
    return not reading.free_since(has_rash_known, signed_at, free_days)


def has_rash_known(answers: Answers) -> bool | None:
    return has_rash(answers) if "skin-change" in answers else None


def is_rash_known(reading: RuleInput, extent: Decimal) -> bool:
    """Whether a rash of the amber extent is no news: assessed, not new, and neither much larger nor of a higher stage
    than when that was signed. An extent that nobody knows damps nothing.
    """
    limits, signed_at = reading.thresholds, reading.facts.rash_assessed_at
    if not limits.rash_assessed_growth_points or signed_at is None or not is_rash_assessed(reading):
        return False
    if reading.is_new(reading.condition_of(NEW)):
        return False
    extents = (rash_percent(one.answers, age=reading.age) for one in reading.earlier if one.entered_at <= signed_at)
    assessed = [known for known in extents if known is not None][-1:]
    if not assessed:
        return False
    grown = extent - assessed[0] >= limits.rash_assessed_growth_points
    return not grown and skin_stage(extent) <= skin_stage(assessed[0])
