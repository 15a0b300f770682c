"""Taking rows for oneself: each by one worker, with a lease, and with a last look at whether it should still go.

On PostgreSQL the rows are locked and those of other workers skipped; on SQLite a writing transaction is alone. On both
the update names the state that it expects.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Select, and_, case, exists, func, literal, or_, select, text, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from portal.adapters import logs, sms
from portal.domain.messages import (
    KINDS,
    OPEN,
    SECRET_KINDS,
    URGENT_KINDS,
    Channel,
    Defer,
    MessageReason,
    MessageState,
    Send,
    SendPace,
    Suppress,
    decide_sending,
)
from portal.domain.protocol import Reminders
from portal.models.messages import URGENT, Message
from portal.services.messages import facts, failure_tasks

CLOCK_SKEW: Final = timedelta(minutes=2)
SWEEP: Final = 500
POISON_WAIT: Final = timedelta(hours=1)
QUIETLY: Final = {"synchronize_session": False}


@dataclass(frozen=True, slots=True)
class SendJob:
    """A text in this worker's hands, to be called before ``call_by``: later another worker may have taken it over.

    ``look_since`` is set when an earlier call may have handed it over already: then the provider's list since that
    instant is read, without the ids in ``known_ids``, which belong to other rows.
    """

    message_id: int
    attempt: int
    channel: Channel
    secret: bool
    text: sms.OutgoingMessage
    call_by: datetime
    look_since: datetime | None = None
    known_ids: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class UnreadableMessage:
    """A row that cannot even be read or worded. It waits, so that it holds up nobody else."""

    id: int
    error: str


def has_due_messages(session: Session, *, now: datetime) -> bool:
    return bool(session.scalar(select(or_(exists(_due(now)), exists(_left_behind(now))))))


def expire_messages(session: Session, *, now: datetime) -> int:
    """Stale rows end, with their reason; at most ``SWEEP`` at once. What could never be read has failed."""
    ids = _locked(session, _due(now).where(Message.expires_at <= now), SWEEP)
    if not ids:
        return 0
    broken = Message.reason == MessageReason.INTERNAL
    statement = (
        update(Message)
        .where(Message.id.in_(ids), Message.state == MessageState.PLANNED)
        .values(
            state=case((broken, MessageState.FAILED), else_=MessageState.EXPIRED),
            reason=case((broken, MessageReason.INTERNAL), else_=MessageReason.WINDOW_PASSED),
            final_at=now,
        )
        .returning(Message.id, Message.state)
    )
    ended = session.execute(statement, execution_options=QUIETLY).all()
    erase_secrets(session, [row.id for row in ended])
    failure_tasks.open_failure_tasks(session, [row.id for row in ended if row.state == MessageState.FAILED], now=now)
    return len(ended)


def erase_secrets(session: Session, ids: Sequence[int]) -> None:
    """The words of a code are dropped as soon as its row is no longer open."""
    if ids:
        statement = (
            update(Message)
            .where(Message.id.in_(ids), Message.kind.in_([str(kind) for kind in SECRET_KINDS]))
            .where(Message.state.not_in([str(state) for state in OPEN]))
            .values(body=None, values=None)
        )
        session.execute(statement, execution_options=QUIETLY)


def claim_messages(
    session: Session, *, now: datetime, worker: str, limit: int, pace: SendPace, reminders: Reminders
) -> tuple[tuple[SendJob, ...], dict[str, int]]:
    """Up to ``limit`` texts to hand over, and how many rows were claimed, suppressed or put off on the way."""
    if limit <= 0:
        return (), {}
    again = _reclaim(session, now=now, worker=worker, limit=limit, pace=pace)
    won = _win(session, _next_due(session, now, limit - len(again)), now=now, worker=worker, pace=pace)
    found, broken = _gathered(session, won, now)
    verdicts = [(fact, decide_sending(fact.facts, now=now, reminders=reminders)) for fact in found]
    jobs = tuple(_job(fact, now + pace.slack) for fact, verdict in verdicts if isinstance(verdict, Send))
    _write(session, [_change(fact, verdict, now) for fact, verdict in verdicts])
    _put_off(session, broken, now)
    suppressed = [fact.id for fact, verdict in verdicts if isinstance(verdict, Suppress)]
    erase_secrets(session, suppressed)
    return again + jobs, {
        "claimed": len(won),
        "reconciling": len(again),
        "deferred": sum(isinstance(verdict, Defer) for _, verdict in verdicts),
        "suppressed": len(suppressed),
        "broken": len(broken),
    }


def recheck_jobs(session: Session, jobs: Sequence[SendJob], *, now: datetime, reminders: Reminders) -> frozenset[int]:
    """Which claimed texts may be handed over at this very moment, to the same number: the look before the call."""
    asked = {job.message_id: job for job in jobs}
    found = {fact.id: fact for fact in facts.gather_facts(session, list(asked), now)}
    return frozenset(
        number
        for number, fact in found.items()
        if fact.text.to == asked[number].text.to
        and isinstance(decide_sending(fact.facts, now=now, reminders=reminders), Send)
    )


def _gathered(
    session: Session, ids: Sequence[int], now: datetime
) -> tuple[list[facts.ClaimedMessage], list[UnreadableMessage]]:
    """All at once; and where one of them cannot be read, one by one, so that it alone stays behind."""
    try:
        return facts.gather_facts(session, ids, now), []
    except SQLAlchemyError:
        raise
    except Exception:
        return _one_by_one(session, ids, now)


def _one_by_one(
    session: Session, ids: Sequence[int], now: datetime
) -> tuple[list[facts.ClaimedMessage], list[UnreadableMessage]]:
    found: list[facts.ClaimedMessage] = []
    broken: list[UnreadableMessage] = []
    for number in ids:
        try:
            found += facts.gather_facts(session, [number], now)
        except SQLAlchemyError:
            raise
        except Exception as error:
            logs.get_logger("messages").exception("text put off", message_id=number, error=type(error).__name__)
            broken.append(UnreadableMessage(number, type(error).__name__))
    return found, broken


def _put_off(session: Session, broken: Sequence[UnreadableMessage], now: datetime) -> None:
    if broken:
        statement = (
            update(Message)
            .where(Message.id.in_([one.id for one in broken]))
            .values(
                state=MessageState.PLANNED, reason=MessageReason.INTERNAL, not_before_at=now + POISON_WAIT,
                lease_until=None, claimed_at=None,
            )
        )  # fmt: skip
        session.execute(statement, execution_options=QUIETLY)


def _due(now: datetime) -> Select[int]:
    return select(Message.id).where(Message.state == MessageState.PLANNED, Message.not_before_at <= now)


def _left_behind(now: datetime) -> Select[int]:
    return select(Message.id).where(Message.state == MessageState.CLAIMED, Message.lease_until <= now)


def _next_due(session: Session, now: datetime, limit: int) -> list[int]:
    """Urgent texts first, by an index of their own; then the longest due."""
    fresh = and_(Message.not_before_at <= now, Message.expires_at > now)
    found = _locked(session, select(Message.id).where(text(URGENT), fresh), limit)
    urgent = [str(kind) for kind in URGENT_KINDS]
    others = _due(now).where(Message.kind.not_in(urgent), Message.expires_at > now)
    return found + _locked(session, others, limit - len(found))


def _locked(session: Session, statement: Select[int], limit: int) -> list[int]:
    if limit <= 0:
        return []
    ordered = statement.order_by(Message.not_before_at, Message.id).limit(limit)
    return list(session.scalars(ordered.with_for_update(skip_locked=True)))


def _win(session: Session, ids: Sequence[int], *, now: datetime, worker: str, pace: SendPace) -> list[int]:
    statement = (
        update(Message)
        .where(Message.id.in_(ids), Message.state == MessageState.PLANNED)
        .values(
            state=MessageState.CLAIMED,
            claimed_by=worker,
            claimed_at=func.coalesce(Message.claimed_at, literal(now, Message.claimed_at.type)),
            lease_until=now + pace.lease,
            attempts=Message.attempts + 1,
        )
        .returning(Message.id)
    )
    return list(session.scalars(statement, execution_options=QUIETLY)) if ids else []


def _reclaim(session: Session, *, now: datetime, worker: str, limit: int, pace: SendPace) -> tuple[SendJob, ...]:
    """Rows whose worker died or never got an answer. ``claimed_at`` stays: it is where the search begins."""
    left = _left_behind(now).order_by(Message.lease_until).limit(limit)
    ids = list(session.scalars(left.with_for_update(skip_locked=True)))
    if not ids:
        return ()
    statement = (
        update(Message)
        .where(Message.id.in_(ids), Message.state == MessageState.CLAIMED, Message.lease_until <= now)
        .values(claimed_by=worker, lease_until=now + pace.lease, attempts=Message.attempts + 1)
        .returning(Message)
    )
    rows = session.scalars(statement, execution_options={**QUIETLY, "populate_existing": True}).all()
    return tuple(_search(session, row, now + pace.slack) for row in rows)


def _search(session: Session, row: Message, call_by: datetime) -> SendJob:
    since = (row.claimed_at or row.created_at) - CLOCK_SKEW
    others = select(Message.provider_id).where(
        Message.recipient == row.recipient, Message.provider_id.is_not(None), Message.id != row.id
    )
    return SendJob(
        message_id=row.id,
        attempt=row.attempts,
        channel=KINDS[row.kind].channel,
        secret=KINDS[row.kind].secret,
        text=sms.OutgoingMessage(to=row.phone or "", body=row.body or "", reference=row.token),
        call_by=call_by,
        look_since=since,
        known_ids=frozenset(filter(None, session.scalars(others))),
    )


def _job(fact: facts.ClaimedMessage, call_by: datetime) -> SendJob:
    traits = KINDS[fact.facts.kind]
    return SendJob(
        message_id=fact.id,
        attempt=fact.attempts,
        channel=traits.channel,
        secret=traits.secret,
        text=fact.text,
        call_by=call_by,
    )


def _change(fact: facts.ClaimedMessage, verdict: Any, now: datetime) -> dict[str, Any]:
    """The same columns for each verdict, so that all go in one statement."""
    change = {
        "id": fact.id,
        "state": MessageState.CLAIMED,
        "reason": None,
        "phone": fact.facts.phone,
        "destination": fact.destination,
        "body": fact.text.body,
        "not_before_at": fact.not_before_at,
        "attempts": fact.attempts,
        "lease_until": fact.lease_until,
        "final_at": None,
    }
    if isinstance(verdict, Send):
        return change
    back = {
        **change,
        "phone": None,
        "destination": None,
        "body": None,
        "lease_until": None,
        "attempts": fact.attempts - 1,
    }
    if isinstance(verdict, Defer):
        return {**back, "state": MessageState.PLANNED, "not_before_at": verdict.until}
    return {**back, "state": MessageState.SUPPRESSED, "reason": str(verdict.reason), "final_at": now}


def _write(session: Session, changes: Iterable[dict[str, Any]]) -> None:
    rows = list(changes)
    if rows:
        session.execute(update(Message), rows, execution_options=QUIETLY)
