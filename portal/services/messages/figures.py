"""How texts fare: by day, by phone, and where it is not certain that a text went only once."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Any, Final

from sqlalchemy import Date, and_, case, column, exists, func, select, values
from sqlalchemy.orm import Session, aliased

from portal.domain.access import Actor
from portal.domain.messages import PHONE_REASONS, Channel, MessageKind, MessageState, local_instant
from portal.domain.messages.kinds import KINDS
from portal.domain.messages.timing import midnight_after
from portal.domain.participation import ParticipationStatus
from portal.models.base import UtcDateTime
from portal.models.messages import Message
from portal.models.people import Account, Participant
from portal.models.upsert import seconds_between
from portal.services.scope import within_sites

DAYS: Final = 14
LIMIT: Final = 100
TEXTS: Final = tuple(str(kind) for kind in MessageKind if KINDS[kind].channel is Channel.SMS)


@dataclass(frozen=True, slots=True)
class DailyMessageFigures:
    """Texts handed over on one local day. Means in seconds: from due to handed over, and from there to the receipt."""

    day: date
    sent: int
    delivered: int
    failed: int
    waited_seconds: float | None
    receipt_seconds: float | None

    @property
    def delivered_share(self) -> float | None:
        """Of those that have come to an end."""
        ended = self.delivered + self.failed
        return self.delivered / ended if ended else None


@dataclass(frozen=True, slots=True)
class UnreachablePhone:
    """A phone whose last text failed for the phone's own sake, and whose number has not been changed since."""

    study_number: str
    account_id: int
    reason: str
    error_code: str | None
    failed_at: datetime


@dataclass(frozen=True, slots=True)
class UncertainMessage:
    """A message sent to the provider twice: the first call's outcome was unknown, and the provider's list lacked it."""

    id: int
    study_number: str
    kind: str
    at: datetime


@dataclass(frozen=True, slots=True)
class _Day:
    day: date
    begins_at: datetime
    ends_at: datetime


def list_daily_figures(
    session: Session, *, actor: Actor, zone: tzinfo, now: datetime
) -> tuple[DailyMessageFigures, ...]:
    """The last 14 local days, newest first; days without texts are left out. One statement."""
    days = _table(_last_days(zone, now))
    state = {
        name: func.sum(case((Message.state == str(name), 1), else_=0))
        for name in (MessageState.DELIVERED, MessageState.FAILED)
    }
    receipt = case((Message.state == MessageState.DELIVERED, seconds_between(Message.sent_at, Message.final_at)))
    query = (
        select(
            days.c.day, func.count(), state[MessageState.DELIVERED], state[MessageState.FAILED],
            func.avg(seconds_between(Message.not_before_at, Message.sent_at)), func.avg(receipt),
        )
        .join(Message, and_(Message.sent_at >= days.c.begins_at, Message.sent_at < days.c.ends_at))
        .join(Participant, Participant.id == Message.participant_id)
        .where(within_sites(actor), Message.kind.in_(TEXTS))
        .group_by(days.c.day)
        .order_by(days.c.day.desc())
    )  # fmt: skip
    return tuple(
        DailyMessageFigures(day, sent, int(delivered), int(failed), _float(waited), _float(took))
        for day, sent, delivered, failed, waited, took in session.execute(query)
    )


def list_unreachable(session: Session, *, actor: Actor) -> tuple[UnreachablePhone, ...]:
    """The newest failure of each account, while no later text went through and the number is the same."""
    later = aliased(Message)
    better = exists().where(
        later.recipient == Message.recipient,
        later.id > Message.id,
        later.state.in_([MessageState.DELIVERED, MessageState.FAILED]),
    )
    query = (
        select(
            Participant.study_number, Message.account_id, Message.reason, Message.error_code, Message.final_at,
            Message.phone, Account.phone.label("phone_now"),
        )
        .join(Account, Account.id == Message.account_id)
        .join(Participant, Participant.id == Message.participant_id)
        .where(
            Message.state == MessageState.FAILED,
            Message.final_at.is_not(None),
            Message.reason.in_([str(reason) for reason in PHONE_REASONS]),
            within_sites(actor),
            Participant.status == ParticipationStatus.ACTIVE,
            ~better,
        )
        .order_by(Message.final_at.desc())
        .limit(LIMIT)
    )  # fmt: skip
    return tuple(
        UnreachablePhone(row.study_number, row.account_id, row.reason, row.error_code, row.final_at)
        for row in session.execute(query)
        if row.phone in {None, row.phone_now}
    )


def list_uncertain(session: Session, *, actor: Actor) -> tuple[UncertainMessage, ...]:
    """Texts that may have gone twice, newest first; at most 100."""
    query = (
        select(Message.id, Participant.study_number, Message.kind, Message.uncertain_at)
        .join(Participant, Participant.id == Message.participant_id)
        .where(Message.uncertain_at.is_not(None), Message.sent_at.is_not(None))
        .where(within_sites(actor))
        .order_by(Message.id.desc())
        .limit(LIMIT)
    )
    return tuple(
        UncertainMessage(row.id, row.study_number, row.kind, row.uncertain_at) for row in session.execute(query)
    )


def _last_days(zone: tzinfo, now: datetime) -> list[_Day]:
    today = now.astimezone(zone).date()
    days = (today - timedelta(days=back) for back in range(DAYS))
    return [_Day(day, local_instant(day, datetime.min.time(), zone), midnight_after(day, zone)) for day in days]


def _table(rows: Sequence[_Day]) -> Any:
    types: dict[str, Any] = {"day": Date(), "begins_at": UtcDateTime(), "ends_at": UtcDateTime()}
    table = values(*(column(name, type_) for name, type_ in types.items()), name="day")
    return table.data([astuple(row) for row in rows]).cte("days", nesting=True)


def _float(number: Any) -> float | None:
    return None if number is None else float(number)
