"""One participant's timeline in words, as ``components/timeline.html`` wants its entries."""

from datetime import datetime
from functools import singledispatch
from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.domain.alert_rules.kinds import format_decimal
from portal.services.participants import (
    AssessmentEntry,
    CallEntry,
    DiaryEntry,
    Entry,
    InfusionEntry,
    MessageEntry,
    MissedEntry,
    ParticipationEntry,
    ResultEntry,
    StepEntry,
    VisitEntry,
)
from portal.web.labels import triage
from portal.web.labels.assessments import CERTAINTIES, UNITS
from portal.web.labels.assessments import KINDS as RESULTS
from portal.web.labels.calls import OUTCOMES, WHOM
from portal.web.labels.dates import day_label, instant_label, localized_text
from portal.web.labels.messages import KINDS, REASONS, STATES

INFUSION_STATES: Final = {
    "planned": _l("planned, nothing recorded yet"),
    "confirmed": _l("confirmed, nothing recorded yet"),
    "given": _l("given"),
    "held": _l("held"),
    "missed": _l("missed"),
    "cancelled": _l("cancelled"),
}
# What of the timeline may be asked for by itself; the keys are those of ``participants.SOURCES``.
SHOWN: Final = {
    "diaries": _l("diaries"),
    "triage": _l("triage"),
    "calls": _l("calls"),
    "treatment": _l("infusions and visits"),
    "clinical": _l("results and assessments"),
    "texts": _l("messages"),
    "participation": _l("participation"),
}
STANDINGS: Final = {
    "pause": _l("Participation paused"),
    "resume": _l("Participation resumed"),
    "withdraw": _l("Participation withdrawn"),
    "lose": _l("Lost to follow-up"),
    "find": _l("Found again"),
    "die": _l("Died"),
    "complete": _l("Participation completed"),
    "reinstate": _l("Participation reinstated"),
}
VISIT_STATES: Final = {
    "planned": _l("planned, nothing recorded yet"),
    "attended": _l("took place"),
    "missed": _l("missed"),
    "cancelled": _l("cancelled"),
}


@singledispatch
def entry_label(entry: Entry) -> dict[str, Any]:
    """An entry as ``components/timeline.html`` wants it."""
    raise TypeError(type(entry).__name__)


def _entry(at: datetime, what: str, **more: Any) -> dict[str, Any]:
    return {"when": instant_label(at), "at": at.isoformat(), "what": what, "tone": "", "lines": []} | more


@entry_label.register
def _diary(entry: DiaryEntry) -> dict[str, Any]:
    what = _("Diary of %(day)s, %(timing)s", day=day_label(entry.diary_on), timing=triage.TIMINGS[entry.timing])
    return _entry(
        entry.at,
        what,
        kind="diary",
        tone=entry.severity or "",
        severity=entry.severity,
        lines=[*triage.evidence_labels(entry.evidence), *_corrected(entry)],
        answered_by=entry.answered_by,
        diary_id=entry.diary_id,
    )


def _corrected(entry: DiaryEntry) -> list[str]:
    return (
        [_("Corrected by the participant on %(when)s.", when=instant_label(entry.corrected_at))]
        if entry.corrected_at
        else []
    )


@entry_label.register
def _infusion(entry: InfusionEntry) -> dict[str, Any]:
    state = INFUSION_STATES[entry.state]
    what = _("Infusion %(number)s: %(state)s", number=entry.number, state=state)
    return _entry(entry.at, what, kind="infusion", lines=[_("It had been moved.")] if entry.moved else [])


@entry_label.register
def _visit(entry: VisitEntry) -> dict[str, Any]:
    what = _("%(visit)s: %(state)s", visit=localized_text(entry.name), state=VISIT_STATES.get(entry.state, entry.state))
    return _entry(entry.at, what, kind="visit")


@entry_label.register
def _text(entry: MessageEntry) -> dict[str, Any]:
    kind, state = KINDS.get(entry.kind, entry.kind), STATES.get(entry.state, entry.state)
    reason = [str(REASONS.get(entry.reason, entry.reason))] if entry.reason else []
    return _entry(entry.at, _("Message, %(kind)s: %(state)s", kind=kind, state=state), kind="text", lines=reason)


@entry_label.register
def _step(entry: StepEntry) -> dict[str, Any]:
    what = _("%(organ)s: %(step)s", organ=triage.ORGANS[entry.organ], step=triage.STEPS[entry.kind])
    lines = [line for line in (entry.name, entry.note) if line]
    return _entry(entry.at, what, kind="step", lines=lines, episode_id=entry.episode_id)


@entry_label.register
def _standing(entry: ParticipationEntry) -> dict[str, Any]:
    by = triage.ROLES.get(entry.by, entry.by) if entry.by else _("by the clock")
    lines = [str(line) for line in (by, entry.reason) if line]
    return _entry(entry.at, str(STANDINGS.get(entry.kind, entry.kind)), kind="standing", lines=lines)


@entry_label.register
def _call(entry: CallEntry) -> dict[str, Any]:
    what = _("Call to %(whom)s: %(outcome)s", whom=WHOM[entry.whom], outcome=OUTCOMES[entry.outcome])
    return _entry(entry.at, what, kind="call", lines=[line for line in (entry.name, entry.note) if line])


@entry_label.register
def _result(entry: ResultEntry) -> dict[str, Any]:
    value = f"{format_decimal(entry.value)} {UNITS.get(entry.unit, entry.unit)}"
    what = _("%(kind)s: %(value)s", kind=RESULTS.get(entry.kind, entry.kind), value=value)
    return _entry(entry.at, what, kind="result", lines=[_("void")] if entry.voided else [])


@entry_label.register
def _assessment(entry: AssessmentEntry) -> dict[str, Any]:
    grade = entry.grade or _("at least %(grade)s", grade=entry.at_least)
    what = _("Assessment: grade %(grade)s, %(certainty)s", grade=grade, certainty=CERTAINTIES[entry.certainty])
    lines = [entry.name, _("signed") if entry.signed else _("not signed")]
    return _entry(entry.at, what, kind="assessment", lines=lines, assessment_id=entry.assessment_id)


@entry_label.register
def _missed(entry: MissedEntry) -> dict[str, Any]:
    what = _("No diary for %(day)s", day=day_label(entry.missed_on))
    row = [_("missed in a row: %(number)s", number=entry.in_row)] if entry.in_row > 1 else []
    return _entry(entry.at, what, kind="missed", tone=entry.severity or "", lines=row)
