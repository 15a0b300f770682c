"""What staff do with one infusion. Each verb takes one step of the table; texts follow where a date no longer holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from portal import protocols
from portal.domain import infusions
from portal.domain.access import Actor
from portal.domain.infusions import BrokenRule, InfusionStep, PlanRule
from portal.domain.protocol import Protocol
from portal.domain.reasons import reason_of
from portal.models.infusions import Infusion
from portal.services import audit, messages
from portal.services.infusions import course, giving, moving, revision
from portal.services.infusions.course import InfusionPlanState

ONE_SHORT: Final = frozenset({InfusionStep.MISS, InfusionStep.CANCEL})


@dataclass(frozen=True, slots=True)
class MoveResult:
    """The numbers of the infusions whose time changed, and every rule that the new dates break."""

    numbers: tuple[int, ...]
    broken: tuple[BrokenRule, ...]


def confirm_infusion(
    session: Session, *, actor: Actor, infusion_id: int, now: datetime, version: int | None = None
) -> None:
    """The ward has confirmed the date. No news to the participant: the time is the one they know."""
    plan = _course(session, actor, infusion_id, version)
    row = _step(session, plan, actor, infusion_id, InfusionStep.CONFIRM, now)
    revision.bump_sequence(row)
    session.flush()


def hold_infusion(
    session: Session, *, actor: Actor, infusion_id: int, reason: str, now: datetime, version: int | None = None
) -> None:
    """Put an infusion off without a new date, for a medical reason. It may be moved or cancelled afterwards."""
    _with_reason(session, actor, infusion_id, InfusionStep.HOLD, reason, now, version)


def miss_infusion(
    session: Session, *, actor: Actor, infusion_id: int, reason: str, now: datetime, version: int | None = None
) -> None:
    """Record that an infusion did not take place: the plan is one short, a deviation with this reason."""
    _with_reason(session, actor, infusion_id, InfusionStep.MISS, reason, now, version)


def cancel_infusion(
    session: Session, *, actor: Actor, infusion_id: int, reason: str, now: datetime, version: int | None = None
) -> None:
    """Take an infusion out of the plan for good: a deviation with this reason, like one that was missed."""
    _with_reason(session, actor, infusion_id, InfusionStep.CANCEL, reason, now, version)


def take_back_infusion(
    session: Session, *, actor: Actor, infusion_id: int, reason: str, now: datetime, version: int | None = None
) -> None:
    """Undo a wrong record: the infusion is planned for its day again. The history keeps what was recorded."""
    _with_reason(session, actor, infusion_id, InfusionStep.TAKE_BACK, reason, now, version)


def move_infusion(
    session: Session,
    *,
    actor: Actor,
    infusion_id: int,
    to: datetime,
    protocol: Protocol,
    now: datetime,
    reason: str = "",
    version: int | None = None,
) -> MoveResult:
    """Move an infusion; later ones that are still ahead yield inside the spacing, and the reminders follow.

    ``Invalid`` when the new time is past, or when the dates break a rule of the plan and no reason is given;
    ``Conflict`` when the plan is no longer of the ``version`` that a preview showed.
    """
    plan = course.load_plan_of_infusion(session, actor=actor, infusion_id=infusion_id, protocol=protocol)
    plan.check_version(version)
    preview = moving.compute_move(plan, plan.row(infusion_id), to, now)
    course.require_reason_for(preview.broken, reason)
    reason = reason.strip()
    _act(session, plan, actor, InfusionStep.MOVE, now, reason)
    changed = moving.apply_move(plan, preview)
    plan.row(infusion_id).reason = reason or None
    _follow(session, plan, changed, reason, now)
    return MoveResult(tuple(row.number for row in changed), preview.broken)


def _with_reason(
    session: Session,
    actor: Actor,
    infusion_id: int,
    step: InfusionStep,
    reason: str,
    now: datetime,
    version: int | None,
) -> None:
    reason = reason_of(reason)
    plan = _course(session, actor, infusion_id, version)
    row = _step(session, plan, actor, infusion_id, step, now, reason)
    row.reason = reason
    row.deviations = {PlanRule.COUNT: reason} if step in ONE_SHORT else course.deviations_without_count(row)
    if step is InfusionStep.TAKE_BACK:
        giving.clear_record(row)
    _follow(session, plan, (row,), reason, now)


def _course(session: Session, actor: Actor, infusion_id: int, version: int | None) -> InfusionPlanState:
    plan = course.load_plan_of_infusion(
        session, actor=actor, infusion_id=infusion_id, protocol=protocols.load_protocol()
    )
    plan.check_version(version)
    return plan


def _step(
    session: Session,
    plan: InfusionPlanState,
    actor: Actor,
    infusion_id: int,
    step: InfusionStep,
    now: datetime,
    reason: str = "",
) -> Infusion:
    row = plan.row(infusion_id)
    state = infusions.next_state(row.state, step)
    _act(session, plan, actor, step, now, reason)
    row.state = state
    return row


def _act(
    session: Session, plan: InfusionPlanState, actor: Actor, step: InfusionStep, now: datetime, reason: str
) -> None:
    audit.begin(
        session,
        actor=actor,
        action=f"infusion:{step}",
        now=now,
        participant_id=plan.participant.id,
        reason=reason or None,
    )


def _follow(session: Session, plan: InfusionPlanState, changed: Sequence[Infusion], reason: str, now: datetime) -> None:
    """What comes after every change: it is counted, its deviations are written down, and the texts follow."""
    for row in changed:
        revision.mark_changed(row, now)
    plan.settle(reason)
    session.flush()
    messages.replan_reminders(session, participant_id=plan.participant.id, now=now)
