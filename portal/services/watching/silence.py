"""A participant's days when one of them is missed: due, paused and reported ones, and whether the card is used."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from portal import protocols
from portal.domain.alert_rules import Severity, find_worst_severity
from portal.domain.diary import first_due_day, local_day
from portal.domain.participation import ParticipationStatus
from portal.models.diary import Diary
from portal.models.participation import ParticipationStep
from portal.models.people import Account, Participant
from portal.models.triage import Flag


@dataclass(frozen=True, slots=True)
class PastDays:
    """``due_on``: every day up to the missed one whose diary was owed or paused, oldest first.

    ``last_severity`` is that of the last day with a report. ``card_used``: somebody has signed in, or a diary is there.
    """

    due_on: tuple[date, ...]
    paused_on: frozenset[date]
    reported_on: frozenset[date]
    last_severity: Severity | None
    card_used: bool


def read_days(session: Session, participant: Participant, on: date) -> PastDays:
    """Everything up to the missed day ``on``. A red answer that is not sent stands for a report of its day."""
    rows = session.execute(
        select(Diary.diary_on, Diary.severity).where(Diary.participant_id == participant.id, Diary.diary_on < on)
    ).all()
    unsent = session.execute(unsent_reds(participant.id).where(Flag.diary_on < on)).all()
    days = [(day, Severity(worst) if worst else None) for day, worst in rows]
    days += [(row.diary_on, Severity.RED) for row in unsent]
    last_on = max((day for day, _ in days), default=None)
    used_on = _card_used_on(session, participant)
    plan = protocols.load_protocol().diary
    first = first_due_day(plan, transplant_on=participant.transplant_on, enrolled_on=participant.enrolled_on)
    if used_on is not None and not days:
        first = min(max(first, used_on), on)
    due = tuple(first + timedelta(days=ahead) for ahead in range((on - first).days + 1))
    return PastDays(
        due_on=due,
        paused_on=_paused_days(session, participant, due),
        reported_on=frozenset(day for day, _ in days),
        last_severity=find_worst_severity(worst for day, worst in days if day == last_on),
        card_used=used_on is not None or bool(days),
    )


def unsent_reds(participant_id: int) -> Select[int, date | None]:
    """Red answers of drafts that still stand."""
    return select(Flag.id, Flag.diary_on).where(
        Flag.participant_id == participant_id,
        Flag.draft_client_id.is_not(None),
        Flag.diary_id.is_(None),
        Flag.corrected_at.is_(None),
    )


def _card_used_on(session: Session, participant: Participant) -> date | None:
    """The day on which somebody first signed in for the participant."""
    at = session.execute(
        select(func.min(Account.activated_at, type_=Account.activated_at.type)).where(
            Account.participant_id == participant.id
        )
    ).scalar_one()
    return local_day(at, participant.timezone) if at else None


def _paused_days(session: Session, participant: Participant, days: Iterable[date]) -> frozenset[date]:
    """The days at whose end the participation was paused."""
    steps: Sequence[tuple[datetime, str]] = [
        (at, to_state)
        for at, to_state in session.execute(
            select(ParticipationStep.at, ParticipationStep.to_state)
            .where(ParticipationStep.participant_id == participant.id)
            .order_by(ParticipationStep.at, ParticipationStep.id)
        )
    ]
    return frozenset(day for day in days if _status_at_end(steps, day, participant.timezone) == PAUSED)


PAUSED = ParticipationStatus.PAUSED


def _status_at_end(steps: Sequence[tuple[datetime, str]], day: date, timezone: str) -> str:
    passed = [to_state for at, to_state in steps if local_day(at, timezone) <= day]
    return passed[-1] if passed else ParticipationStatus.ACTIVE
