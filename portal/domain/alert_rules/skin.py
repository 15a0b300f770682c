"""Skin: rash by extent, growth and persistence, blisters and peeling."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from portal.domain.alert_rules.kinds import UKONS, Flag, Organ, Rule, Severity
from portal.domain.alert_rules.reading import Reading
from portal.domain.magic import CITATION, skin_stage_4_possible
from portal.domain.msgid import N_
from portal.domain.reports import has_rash, rash_percent

SKIN, AREAS = (Organ.SKIN,), ("skin-change", "skin-areas")

BLISTERS = Rule(
    id="skin-blisters-red",
    organs=SKIN,
    severity=Severity.RED,
    symptom="skin-damage",
    link_ids=("skin-blisters",),
    title=N_("Blisters"),
    words=N_("Blisters on the skin"),
    citation=CITATION,
)
PEELING = Rule(
    id="skin-peeling-red",
    organs=SKIN,
    severity=Severity.RED,
    symptom="skin-damage",
    link_ids=("skin-peeling",),
    title=N_("Peeling skin"),
    words=N_("Skin is peeling"),
    citation=CITATION,
)
STAGE_4 = Rule(
    id="skin-stage-4-possible",
    organs=SKIN,
    severity=Severity.RED,
    symptom="rash",
    link_ids=(*AREAS, "skin-blisters", "skin-peeling"),
    title=N_("Possible skin stage 4"),
    words=N_("Possible stage 4, clinician to confirm: rash on %(percent)s %% of the body with blisters and peeling"),
    citation=CITATION,
)
EXTENT_RED = Rule(
    id="rash-extent-red",
    organs=SKIN,
    severity=Severity.RED,
    symptom="rash",
    link_ids=AREAS,
    title=N_("Rash on more than half of the body"),
    words=N_("Rash on %(percent)s %% of the body (red above %(limit)s %%)"),
    citation=CITATION,
)
EXTENT_AMBER = Rule(
    id="rash-extent-amber",
    organs=SKIN,
    severity=Severity.AMBER,
    symptom="rash",
    link_ids=AREAS,
    title=N_("Rash on a quarter of the body or more"),
    words=N_("Rash on %(percent)s %% of the body (amber from %(limit)s %%)"),
    citation=CITATION,
)
NEW = Rule(
    id="rash-new",
    organs=SKIN,
    severity=Severity.AMBER,
    symptom="rash",
    link_ids=("skin-change",),
    title=N_("New rash"),
    words=N_("Redness or rash that was not in the last report"),
    citation=UKONS,
)
PERSISTING = Rule(
    id="rash-persisting",
    organs=SKIN,
    severity=Severity.AMBER,
    symptom="rash",
    link_ids=("skin-change",),
    title=N_("Rash still there, not yet assessed"),
    words=N_("Redness or rash is still there and no clinician has assessed it"),
)
GROWING = Rule(
    id="rash-growing",
    organs=SKIN,
    severity=Severity.AMBER,
    symptom="rash",
    link_ids=AREAS,
    title=N_("Rash is spreading"),
    words=N_("Rash up from %(before)s %% to %(percent)s %% of the body within %(days)s days"),
)

RULES = (BLISTERS, PEELING, STAGE_4, EXTENT_RED, EXTENT_AMBER, NEW, PERSISTING, GROWING)


def flags(reading: Reading) -> Iterator[Flag]:
    """What the skin answers raise; nothing without redness or rash."""
    answers = reading.answers
    if not has_rash(answers):
        return
    if answers.get("skin-blisters") is True:
        yield BLISTERS.flag()
    if answers.get("skin-peeling") is True:
        yield PEELING.flag()
    extent = rash_percent(answers, age=reading.age)
    if extent is not None:
        yield from _extent(reading, extent)
    if reading.is_new(has_rash):
        yield NEW.flag()
    elif not reading.rash_assessed:
        yield PERSISTING.flag()


def _extent(reading: Reading, extent: Decimal) -> Iterator[Flag]:
    limits = reading.thresholds
    if skin_stage_4_possible(reading.answers, age=reading.age, thresholds=limits):
        yield STAGE_4.flag(percent=extent)
    if extent > limits.rash_red_above_percent:
        yield EXTENT_RED.flag(percent=extent, limit=limits.rash_red_above_percent)
    elif extent >= limits.rash_amber_percent:
        yield EXTENT_AMBER.flag(percent=extent, limit=limits.rash_amber_percent)
    before = _least_recent_extent(reading)
    if before is not None and extent - before >= limits.rash_growth_points:
        yield GROWING.flag(before=before, percent=extent, days=limits.rash_growth_days)


def _least_recent_extent(reading: Reading) -> Decimal | None:
    """The smallest extent reported within the days over which growth is judged."""
    since = reading.current.on - timedelta(days=reading.thresholds.rash_growth_days)
    recent = (report.answers for report in reading.earlier if since <= report.on <= reading.current.on)
    extents = (rash_percent(answers, age=reading.age) for answers in recent)
    return min((extent for extent in extents if extent is not None), default=None)
