"""Name, date of birth and phone numbers: shown on request only, and every view of them is in the audit log."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy.orm import Session

from portal.domain.access import Actor, Permission, Role, require_permission
from portal.domain.errors import Invalid
from portal.domain.msgid import N_
from portal.domain.reasons import GIVE_THE_REASON
from portal.domain.retention import IdentifiersErased
from portal.models.people import Participant, ParticipantKey
from portal.services import audit
from portal.services.scope import find_participant

FIRST: Final = date(1900, 1, 1)


@dataclass(frozen=True, slots=True)
class ContactPerson:
    """Somebody to ring. ``phone`` is E.164."""

    role: str
    name: str
    phone: str | None


@dataclass(frozen=True, slots=True)
class Identifiers:
    name: str
    born_on: date
    contacts: tuple[ContactPerson, ...]


def reveal_identifiers(session: Session, *, actor: Actor, study_number: str, now: datetime) -> Identifiers:
    """Reveal them and record that it was done. NotFound for another site, NotAllowed without the permission,
    ``Erased`` after the retention period."""
    participant = _with_key(session, actor, study_number)
    audit.begin(session, actor=actor, action="identifiers:view", now=now, participant_id=participant.id)
    return Identifiers(
        name=participant.name,
        born_on=date.fromisoformat(participant.born_on),
        contacts=tuple(ContactPerson(account.role, account.name, account.phone) for account in participant.accounts),
    )


def correct_identifiers(
    session: Session, *, actor: Actor, study_number: str, name: str, born_on: date | None, reason: str, now: datetime
) -> None:
    """Another name or date of birth; what is empty stays as it is. Invalid by field; refused like ``identifiers``."""
    participant = _with_key(session, actor, study_number)
    require_permission(actor, Permission.PARTICIPATION_ACT, site=participant.site)
    problems = {
        "name": None if name.strip() or born_on else N_("Enter the name or the date of birth."),
        "born_on": N_("Enter a day that has been.") if born_on and not FIRST <= born_on < now.date() else None,
        "why": None if reason.strip() else GIVE_THE_REASON,
    }
    if any(problems.values()):
        raise Invalid(problems={field: words for field, words in problems.items() if words})
    audit.begin(
        session,
        actor=actor,
        action="identifiers:correct",
        now=now,
        participant_id=participant.id,
        reason=reason.strip(),
    )
    accounts = participant.accounts  # read before anything changes, so that one row is one change in the audit log
    if born_on:
        participant.born_on = born_on.isoformat()
    if name.strip():
        participant.name = name.strip()
        for account in accounts:
            account.name = participant.name if account.role == Role.PARTICIPANT else account.name
    session.flush()


def _with_key(session: Session, actor: Actor, study_number: str) -> Participant:
    participant = find_participant(session, actor, study_number, permission=Permission.IDENTIFIERS_READ)
    if session.get(ParticipantKey, participant.id) is None:
        raise IdentifiersErased
    return participant
