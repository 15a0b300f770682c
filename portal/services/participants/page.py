"""One participant: who, where in the study, what is open, the last two weeks by organ. No name, no phone number."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import protocols
from portal.domain.access import Actor
from portal.domain.diary import local_day
from portal.domain.eligibility import age_on
from portal.domain.errors import NotFound
from portal.domain.infusions import study_day
from portal.domain.scales import counting, scales
from portal.domain.triage import State
from portal.models.people import Account, Participant
from portal.models.triage import Episode
from portal.services import infusions, triage


@dataclass(frozen=True, slots=True)
class AccountSeen:
    """Somebody who signs in for the participant, without name and number."""

    id: int
    role: str
    language: str
    activated: bool
    texts_on: bool


@dataclass(frozen=True, slots=True)
class EpisodeBrief:
    id: int
    organ: str
    severity: str
    state: str
    stage: int | None
    acknowledge_by_at: datetime
    seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class ParticipantPage:
    """``scales``: adult, child, or both while a minor's weight is unknown."""

    id: int
    study_number: str
    site: str
    arm: str | None
    status: str
    study_day: int
    transplant_on: date
    enrolled_on: date
    scales: tuple[str, ...]
    accounts: tuple[AccountSeen, ...]
    next_appointment: infusions.Appointment | None
    open_episodes: tuple[EpisodeBrief, ...]
    estimate: triage.Provisional | None


def page(session: Session, *, actor: Actor, study_number: str, now: datetime) -> ParticipantPage:
    """Raises NotFound for a participant of another site, as for one who does not exist."""
    participant = _found(session, actor, study_number)
    today = local_day(now, participant.timezone)
    return ParticipantPage(
        id=participant.id,
        study_number=participant.study_number,
        site=participant.site,
        arm=participant.arm,
        status=participant.status,
        study_day=study_day(today, participant.transplant_on),
        transplant_on=participant.transplant_on,
        enrolled_on=participant.enrolled_on,
        scales=_scales(participant, today),
        accounts=_accounts(session, participant.id),
        next_appointment=infusions.next_appointment(session, participant_id=participant.id, now=now),
        open_episodes=_open_episodes(session, participant.id),
        estimate=triage.provisional(session, participant_id=participant.id),
    )


@dataclass(frozen=True, slots=True)
class CardHolder:
    """Whom a card is for, and whose ward they ring."""

    account_id: int
    role: str
    site: str


def card_holder(session: Session, *, actor: Actor, study_number: str, account_id: int) -> CardHolder:
    """The account, if it belongs to this participant of one of the actor's sites; else NotFound."""
    participant = _found(session, actor, study_number)
    for account in _accounts(session, participant.id):
        if account.id == account_id:
            return CardHolder(account.id, account.role, participant.site)
    raise NotFound


def _found(session: Session, actor: Actor, study_number: str) -> Participant:
    participant = session.execute(
        select(Participant).where(Participant.study_number == study_number, Participant.site.in_(actor.sites))
    ).scalar_one_or_none()
    if participant is None:
        raise NotFound
    return participant


def _scales(participant: Participant, today: date) -> tuple[str, ...]:
    weight: Decimal | None = participant.weight_kg
    age = age_on(date.fromisoformat(participant.born_on), today)
    return tuple(str(scale) for scale in scales(age, weight, counting(protocols.load().thresholds)))


def _accounts(session: Session, participant_id: int) -> tuple[AccountSeen, ...]:
    rows = session.execute(
        select(Account.id, Account.role, Account.language, Account.activated_at, Account.texts_on)
        .where(Account.participant_id == participant_id)
        .order_by(Account.id)
    )
    return tuple(AccountSeen(id_, role, language, at is not None, texts) for id_, role, language, at, texts in rows)


def _open_episodes(session: Session, participant_id: int) -> tuple[EpisodeBrief, ...]:
    rows = session.scalars(
        select(Episode)
        .where(Episode.participant_id == participant_id, Episode.state != State.CLOSED)
        .order_by(Episode.severity.desc(), Episode.acknowledge_by_at, Episode.id)
    )
    return tuple(
        EpisodeBrief(row.id, row.organ, row.severity, row.state, row.stage, row.acknowledge_by_at, row.seen_at)
        for row in rows
    )
