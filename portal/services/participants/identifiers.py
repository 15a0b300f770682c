"""Name, date of birth and phone numbers: shown on request only, and every view of them is in the trail."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from portal.domain.access import Actor, Permission, check_can
from portal.domain.errors import NotFound
from portal.domain.retention import Erased
from portal.models.people import Participant, ParticipantKey
from portal.services import audit


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody to ring. ``phone`` is E.164."""

    role: str
    name: str
    phone: str | None


@dataclass(frozen=True, slots=True)
class Identifiers:
    name: str
    born_on: date
    contacts: tuple[Contact, ...]


def identifiers(session: Session, *, actor: Actor, study_number: str, now: datetime) -> Identifiers:
    """Reveal them and record that it was done. NotFound for another site, NotAllowed without the permission,
    ``Erased`` after the retention period."""
    participant = session.execute(
        select(Participant)
        .where(Participant.study_number == study_number, Participant.site.in_(actor.sites))
        .options(selectinload(Participant.accounts))
    ).scalar_one_or_none()
    if participant is None:
        raise NotFound
    check_can(actor, Permission.IDENTIFIERS_READ, site=participant.site)
    if session.get(ParticipantKey, participant.id) is None:
        raise Erased
    audit.act(session, actor=actor, action="identifiers:view", now=now, participant_id=participant.id)
    return Identifiers(
        name=participant.name,
        born_on=date.fromisoformat(participant.born_on),
        contacts=tuple(Contact(account.role, account.name, account.phone) for account in participant.accounts),
    )
