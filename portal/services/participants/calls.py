"""The contact log: calls recorded for themselves, and those that were a step of an episode."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, CompoundSelect, String, bindparam, desc, null, select, type_coerce, union_all
from sqlalchemy.orm import Session

from portal.domain.access import Actor, Permission
from portal.domain.calls import CallOutcome, CallRecipient
from portal.domain.errors import Invalid
from portal.domain.msgid import N_
from portal.domain.triage import EpisodeStepKind
from portal.models.calls import PhoneCall
from portal.models.people import Staff
from portal.models.triage import Episode, EpisodeStep
from portal.services import audit
from portal.services.scope import find_participant, id_of

LIMIT: Final = 100
LONGEST_NOTE: Final = 2000
CLOCKS_DIFFER: Final = timedelta(minutes=1)


def _made(participant_id: ColumnElement[int]) -> CompoundSelect[*tuple[Any, ...]]:
    """The two kinds of notes are two columns, each with its own key to be read by."""
    return (
        union_all(
            select(
                EpisodeStep.at, Staff.name, EpisodeStep.note,
                type_coerce(null(), PhoneCall.note.type).label("call_note"),
                type_coerce(null(), String).label("whom"), type_coerce(null(), String).label("outcome"), Episode.id,
                Episode.organ,
            )
            .join(Episode, Episode.id == EpisodeStep.episode_id)
            .join(Staff, Staff.id == EpisodeStep.staff_id)
            .where(Episode.participant_id == participant_id, EpisodeStep.kind == EpisodeStepKind.CONTACT),
            select(
                PhoneCall.called_at, Staff.name, null(), PhoneCall.note, PhoneCall.whom, PhoneCall.outcome, null(),
                null(),
            )
            .join(Staff, Staff.id == PhoneCall.staff_id)
            .where(PhoneCall.participant_id == participant_id),
        )
        .order_by(desc("at"))
        .limit(LIMIT)
    )  # fmt: skip


# Built once: to put the statement together takes longer than to run it.
MADE: Final = _made(bindparam("participant_id"))


@dataclass(frozen=True, slots=True)
class CallView:
    """``whom`` and ``outcome`` are None for a step of an episode, which ``episode_id`` and ``organ`` name."""

    at: datetime
    name: str
    note: str | None
    whom: str | None = None
    outcome: str | None = None
    episode_id: int | None = None
    organ: str | None = None


@dataclass(frozen=True, slots=True)
class NewCall:
    """A call as entered by staff."""

    whom: str
    outcome: str
    note: str
    called_at: datetime


def list_calls(session: Session, *, actor: Actor, study_number: str) -> tuple[CallView, ...]:
    """Newest first; empty for a participant of another site. One statement."""
    return _read(session.execute(_made(id_of(actor, study_number))))


def calls_about(session: Session, *, participant_id: int) -> tuple[CallView, ...]:
    """The same of somebody who has been found."""
    return _read(session.execute(MADE, {"participant_id": participant_id}))


def _read(rows: Iterable[Any]) -> tuple[CallView, ...]:
    return tuple(
        CallView(at, name, step_note if episode_id else note, whom, outcome, episode_id, organ)
        for at, name, step_note, note, whom, outcome, episode_id, organ in rows
    )


def record_call(session: Session, *, actor: Actor, study_number: str, call: NewCall, now: datetime) -> int:
    """Keep a call in the log; its id. NotFound for another site, Invalid by field for what cannot be."""
    participant = find_participant(session, actor, study_number, permission=Permission.TRIAGE_ACT)
    found = _problems(call, now)
    if found:
        raise Invalid(problems=found)
    audit.begin(session, actor=actor, action="call:record", now=now, participant_id=participant.id)
    row = PhoneCall(
        participant_id=participant.id,
        staff_id=actor.id,
        whom=call.whom,
        outcome=call.outcome,
        note=call.note.strip() or None,
        called_at=call.called_at,
        recorded_at=now,
    )
    session.add(row)
    session.flush()
    return row.id


def _problems(call: NewCall, now: datetime) -> dict[str, str]:
    """What cannot be, as msgids by field."""
    found = {
        "whom": None if call.whom in set(CallRecipient) else N_("Choose whom you rang."),
        "outcome": None if call.outcome in set(CallOutcome) else N_("Choose how it ended."),
        "note": N_("At most 2,000 characters.") if len(call.note) > LONGEST_NOTE else None,
        "called_on": None if call.called_at <= now + CLOCKS_DIFFER else N_("Enter a time that has been."),
    }
    return {field: words for field, words in found.items() if words}
