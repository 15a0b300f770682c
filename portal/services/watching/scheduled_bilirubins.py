"""Scheduled bilirubins: disease that begins in the liver shows in no diary."""

from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from portal import protocols
from portal.domain.access import SYSTEM
from portal.domain.alert_rules import Organ
from portal.domain.diary import local_day
from portal.domain.laboratory import LabKind
from portal.domain.participation import ParticipationStatus
from portal.domain.tasks import TaskKind, due_in_working_time
from portal.domain.triage import EpisodeState
from portal.models.laboratory import LabResult
from portal.models.people import Participant
from portal.models.tasks import Task
from portal.models.triage import Episode
from portal.services import audit, tasks

GVHD_ORGANS: Final = (Organ.SKIN, Organ.UPPER_GI, Organ.LOWER_GI, Organ.LIVER)


def open_scheduled_bilirubins(session: Session, *, now: datetime) -> int:
    """A task for everybody whose last bilirubin is a week old, or some days while an organ is flagged; how many.

    From enrolment to the last day of acute disease. Who has one open, or one that is wanted for a sign, has enough.
    """
    protocol = protocols.load_protocol()
    today = local_day(now, protocol.timezone)
    last = protocol.thresholds.acute_last_study_day
    sampled_at = (
        select(func.max(LabResult.measured_at, type_=LabResult.measured_at.type))
        .where(
            LabResult.participant_id == Participant.id,
            LabResult.kind == LabKind.BILIRUBIN,
            LabResult.voided_at.is_(None),
        )
        .scalar_subquery()
    )
    closed_at = (
        select(func.max(Task.closed_at, type_=Task.opened_at.type))
        .where(Task.participant_id == Participant.id, Task.kind == TaskKind.SCHEDULED_BILIRUBIN)
        .scalar_subquery()
    )
    flagged = exists().where(
        Episode.participant_id == Participant.id,
        Episode.organ.in_(GVHD_ORGANS),
        Episode.state != EpisodeState.CLOSED,
    )
    waits = exists().where(
        Task.participant_id == Participant.id,
        Task.kind.in_([TaskKind.SCHEDULED_BILIRUBIN, TaskKind.BILIRUBIN_WANTED]),
        Task.closed_at.is_(None),
    )
    rows = session.execute(
        select(Participant.id, Participant.enrolled_on, sampled_at, closed_at, flagged).where(
            Participant.status == ParticipationStatus.ACTIVE,
            Participant.transplant_on >= today - timedelta(days=last),
            ~waits,
        )
    ).all()
    return sum(
        _open(session, participant_id, now)
        for participant_id, enrolled_on, sampled, closed, is_flagged in rows
        if _is_due(max((at for at in (sampled, closed) if at), default=None), enrolled_on, today, flagged=is_flagged)
    )


def _is_due(last_at: datetime | None, enrolled_on: date, today: date, *, flagged: bool) -> bool:
    """``last_at``: of the last sample, or when somebody gave a reason for none."""
    protocol = protocols.load_protocol()
    last_on = local_day(last_at, protocol.timezone) if last_at else enrolled_on
    wanted = protocol.clocks.bilirubin_days_flagged if flagged else protocol.clocks.bilirubin_days
    return (today - last_on).days >= wanted


def _open(session: Session, participant_id: int, now: datetime) -> int:
    protocol = protocols.load_protocol()
    statement = select(Participant.site).where(Participant.id == participant_id).with_for_update(key_share=True)
    site = session.execute(statement).scalar_one()
    audit.begin(session, actor=SYSTEM, action="task:open", now=now, participant_id=participant_id)
    opened = tasks.open_task(
        session,
        kind=TaskKind.SCHEDULED_BILIRUBIN,
        participant_id=participant_id,
        site=site,
        dedupe_key=f"{participant_id}:{local_day(now, protocol.timezone).isoformat()}",
        due_at=due_in_working_time(now, clocks=protocol.clocks, timezone=protocol.timezone),
        now=now,
    )
    return int(opened is not None)
