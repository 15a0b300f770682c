"""What moving one infusion would do to the others, before anything is written."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from portal.domain import infusions
from portal.domain.access import Actor
from portal.domain.errors import Invalid
from portal.domain.infusions import AHEAD, BrokenRule, InfusionStep
from portal.domain.msgid import N_
from portal.domain.protocol import Protocol
from portal.models.infusions import Infusion
from portal.services.infusions import course
from portal.services.infusions.course import InfusionPlanState


@dataclass(frozen=True, slots=True)
class InfusionShift:
    number: int
    before: datetime
    after: datetime


@dataclass(frozen=True, slots=True)
class MovePreview:
    """Who would move where, the rules that these dates break without a reason yet, and the plan it starts from."""

    shifts: tuple[InfusionShift, ...]
    broken: tuple[BrokenRule, ...]
    version: int


def preview_move(
    session: Session, *, actor: Actor, infusion_id: int, to: datetime, protocol: Protocol, now: datetime
) -> MovePreview:
    """Nothing is changed. ``Invalid`` for a time that has passed, ``Conflict`` where it cannot be moved any more."""
    plan = course.load_plan_of_infusion(session, actor=actor, infusion_id=infusion_id, protocol=protocol)
    return compute_move(plan, plan.row(infusion_id), to, now)


def compute_move(plan: InfusionPlanState, infusion: Infusion, to: datetime, now: datetime) -> MovePreview:
    infusions.next_state(infusion.state, InfusionStep.MOVE)
    if to <= now:
        raise Invalid(problems={"to": N_("The new time must be in the future.")})
    new = _new_times(plan, infusion, to)
    shifts = tuple(
        InfusionShift(row.number, row.planned_at, new[row.number])
        for row in plan.rows
        if row is infusion or (row.state in AHEAD and row.planned_at != new[row.number])
    )
    return MovePreview(shifts, plan.unexplained(new), plan.version)


def _new_times(plan: InfusionPlanState, infusion: Infusion, to: datetime) -> dict[int, datetime]:
    """By number. What is over stays; those ahead after the moved one yield, each at its own time of day."""
    times = plan.times()
    later = [row for row in plan.rows if row.number > infusion.number and row.state in AHEAD]
    fixed = set(times) - {infusion.number, *(row.number for row in later)}
    before, after = [times[number] for number in sorted(fixed)], [row.planned_at for row in later]
    days = infusions.dates_after_move(
        [plan.day(at) for at in (*before, to, *after)],
        len(before),
        plan.day(to),
        plan.protocol.infusions,
        holidays=frozenset(plan.protocol.clocks.holidays),
    )
    moved = {
        row.number: datetime.combine(day, row.planned_at.astimezone(plan.zone).time(), tzinfo=plan.zone).astimezone(UTC)
        for row, day in zip(later, days[len(before) + 1 :], strict=True)
    }
    return times | {infusion.number: to} | moved


def apply_move(plan: InfusionPlanState, preview: MovePreview) -> tuple[Infusion, ...]:
    """Carry it out on the rows; those that changed. A confirmed date that moves must be confirmed anew."""
    new = {one.number: one.after for one in preview.shifts}
    changed = tuple(row for row in plan.rows if row.number in new)
    for row in changed:
        row.planned_at, row.state = new[row.number], infusions.next_state(row.state, InfusionStep.MOVE)
    return changed
