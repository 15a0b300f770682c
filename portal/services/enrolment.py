"""Enrolment: create a participant, their data key, and an account for each person who signs in for them."""

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal

from sqlalchemy.orm import Session

from portal.adapters import phones
from portal.domain.access import Actor, Role
from portal.models.base import get_cipher
from portal.models.people import Account, Participant, ParticipantKey
from portal.services import audit


@dataclass(frozen=True, slots=True)
class NewAccount:
    """Somebody who will sign in. ``phone`` in any usual spelling; it is stored as E.164."""

    role: Role
    name: str
    phone: str | None
    language: str
    reminder_at: time
    reminders_on: bool = True


@dataclass(frozen=True, slots=True)
class NewParticipant:
    study_number: str
    site: str
    arm: str | None
    name: str
    born_on: date
    transplant_on: date
    enrolled_on: date
    weight_kg: Decimal | None
    timezone: str
    protocol_version: str
    accounts: tuple[NewAccount, ...]


def register_participant(session: Session, *, actor: Actor, person: NewParticipant, now: datetime) -> Participant:
    """Store a participant with a data key of their own and one account for each who signs in; no card yet."""
    participant = Participant(
        study_number=person.study_number,
        site=person.site,
        arm=person.arm,
        status="active",
        name=person.name,
        born_on=person.born_on.isoformat(),
        transplant_on=person.transplant_on,
        enrolled_on=person.enrolled_on,
        weight_kg=person.weight_kg,
        timezone=person.timezone,
        protocol_version=person.protocol_version,
        created_at=now,
    )
    _open_key(session, participant, actor=actor, now=now)
    for account in person.accounts:
        session.add(_account(participant.id, account))
    session.flush()
    return participant


def _open_key(session: Session, participant: Participant, *, actor: Actor, now: datetime) -> None:
    """The trail of the participant's own row is already under the participant's own key."""
    audit.begin(session, actor=actor, action="participant:register", now=now)
    session.add(participant)
    participant.key = ParticipantKey(wrapped=get_cipher().new_data_key())
    session.flush()


def _account(participant_id: int, account: NewAccount) -> Account:
    phone = phones.to_e164(account.phone) if account.phone else None
    return Account(
        participant_id=participant_id,
        role=account.role,
        name=account.name,
        phone=phone,
        phone_index=get_cipher().blind_index("phone", phone) if phone else None,
        language=account.language,
        reminder_at=account.reminder_at,
        reminders_on=account.reminders_on,
    )
