"""Recording an infusion with what follows: a severe reaction is red, and the reports of its hours are judged."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from portal.domain import alert_rules
from portal.domain.access import Actor
from portal.domain.alert_rules.safety import add_safety
from portal.domain.protocol import Protocol
from portal.domain.tasks import TaskKind
from portal.models.infusions import Infusion
from portal.models.people import Participant
from portal.services import infusions, tasks, triage
from portal.services.diary import rejudging

SPONSOR_KNOWS_WITHIN: Final = timedelta(hours=24)  # ICH E2A


def record_given_infusion(
    session: Session,
    *,
    actor: Actor,
    infusion_id: int,
    given: infusions.GivenInfusion,
    protocol: Protocol,
    now: datetime,
    version: int | None = None,
    correction: str | None = None,
) -> int:
    """As ``infusions.record_infusion``; the dose in cells. Reports that were sent before it was known, or before its
    time was put right, are judged again.
    """
    row = session.get(Infusion, infusion_id)
    before = row.started_at if row is not None else None
    dose = infusions.record_infusion(
        session,
        actor=actor,
        infusion_id=infusion_id,
        given=given,
        protocol=protocol,
        now=now,
        version=version,
        correction=correction,
    )
    participant = session.get_one(Participant, session.get_one(Infusion, infusion_id).participant_id)
    _alert(session, participant, infusion_id, given.grade, protocol, now)
    times = [at for at in (before, given.started_at) if at is not None]
    hours = timedelta(hours=protocol.thresholds.after_infusion_hours)
    rejudging.judge_hours_after(
        session, participant, began_at=min(times), ended_at=min(max(times) + hours, now), now=now
    )
    return dose


def _alert(
    session: Session, participant: Participant, infusion_id: int, grade: int, protocol: Protocol, now: datetime
) -> None:
    """A reaction from grade 3 on is red, and the sponsor has to know of it within a day."""
    flags = alert_rules.evaluate_reaction(grade, thresholds=add_safety(protocol.thresholds))
    if not flags:
        return
    raised = triage.raise_flags(session, participant=participant, diary=None, flags=flags, stages={}, now=now)
    triage.alert_reds(session, raised=raised, participant=participant, now=now)
    triage.alert_investigators(session, raised=raised, flags=flags, participant=participant, now=now)
    tasks.open_task(
        session,
        kind=TaskKind.SERIOUS_EVENT,
        participant_id=participant.id,
        site=participant.site,
        dedupe_key=f"infusion:{infusion_id}",
        due_at=now + SPONSOR_KNOWS_WITHIN,
        now=now,
    )
