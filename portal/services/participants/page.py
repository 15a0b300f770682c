"""One participant: who, where in the study, what is open, the last two weeks by organ. No name, no phone number."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from portal import protocols
from portal.domain.access import Actor
from portal.domain.diary import local_day
from portal.domain.eligibility import age_on
from portal.domain.errors import NotFound
from portal.domain.infusions import study_day
from portal.domain.scales import possible_scales, protocol_counting
from portal.domain.triage import EpisodeState
from portal.models.people import Account, Participant
from portal.models.triage import Episode
from portal.services import infusions, triage
from portal.services.scope import find_participant

# Built once: to put a statement together takes longer than to run it.
ACCOUNTS: Final = (
    select(Account.id, Account.role, Account.language, Account.activated_at, Account.reminders_on)
    .where(Account.participant_id == bindparam("participant_id"))
    .order_by(Account.id)
)
OPEN: Final = (
    select(
        Episode.id, Episode.organ, Episode.severity, Episode.state, Episode.stage, Episode.acknowledge_by_at,
        Episode.seen_at,
    )
    .where(Episode.participant_id == bindparam("participant_id"), Episode.state != EpisodeState.CLOSED)
    .order_by(Episode.severity.desc(), Episode.acknowledge_by_at, Episode.id)
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class AccountView:
    """Somebody who signs in for the participant, without name and number."""

    id: int
    role: str
    language: str
    activated: bool
    reminders_on: bool


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
    accounts: tuple[AccountView, ...]
    next_appointment: infusions.AppointmentView | None
    open_episodes: tuple[EpisodeBrief, ...]
    estimate: triage.ProvisionalEstimate | None


def get_participant_page(session: Session, *, actor: Actor, study_number: str, now: datetime) -> ParticipantPage:
    """Raises NotFound for a participant of another site, as for one who does not exist."""
    participant = find_participant(session, actor, study_number)
    return build_participant_page(
        session, participant, now=now, estimate=triage.get_provisional_estimate(session, participant_id=participant.id)
    )


def build_participant_page(
    session: Session,
    participant: Participant,
    *,
    now: datetime,
    estimate: triage.ProvisionalEstimate | None,
    slots: Iterable[infusions.Slot] | None = None,
) -> ParticipantPage:
    """The page of somebody who has been found. ``slots``: the calendar, when it has been read already."""
    today = local_day(now, participant.timezone)
    if slots is None:
        slots = infusions.list_slots(session, participant_id=participant.id)
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
        next_appointment=infusions.next_appointment_of(slots, now),
        open_episodes=_open_episodes(session, participant.id),
        estimate=estimate,
    )


@dataclass(frozen=True, slots=True)
class CardHolder:
    """Whom a card is for, and whose ward they ring."""

    account_id: int
    role: str
    site: str


def find_card_holder(session: Session, *, actor: Actor, study_number: str, account_id: int) -> CardHolder:
    """The account, if it belongs to this participant of one of the actor's sites; else NotFound."""
    participant = find_participant(session, actor, study_number)
    for account in _accounts(session, participant.id):
        if account.id == account_id:
            return CardHolder(account.id, account.role, participant.site)
    raise NotFound


def _scales(participant: Participant, today: date) -> tuple[str, ...]:
    weight: Decimal | None = participant.weight_kg
    age = age_on(date.fromisoformat(participant.born_on), today)
    return tuple(
        str(scale) for scale in possible_scales(age, weight, protocol_counting(protocols.load_protocol().thresholds))
    )


def _accounts(session: Session, participant_id: int) -> tuple[AccountView, ...]:
    rows = session.execute(ACCOUNTS, {"participant_id": participant_id})
    return tuple(AccountView(id_, role, language, at is not None, texts) for id_, role, language, at, texts in rows)


def _open_episodes(session: Session, participant_id: int) -> tuple[EpisodeBrief, ...]:
    return tuple(EpisodeBrief(*row) for row in session.execute(OPEN, {"participant_id": participant_id}))
