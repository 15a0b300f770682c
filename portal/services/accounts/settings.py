"""What people set for themselves: language, reminder hour, texts, PIN, and signing out everywhere."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager

from portal import protocols
from portal.adapters import passwords
from portal.domain import credentials
from portal.domain.access import Actor, ActorKind
from portal.domain.errors import Invalid, NotFound
from portal.domain.messages.inbound import ReminderSwitch
from portal.domain.msgid import N_
from portal.models.people import Account, Staff
from portal.services import audit, messages
from portal.services.lockout import count_failure

WRONG_PIN = N_("That is not your present PIN. After five wrong tries there is a pause before the next.")


@dataclass(frozen=True, slots=True)
class AccountSettings:
    """``phone`` is E.164 or None; ``reminder_at`` local time."""

    language: str
    reminder_at: time
    reminders_on: bool
    phone: str | None


def reminder_times() -> tuple[time, ...]:
    """The full hours among which a reminder may be chosen."""
    reminders = protocols.load_protocol().reminders
    first = reminders.earliest.hour + (1 if reminders.earliest.minute else 0)
    return tuple(time(hour) for hour in range(first, reminders.latest.hour + 1))


def check_choices(*, language: str, reminder_at: time) -> None:
    """Raises ``Invalid`` naming the field."""
    if language not in protocols.load_protocol().languages:
        raise Invalid(problems={"language": N_("Choose a language.")})
    if reminder_at not in reminder_times():
        raise Invalid(problems={"reminder_at": N_("Choose one of the hours.")})


def get_account_settings(session: Session, *, actor: Actor) -> AccountSettings:
    row = session.execute(
        select(Account.language, Account.reminder_at, Account.reminders_on, Account.phone).where(Account.id == actor.id)
    ).one_or_none()
    if row is None:
        raise NotFound
    return AccountSettings(*row)


def set_language(session: Session, *, actor: Actor, language: str, now: datetime) -> None:
    """The language of pages and texts from now on, of a participant, a guardian or a member of staff."""
    if language not in protocols.load_protocol().languages:
        raise Invalid(problems={"language": N_("Choose a language.")})
    if actor.kind == ActorKind.STAFF:
        audit.begin(session, actor=actor, action="staff:language", now=now)
        _own_staff(session, actor).language = language
        return
    audit.begin(session, actor=actor, action="account:language", now=now, participant_id=actor.participant_id)
    _own_account(session, actor).language = language
    _replan(session, actor, now)


def set_reminders(session: Session, *, actor: Actor, reminder_at: time, reminders_on: bool, now: datetime) -> None:
    """When the daily text comes, or that none come. Raises ``Invalid`` for an hour outside the protocol's."""
    account = _own_account(session, actor)
    check_choices(language=account.language, reminder_at=reminder_at)
    audit.begin(session, actor=actor, action="account:reminders", now=now, participant_id=actor.participant_id)
    account.reminder_at = reminder_at
    if account.reminders_on is reminders_on:
        _replan(session, actor, now)
    else:
        messages.set_reminders_on(session, account, on=reminders_on, by=ReminderSwitch.PORTAL, now=now)


def _replan(session: Session, actor: Actor, now: datetime) -> None:
    session.flush()
    messages.replan_reminders(session, participant_id=cast(int, actor.participant_id), now=now)


def change_pin(session: Session, *, actor: Actor, old: str, new: str, now: datetime) -> Mapping[str, str]:
    """Problems by field (``old``, ``new``), none when it is done. Every other session of the account ends.

    A wrong old PIN is counted like a wrong sign-in, which is why it is returned and not raised: it must be committed.
    """
    account = _own_account(session, actor)
    locked = credentials.is_locked(account.locked_until, now=now)
    if not passwords.verify_secret(account.pin_hash, credentials.read_digits(old)) or locked:
        audit.begin(session, actor=actor, action="account:pin-refused", now=now, participant_id=actor.participant_id)
        if not locked:
            count_failure(account, now)
        return {"old": WRONG_PIN}
    problem = credentials.pin_problem(
        credentials.read_digits(new), born_on=date.fromisoformat(account.participant.born_on)
    )
    if problem:
        return {"new": problem}
    audit.begin(session, actor=actor, action="account:pin", now=now, participant_id=actor.participant_id)
    account.pin_hash = passwords.hash_secret(credentials.read_digits(new))
    account.failed_tries, account.locked_until = 0, None
    account.epoch += 1
    return {}


def confirm_pin(session: Session, *, actor: Actor, pin: str, now: datetime) -> bool:
    """The PIN once more, before something that leaves the portal. A wrong one counts like a wrong sign-in."""
    account = _own_account(session, actor)
    locked = credentials.is_locked(account.locked_until, now=now)
    if passwords.verify_secret(account.pin_hash, credentials.read_digits(pin)) and not locked:
        return True
    audit.begin(session, actor=actor, action="account:pin-refused", now=now, participant_id=actor.participant_id)
    if not locked:
        count_failure(account, now)
    return False


def sign_out_everywhere(session: Session, *, actor: Actor, now: datetime) -> None:
    """Every session of this account ends, this one too."""
    audit.begin(session, actor=actor, action="account:sign-out-all", now=now, participant_id=actor.participant_id)
    _own_account(session, actor).epoch += 1


def _own_account(session: Session, actor: Actor) -> Account:
    query = select(Account).join(Account.participant).options(contains_eager(Account.participant))
    account = session.scalars(query.where(Account.id == actor.id).with_for_update(of=Account)).one_or_none()
    if account is None or actor.kind != ActorKind.ACCOUNT:
        raise NotFound
    return account


def _own_staff(session: Session, actor: Actor) -> Staff:
    staff = session.get(Staff, actor.id)
    if staff is None:
        raise NotFound
    return staff
