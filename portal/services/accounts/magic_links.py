"""The link in a reminder: it opens one day's diary for one account, once, until that day's window closes.

The token names the account and the day and proves itself; only its use is stored.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import protocols
from portal.domain.access import Actor, ActorKind
from portal.domain.diary import diary_window, first_due_day, last_due_day
from portal.domain.participation import ParticipationStatus
from portal.models.people import Account
from portal.models.sign_in import DayLink
from portal.services import audit, day_tokens
from portal.services.accounts.users import AccountUser, build_account_user


@dataclass(frozen=True, slots=True)
class UsableDayLink:
    """A link that may be used. ``until_at`` is when the day's window closes."""

    account_id: int
    diary_on: date
    until_at: datetime


@dataclass(frozen=True, slots=True)
class OpenedDay:
    person: AccountUser
    day: UsableDayLink


def read_day_link(session: Session, *, token: str, now: datetime) -> UsableDayLink | None:
    """What a link opens; None for every kind of wrong: damaged, foreign, used, outside its window. Uses nothing up."""
    named = day_tokens.read_day_token(token)
    if named is None:
        return None
    account_id, diary_on = named
    account = session.get(Account, account_id)
    if account is None or account.pin_hash is None or account.participant.status != ParticipationStatus.ACTIVE:
        return None
    plan, person = protocols.load_protocol().diary, account.participant
    span = diary_window(diary_on, plan, person.timezone)
    first = first_due_day(plan, transplant_on=person.transplant_on, enrolled_on=person.enrolled_on)
    due = first <= diary_on <= last_due_day(plan, transplant_on=person.transplant_on)
    if not due or not span.opens_at <= now < span.late_until_at or _is_used(session, account_id, diary_on):
        return None
    return UsableDayLink(account_id, diary_on, span.late_until_at)


def use_day_link(session: Session, *, actor: Actor, token: str, now: datetime) -> OpenedDay | None:
    """Use the link up. Of two who tap at once, one gets in."""
    day = read_day_link(session, token=token, now=now)
    if day is None:
        return None
    account = session.scalars(select(Account).where(Account.id == day.account_id).with_for_update()).one()
    if _is_used(session, day.account_id, day.diary_on):
        return None
    who = Actor(ActorKind.ACCOUNT, account.role, account.id, account.participant_id, request_id=actor.request_id)
    audit.begin(session, actor=who, action="day-link:open", now=now, participant_id=account.participant_id)
    session.add(DayLink(account_id=day.account_id, diary_on=day.diary_on, used_at=now))
    session.flush()
    return OpenedDay(build_account_user(account), day)


def _is_used(session: Session, account_id: int, diary_on: date) -> bool:
    used = select(DayLink.id).where(DayLink.account_id == account_id, DayLink.diary_on == diary_on)
    return session.execute(used).first() is not None
