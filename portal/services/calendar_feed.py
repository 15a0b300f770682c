"""The private address under which a phone's own calendar follows the appointments.

The address is a secret of 256 bits, shown once; only its blind index is kept. An end of the participation keeps it
open for a while, so that phones take off what was cancelled; an access that is ended closes it at once.
"""

import secrets
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import protocols
from portal.adapters import phones
from portal.adapters.calendar_feed import FeedAppointment, Status, render_ics
from portal.domain.access import Actor, ActorKind
from portal.domain.errors import NotFound
from portal.domain.infusions import InfusionState
from portal.domain.participation import TAKING_PART, has_ended
from portal.models.base import get_cipher
from portal.models.infusions import Infusion, Visit
from portal.models.participation import ParticipationStep
from portal.models.people import Account, Participant
from portal.services import audit

KEPT_AFTER_THE_END: Final = timedelta(days=30)
STATUS: Final[dict[str, Status]] = {
    InfusionState.PLANNED: "TENTATIVE",
    InfusionState.CONFIRMED: "CONFIRMED",
    InfusionState.GIVEN: "CONFIRMED",
    InfusionState.HELD: "CANCELLED",
    InfusionState.MISSED: "CANCELLED",
    InfusionState.CANCELLED: "CANCELLED",
    "attended": "CONFIRMED",
}


def create_feed_address(session: Session, *, actor: Actor, now: datetime) -> str:
    """A new address for one's own phone, in clear this once; the one before is void."""
    account = _own(session, actor)
    audit.begin(session, actor=actor, action="feed:make", now=now, participant_id=actor.participant_id)
    token = secrets.token_urlsafe(32)
    account.feed_index, account.feed_made_at = _index(token), now
    session.flush()
    return token


def revoke_feed_address(session: Session, *, actor: Actor, now: datetime) -> None:
    """Phones that follow the address get nothing more."""
    account = _own(session, actor)
    audit.begin(session, actor=actor, action="feed:revoke", now=now, participant_id=actor.participant_id)
    account.feed_index, account.feed_made_at = None, None
    session.flush()


def get_feed_created_at(session: Session, *, actor: Actor) -> datetime | None:
    """Since when the account has an address, if it has one."""
    return session.scalar(select(Account.feed_made_at).where(Account.id == actor.id))


def render_feed(session: Session, *, token: str, now: datetime) -> bytes | None:
    """What a phone reads, an iCalendar file. None for every address that is not good, whatever the reason."""
    found = select(Account, Participant).join(Account.participant).where(Account.feed_index == _index(token))
    row = session.execute(found).one_or_none()
    if row is None or _is_forgotten(session, row.Participant, now):
        return None
    return _feed(session, row.Account.language, row.Participant)


def render_own_calendar(session: Session, *, actor: Actor) -> bytes:
    """The appointments as of now, for the account that is signed in."""
    account = session.get_one(Account, actor.id)
    return _feed(session, account.language, account.participant)


def _own(session: Session, actor: Actor) -> Account:
    query = select(Account).where(Account.id == actor.id, Account.participant_id == actor.participant_id)
    account = session.scalars(query.with_for_update()).one_or_none()
    if account is None or actor.kind != ActorKind.ACCOUNT:
        raise NotFound
    return account


def _index(token: str) -> bytes:
    return get_cipher().blind_index("feed", token)


def _is_forgotten(session: Session, participant: Participant, now: datetime) -> bool:
    if not has_ended(participant.status):
        return False
    ended = select(func.max(ParticipationStep.at)).where(
        ParticipationStep.participant_id == participant.id, ParticipationStep.to_state.not_in(TAKING_PART)
    )
    ended_at = session.scalar(ended)
    return ended_at is None or now >= ended_at + KEPT_AFTER_THE_END


def _feed(session: Session, language: str, participant: Participant) -> bytes:
    phone = phones.format_phone(phones.to_e164(protocols.load_protocol().site(participant.site).ward_phone))
    return render_ics(_appointments(session, participant), language=language, phone=phone)


def _appointments(session: Session, participant: Participant) -> list[FeedAppointment]:
    found: list[FeedAppointment] = []
    for table in (Infusion, Visit):
        columns = select(table.uid, table.sequence, table.planned_at, table.changed_at, table.state)
        for row in session.execute(columns.where(table.participant_id == participant.id)):
            touched_at = row.changed_at or participant.created_at
            found.append(FeedAppointment(row.uid, row.sequence, row.planned_at, touched_at, STATUS[row.state]))
    return found
