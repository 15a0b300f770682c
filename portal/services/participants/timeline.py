"""The timeline: everything that happened to one participant, newest first, from every service that keeps records.

A fixed number of statements whatever the length. Paged by time: ``earlier`` is what to ask for next.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy.orm import Session

from portal import protocols
from portal.domain.alert_rules import Evidence
from portal.domain.protocol import LocalizedText
from portal.services.participants.entries import (
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
from portal.services.participants.shared_queries import RaisedFlag, SharedRows
from portal.services.participants.timeline_queries import ASSESSMENTS, CALLS, DIARIES, MISSED, STANDINGS, STEPS, TEXTS

LIMIT: Final = 120
MOMENT: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Timeline:
    """``earlier``: pass it as ``before`` for the next page; None at the beginning."""

    entries: tuple[Entry, ...]
    earlier: datetime | None


@dataclass(frozen=True, slots=True)
class TimelineSlice:
    """Up to ``limit`` entries of one participant in [.., before); ``rows``: what other parts read, too."""

    participant_id: int
    before: datetime
    limit: int
    rows: SharedRows

    @property
    def given(self) -> dict[str, Any]:
        return {"participant_id": self.participant_id, "before": self.before, "limit": self.limit}


Source = Callable[[Session, TimelineSlice], Iterable[Entry]]


def get_timeline(
    session: Session,
    *,
    participant_id: int,
    now: datetime,
    before: datetime | None = None,
    limit: int = LIMIT,
    show: str | None = None,
    rows: SharedRows | None = None,
) -> Timeline:
    """What happened until ``now``; with ``before``, strictly earlier than that. ``show``: only one of ``SOURCES``."""
    end = min(before, now) if before else now + MOMENT
    piece = TimelineSlice(participant_id, end, limit + 1, rows or SharedRows(session, participant_id))
    wanted = [source for name, group in SOURCES.items() if show in (None, name) for source in group]
    found = [entry for source in wanted for entry in source(session, piece)]
    found.sort(key=lambda entry: entry.at, reverse=True)
    kept = _whole_instants(found, limit)
    return Timeline(tuple(kept), kept[-1].at if len(kept) < len(found) else None)


def _whole_instants(found: Sequence[Entry], limit: int) -> Sequence[Entry]:
    """The first ``limit``, less those that share their instant with the first one left out."""
    if len(found) <= limit:
        return found
    kept = [entry for entry in found[:limit] if entry.at > found[limit].at]
    return kept or found[:limit]


def _diaries(session: Session, piece: TimelineSlice) -> Iterator[DiaryEntry]:
    diaries = session.execute(DIARIES, piece.given).all()
    evidence = _evidence(piece.rows.raised, {diary.id for diary in diaries})
    for id_, received_at, diary_on, timing, severity, answered_by, corrected_at in diaries:
        raised = evidence.get(id_, ())
        yield DiaryEntry(received_at, id_, diary_on, timing, severity, answered_by, raised, corrected_at)


def _evidence(raised: Iterable[RaisedFlag], diary_ids: Collection[int]) -> Mapping[int, tuple[Evidence, ...]]:
    """By report what it raised, each once, red first; a red of two ambers stands in two organs."""
    found: dict[int, list[Evidence]] = {}
    for one in raised:
        evidence = Evidence.from_json(one.evidence) if one.diary_id in diary_ids else None
        if evidence and evidence not in found.setdefault(one.diary_id, []):
            found[one.diary_id].append(evidence)
    return {key: tuple(listed) for key, listed in found.items()}


def _calendar(_session: Session, piece: TimelineSlice) -> Iterator[InfusionEntry | VisitEntry]:
    names = {visit.code: visit.name for visit in protocols.load_protocol().visits}
    for slot in piece.rows.slots:
        at = slot.started_at or slot.planned_at
        if at >= piece.before:
            continue
        if slot.kind == "infusion":
            yield InfusionEntry(at, slot.number, slot.state, moved=slot.planned_at != slot.original_at)
        else:
            yield VisitEntry(at, names.get(slot.code) or LocalizedText(slot.code, slot.code), slot.state)


def _texts(session: Session, piece: TimelineSlice) -> Iterator[MessageEntry]:
    return (MessageEntry(*row) for row in session.execute(TEXTS, piece.given))


def _steps(session: Session, piece: TimelineSlice) -> Iterator[StepEntry]:
    return (StepEntry(*row) for row in session.execute(STEPS, piece.given))


def _standings(session: Session, piece: TimelineSlice) -> Iterator[ParticipationEntry]:
    for at, kind, reason, name, role in session.execute(STANDINGS, piece.given):
        yield ParticipationEntry(at, kind, reason, name or role)


def _calls(session: Session, piece: TimelineSlice) -> Iterator[CallEntry]:
    return (CallEntry(*row) for row in session.execute(CALLS, piece.given))


def _results(_session: Session, piece: TimelineSlice) -> Iterator[ResultEntry]:
    for one in piece.rows.results:
        if one.at < piece.before:
            yield ResultEntry(one.at, one.kind, one.value, one.unit, one.voided_at is not None)


def _assessments(session: Session, piece: TimelineSlice) -> Iterator[AssessmentEntry]:
    for at, id_, grade, at_least, certainty, name, signature_id in session.execute(ASSESSMENTS, piece.given):
        yield AssessmentEntry(at, id_, grade, at_least, certainty, name, signature_id is not None)


def _missed(session: Session, piece: TimelineSlice) -> Iterator[MissedEntry]:
    return (MissedEntry(*row) for row in session.execute(MISSED, piece.given))


SOURCES: Final[Mapping[str, tuple[Source, ...]]] = MappingProxyType(
    {
        "triage": (_steps,),
        "diaries": (_diaries, _missed),
        "calls": (_calls,),
        "treatment": (_calendar,),
        "clinical": (_results, _assessments),
        "texts": (_texts,),
        "participation": (_standings,),
    }
)
