"""The link in a reminder: it opens one day's diary for one account, once, until that day's window closes.

The token names the account and the day and proves itself; only its use is stored.
"""

import base64
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hmac import compare_digest
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import protocols
from portal.domain.access import Actor, Role
from portal.domain.diary import due_from, due_until, window
from portal.models.base import cipher
from portal.models.device import DayLink
from portal.models.people import Account
from portal.services import audit
from portal.services.accounts.users import AccountUser, account_user

PROOF_BYTES: Final = 12
TOKEN: Final = re.compile(r"(\d{1,18})-(\d{8})-([A-Za-z0-9_-]{16})")


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


def day_token(*, account_id: int, diary_on: date) -> str:
    """``7-20261124-`` and 96 bits that only this portal can make; 27 characters and more, all of them in GSM-7."""
    return f"{account_id}-{diary_on:%Y%m%d}-{_proof(account_id, diary_on)}"


def _proof(account_id: int, diary_on: date) -> str:
    index = cipher().blind_index("day-link", f"{account_id}:{diary_on.isoformat()}")
    return base64.urlsafe_b64encode(index[:PROOF_BYTES]).decode()


def day_link(session: Session, *, token: str, now: datetime) -> OpenDay | None:
    """What a link opens; None for every kind of wrong: damaged, foreign, used, outside its window. Uses nothing up."""
    named = _read(token)
    if named is None:
        return None
    account_id, diary_on = named
    account = session.get(Account, account_id)
    if account is None or account.pin_hash is None or account.participant.status != "active":
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
    who = Actor("account", Role(account.role), account.id, account.participant_id, request_id=actor.request_id)
    audit.act(session, actor=who, action="day-link:open", now=now, participant_id=account.participant_id)
    session.add(DayLink(account_id=day.account_id, diary_on=day.diary_on, used_at=now))
    session.flush()
    return Opened(account_user(account), day)


def _is_used(session: Session, account_id: int, diary_on: date) -> bool:
    used = select(DayLink.id).where(DayLink.account_id == account_id, DayLink.diary_on == diary_on)
    return session.execute(used).first() is not None


def _read(token: str) -> tuple[int, date] | None:
    match = TOKEN.fullmatch(token)
    if match is None:
        return None
    try:
        account_id, diary_on = int(match[1]), date.fromisoformat(match[2])
    except ValueError:
        return None
    inside = timedelta(0) <= diary_on - date(2000, 1, 1) < timedelta(days=36_500)
    proved = inside and compare_digest(_proof(account_id, diary_on), match[3])
    return (account_id, diary_on) if proved else None
