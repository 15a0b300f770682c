"""Everything that happened to one participant, newest first, from every room that keeps something.

A fixed number of statements whatever the length. Paged by time: ``earlier`` is what to ask for next.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, TypeVar

from sqlalchemy import Select, SQLColumnExpression, func, select
from sqlalchemy.orm import Session

from portal import protocols
from portal.domain.flags import Evidence
from portal.domain.protocol import Words
from portal.models.calendar import Infusion, Visit
from portal.models.clinical import Assessment, LabResult, MissedDiary, PhoneCall, Signature
from portal.models.diary import Diary
from portal.models.messages import Message
from portal.models.participation import ParticipationStep
from portal.models.people import Account, Staff
from portal.models.triage import Episode, EpisodeStep, Flag
from portal.services.participants.entries import (
    AssessmentEntry,
    CallEntry,
    DiaryEntry,
    Entry,
    InfusionEntry,
    MissedEntry,
    ResultEntry,
    StandingEntry,
    StepEntry,
    TextEntry,
    VisitEntry,
)

Rows = TypeVar("Rows", bound=Select[*tuple[Any, ...]])
LIMIT = 120
JOINED = "join"  # the report itself stands in the timeline already


@dataclass(frozen=True, slots=True)
class Timeline:
    """``earlier``: pass it as ``before`` for the next page; None at the beginning."""

    entries: tuple[Entry, ...]
    earlier: datetime | None


@dataclass(frozen=True, slots=True)
class Slice:
    """Up to ``limit`` entries of one participant in [.., before)."""

    participant_id: int
    before: datetime
    limit: int


Source = Callable[[Session, Slice, bool], Iterable[Entry]]


def timeline(
    session: Session,
    *,
    participant_id: int,
    now: datetime,
    before: datetime | None = None,
    limit: int = LIMIT,
    show: str | None = None,
) -> Timeline:
    """What happened until ``now``; with ``before``, strictly earlier than that. ``show``: only one of ``SOURCES``."""
    piece = Slice(participant_id, min(before, now) if before else now, limit + 1)
    including_now = before is None
    wanted = [source for name, group in SOURCES.items() if show in (None, name) for source in group]
    found = [entry for source in wanted for entry in source(session, piece, including_now)]
    found.sort(key=lambda entry: entry.at, reverse=True)
    kept = _whole_instants(found, limit)
    return Timeline(tuple(kept), kept[-1].at if len(kept) < len(found) else None)


def _whole_instants(found: Sequence[Entry], limit: int) -> Sequence[Entry]:
    """The first ``limit``, less those that share their instant with the first one left out."""
    if len(found) <= limit:
        return found
    kept = [entry for entry in found[:limit] if entry.at > found[limit].at]
    return kept or found[:limit]


def _cut(statement: Rows, at: SQLColumnExpression[Any], piece: Slice, including_now: bool) -> Rows:
    edge = at <= piece.before if including_now else at < piece.before
    return statement.where(edge).order_by(at.desc()).limit(piece.limit)


def _diaries(session: Session, piece: Slice, including_now: bool) -> Iterator[DiaryEntry]:
    statement = select(Diary).where(Diary.participant_id == piece.participant_id, Diary.superseded_at.is_(None))
    diaries = session.scalars(_cut(statement, Diary.received_at, piece, including_now)).all()
    evidence = _evidence(session, [diary.id for diary in diaries])
    for diary in diaries:
        yield DiaryEntry(
            at=diary.received_at,
            diary_id=diary.id,
            diary_on=diary.diary_on,
            timing=diary.timing,
            severity=diary.severity,
            answered_by=diary.answered_by,
            evidence=evidence.get(diary.id, ()),
            corrected_at=diary.corrected_at,
        )


def _evidence(session: Session, diary_ids: Sequence[int]) -> Mapping[int, tuple[Evidence, ...]]:
    """By report what it raised, each once, red first; a red of two ambers stands in two organs."""
    rows = session.execute(
        select(Flag.diary_id, Flag.evidence)
        .where(Flag.diary_id.in_(diary_ids), Flag.corrected_at.is_(None))
        .order_by(Flag.severity.desc(), Flag.id)
    )
    found: dict[int, list[Evidence]] = {}
    for diary_id, stored in rows:
        evidence = Evidence.from_json(stored)
        if evidence not in found.setdefault(diary_id, []):
            found[diary_id].append(evidence)
    return {key: tuple(listed) for key, listed in found.items()}


def _infusions(session: Session, piece: Slice, including_now: bool) -> Iterator[InfusionEntry]:
    at = func.coalesce(Infusion.started_at, Infusion.planned_at)
    statement = select(Infusion).where(Infusion.participant_id == piece.participant_id)
    for row in session.scalars(_cut(statement, at, piece, including_now)):
        moved = row.planned_at != row.original_at
        yield InfusionEntry(row.started_at or row.planned_at, row.number, row.state, moved)


def _visits(session: Session, piece: Slice, including_now: bool) -> Iterator[VisitEntry]:
    names = {visit.code: visit.name for visit in protocols.load().visits}
    statement = select(Visit).where(Visit.participant_id == piece.participant_id)
    for row in session.scalars(_cut(statement, Visit.planned_at, piece, including_now)):
        yield VisitEntry(row.planned_at, names.get(row.code) or Words(row.code, row.code), row.state)


def _texts(session: Session, piece: Slice, including_now: bool) -> Iterator[TextEntry]:
    at = func.coalesce(Message.sent_at, Message.not_before_at)
    statement = select(Message.sent_at, Message.not_before_at, Message.kind, Message.state, Message.reason).where(
        Message.participant_id == piece.participant_id
    )
    for sent_at, due_at, kind, state, reason in session.execute(_cut(statement, at, piece, including_now)):
        yield TextEntry(sent_at or due_at, kind, state, reason)


def _steps(session: Session, piece: Slice, including_now: bool) -> Iterator[StepEntry]:
    statement = (
        select(EpisodeStep, Episode.organ, Staff.name)
        .join(Episode, Episode.id == EpisodeStep.episode_id)
        .outerjoin(Staff, Staff.id == EpisodeStep.staff_id)
        .where(Episode.participant_id == piece.participant_id, EpisodeStep.kind != JOINED)
    )
    rows = session.execute(_cut(statement, EpisodeStep.at, piece, including_now).order_by(EpisodeStep.id.desc()))
    for step, organ, name in rows:
        yield StepEntry(step.at, step.episode_id, organ, step.kind, name, step.note)


def _standings(session: Session, piece: Slice, including_now: bool) -> Iterator[StandingEntry]:
    statement = (
        select(ParticipationStep, Staff.name, Account.role)
        .outerjoin(Staff, Staff.id == ParticipationStep.staff_id)
        .outerjoin(Account, Account.id == ParticipationStep.account_id)
        .where(ParticipationStep.participant_id == piece.participant_id)
    )
    for row, name, role in session.execute(_cut(statement, ParticipationStep.at, piece, including_now)):
        yield StandingEntry(row.at, row.kind, row.reason, name or role)


def _calls(session: Session, piece: Slice, including_now: bool) -> Iterator[CallEntry]:
    statement = (
        select(PhoneCall, Staff.name)
        .join(Staff, Staff.id == PhoneCall.staff_id)
        .where(PhoneCall.participant_id == piece.participant_id)
    )
    for row, name in session.execute(_cut(statement, PhoneCall.called_at, piece, including_now)):
        yield CallEntry(row.called_at, row.whom, row.outcome, name, row.note)


def _results(session: Session, piece: Slice, including_now: bool) -> Iterator[ResultEntry]:
    statement = select(LabResult).where(LabResult.participant_id == piece.participant_id)
    for row in session.scalars(_cut(statement, LabResult.measured_at, piece, including_now)):
        yield ResultEntry(row.measured_at, row.kind, row.value, row.unit, row.voided_at is not None)


def _assessments(session: Session, piece: Slice, including_now: bool) -> Iterator[AssessmentEntry]:
    statement = (
        select(Assessment, Staff.name, Signature.id)
        .join(Staff, Staff.id == Assessment.created_by_id)
        .outerjoin(Signature, Signature.assessment_id == Assessment.id)
        .where(Assessment.participant_id == piece.participant_id)
    )
    for row, name, signature_id in session.execute(_cut(statement, Assessment.created_at, piece, including_now)):
        yield AssessmentEntry(
            at=row.created_at,
            assessment_id=row.id,
            grade=row.grade,
            at_least=row.at_least,
            certainty=row.certainty,
            name=name,
            signed=signature_id is not None,
        )


def _missed(session: Session, piece: Slice, including_now: bool) -> Iterator[MissedEntry]:
    statement = select(MissedDiary).where(MissedDiary.participant_id == piece.participant_id)
    for row in session.scalars(_cut(statement, MissedDiary.judged_at, piece, including_now)):
        yield MissedEntry(row.judged_at, row.missed_on, row.in_row, row.severity)


SOURCES: Final[Mapping[str, tuple[Source, ...]]] = MappingProxyType(
    {
        "triage": (_steps,),
        "diaries": (_diaries, _missed),
        "calls": (_calls,),
        "treatment": (_infusions, _visits),
        "clinical": (_results, _assessments),
        "texts": (_texts,),
        "participation": (_standings,),
    }
)
