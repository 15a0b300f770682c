"""One participant's timeline in words, as ``components/timeline.html`` wants its entries."""

from datetime import datetime
from functools import singledispatch
from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.services.participants import DiaryEntry, Entry, InfusionEntry, StepEntry, TextEntry, VisitEntry
from portal.web import evidence
from portal.web.staff_messages import KINDS, REASONS, STATES
from portal.web.words import day_words, in_language, when_words

INFUSION_STATES: Final = {
    "planned": _l("planned, nothing recorded yet"),
    "confirmed": _l("confirmed, nothing recorded yet"),
    "given": _l("given"),
    "held": _l("held"),
    "missed": _l("missed"),
    "cancelled": _l("cancelled"),
}
VISIT_STATES: Final = {
    "planned": _l("planned, nothing recorded yet"),
    "attended": _l("took place"),
    "missed": _l("missed"),
    "cancelled": _l("cancelled"),
}


@singledispatch
def entry_words(entry: Entry) -> dict[str, Any]:
    """An entry as ``components/timeline.html`` wants it."""
    raise TypeError(type(entry).__name__)


def _entry(at: datetime, what: str, **more: Any) -> dict[str, Any]:
    return {"when": when_words(at), "at": at.isoformat(), "what": what, "tone": "", "lines": []} | more


@entry_words.register
def _diary(entry: DiaryEntry) -> dict[str, Any]:
    what = _("Diary of %(day)s, %(timing)s", day=day_words(entry.diary_on), timing=evidence.TIMINGS[entry.timing])
    return _entry(
        entry.at,
        what,
        kind="diary",
        tone=entry.severity or "",
        severity=entry.severity,
        lines=[*evidence.evidence_list(entry.evidence), *_corrected(entry)],
        answered_by=entry.answered_by,
        diary_id=entry.diary_id,
    )


def _corrected(entry: DiaryEntry) -> list[str]:
    return (
        [_("Corrected by the participant on %(when)s.", when=when_words(entry.corrected_at))]
        if entry.corrected_at
        else []
    )


@entry_words.register
def _infusion(entry: InfusionEntry) -> dict[str, Any]:
    state = INFUSION_STATES[entry.state]
    what = _("Infusion %(number)s: %(state)s", number=entry.number, state=state)
    return _entry(entry.at, what, kind="infusion", lines=[_("It had been moved.")] if entry.moved else [])


@entry_words.register
def _visit(entry: VisitEntry) -> dict[str, Any]:
    what = _("%(visit)s: %(state)s", visit=in_language(entry.name), state=VISIT_STATES.get(entry.state, entry.state))
    return _entry(entry.at, what, kind="visit")


@entry_words.register
def _text(entry: TextEntry) -> dict[str, Any]:
    kind, state = KINDS.get(entry.kind, entry.kind), STATES.get(entry.state, entry.state)
    reason = [str(REASONS.get(entry.reason, entry.reason))] if entry.reason else []
    return _entry(entry.at, _("Text, %(kind)s: %(state)s", kind=kind, state=state), kind="text", lines=reason)


@entry_words.register
def _step(entry: StepEntry) -> dict[str, Any]:
    what = _("%(organ)s: %(step)s", organ=evidence.ORGANS[entry.organ], step=evidence.STEPS[entry.kind])
    lines = [line for line in (entry.name, entry.note) if line]
    return _entry(entry.at, what, kind="step", lines=lines, episode_id=entry.episode_id)
