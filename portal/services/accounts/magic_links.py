"""The link in a reminder: it opens one day's diary for one account, once, until that day's window closes.

The token names the account and the day and proves itself; only its use is stored.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import protocols
from portal.domain.access import Actor, ActorKind
from portal.domain.diary import due_from, due_until, window
from portal.domain.participation import ParticipationStatus
from portal.models.people import Account
from portal.models.sign_in import DayLink
from portal.services import audit, day_tokens
from portal.services.accounts.users import AccountUser, account_user


@dataclass(frozen=True, slots=True)
class OpenDay:
    """A link that may be used. ``until_at`` is when the day's window closes."""

    account_id: int
    diary_on: date
    until_at: datetime


@dataclass(frozen=True, slots=True)
class Opened:
    person: AccountUser
    day: OpenDay


def day_link(session: Session, *, token: str, now: datetime) -> OpenDay | None:
    """What a link opens; None for every kind of wrong: damaged, foreign, used, outside its window. Uses nothing up."""
    named = day_tokens.read_token(token)
    if named is None:
        return None
    account_id, diary_on = named
    account = session.get(Account, account_id)
    if account is None or account.pin_hash is None or account.participant.status != ParticipationStatus.ACTIVE:
        return None
    plan, person = protocols.load().diary, account.participant
    span = window(diary_on, plan, person.timezone)
    first = due_from(plan, transplant_on=person.transplant_on, enrolled_on=person.enrolled_on)
    due = first <= diary_on <= due_until(plan, transplant_on=person.transplant_on)
    if not due or not span.opens_at <= now < span.late_until_at or _is_used(session, account_id, diary_on):
        return None
    return OpenDay(account_id, diary_on, span.late_until_at)


def open_day(session: Session, *, actor: Actor, token: str, now: datetime) -> Opened | None:
    """Use the link up. Of two who tap at once, one gets in."""
    day = day_link(session, token=token, now=now)
    if day is None:
        return None
    account = session.scalars(select(Account).where(Account.id == day.account_id).with_for_update()).one()
    if _is_used(session, day.account_id, day.diary_on):
        return None
    who = Actor(ActorKind.ACCOUNT, account.role, account.id, account.participant_id, request_id=actor.request_id)
    audit.act(session, actor=who, action="day-link:open", now=now, participant_id=account.participant_id)
    session.add(DayLink(account_id=day.account_id, diary_on=day.diary_on, used_at=now))
    session.flush()
    return Opened(account_user(account), day)


def _is_used(session: Session, account_id: int, diary_on: date) -> bool:
    used = select(DayLink.id).where(DayLink.account_id == account_id, DayLink.diary_on == diary_on)
    return session.execute(used).first() is not None
