"""Guardians and caregivers: invited by the study team, and what ends anybody's access."""

from dataclasses import dataclass
from datetime import datetime, time
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import protocols
from portal.adapters import phones
from portal.domain.access import Actor, Permission, Role
from portal.domain.errors import Conflict, Invalid, NotFound
from portal.domain.messages.inbound import ReminderSwitch
from portal.domain.msgid import N_
from portal.domain.participation import has_ended
from portal.models.base import get_cipher
from portal.models.people import Account
from portal.services import audit, messages
from portal.services.accounts.cards import void_card
from portal.services.scope import find_participant

COMPANIONS: Final = (Role.GUARDIAN, Role.CAREGIVER)
REMINDER_AT: Final = time(19)


@dataclass(frozen=True, slots=True)
class Companion:
    """Somebody who is to answer for a participant. ``phone`` in any usual spelling, or None."""

    role: Role
    name: str
    phone: str | None
    language: str


def add_companion_account(
    session: Session, *, actor: Actor, study_number: str, companion: Companion, now: datetime
) -> int:
    """An account for a guardian or caregiver, without a card yet; its id. Raises ``Invalid`` with problems by field."""
    participant = find_participant(session, actor, study_number, permission=Permission.ACCOUNTS_INVITE, lock=True)
    if has_ended(participant.status):
        raise Conflict(N_("The participation has ended: nobody can be invited to it any more."))
    phone = _checked(session, companion)
    audit.begin(session, actor=actor, action="account:invite", now=now, participant_id=participant.id)
    account = Account(
        participant_id=participant.id,
        role=companion.role,
        name=companion.name.strip(),
        phone=phone,
        phone_index=get_cipher().blind_index("phone", phone) if phone else None,
        language=companion.language,
        reminder_at=REMINDER_AT,
        reminders_on=phone is not None,
    )
    session.add(account)
    session.flush()
    return account.id


def _checked(session: Session, companion: Companion) -> str | None:
    """The number as E.164."""
    phone, problem = _phone(session, companion.phone)
    found = {
        "role": None if companion.role in COMPANIONS else N_("Choose guardian or caregiver."),
        "name": None if companion.name.strip() else N_("Enter a name."),
        "phone": problem,
        "language": None if companion.language in protocols.load_protocol().languages else N_("Choose a language."),
    }
    problems = {field: words for field, words in found.items() if words}
    if problems:
        raise Invalid(problems=problems)
    return phone


def _phone(session: Session, typed: str | None) -> tuple[str | None, str | None]:
    if not typed or not typed.strip():
        return None, None
    try:
        phone = phones.to_e164(typed)
    except phones.NotAPhone:
        return None, N_("Enter a phone number, for example 138 0013 8000.")
    taken = session.scalar(select(Account.id).where(Account.phone_index == get_cipher().blind_index("phone", phone)))
    return phone, N_("This number belongs to another account.") if taken else None


def revoke_access(session: Session, *, actor: Actor, study_number: str, account_id: int, now: datetime) -> None:
    """Sessions and calendar feed end, the card is void, texts stop, the number is free. A new card lets in again."""
    participant = find_participant(session, actor, study_number, permission=Permission.ACCOUNTS_INVITE, lock=True)
    account = session.get(Account, account_id)
    if account is None or account.participant_id != participant.id:
        raise NotFound
    audit.begin(session, actor=actor, action="account:revoke", now=now, participant_id=participant.id)
    close_account(session, account, now)
    account.reminders_on, account.reminders_set_at, account.reminders_set_by = False, now, ReminderSwitch.STAFF
    account.phone_index = None
    account.feed_index, account.feed_made_at = None, None
    session.flush()
    messages.replan_reminders(session, participant_id=participant.id, now=now)


def close_participant_accounts(session: Session, *, participant_id: int, now: datetime) -> None:
    """Close every account for this participant; reopening needs a new card each. Begins no audit event of its own."""
    for account in session.scalars(select(Account).where(Account.participant_id == participant_id)):
        close_account(session, account, now)


def close_account(session: Session, account: Account, now: datetime) -> None:
    """Without a PIN there is no way in: not by session, remembered phone, day's link or texted code."""
    account.pin_hash, account.activated_at = None, None
    account.epoch += 1
    void_card(session, account.id, now)
