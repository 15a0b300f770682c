"""What staff do with one infusion. Each verb takes one step of the table; texts follow where a date no longer holds."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from portal.domain import infusions
from portal.domain.access import Actor
from portal.domain.errors import Invalid, NotFound
from portal.domain.infusions import Broken, Step
from portal.domain.protocol import Protocol
from portal.models.calendar import Infusion
from portal.services import audit, messages
from portal.services.infusions import moving

WEIGHT_KG = (Decimal(20), Decimal(250))


@dataclass(frozen=True, slots=True)
class Given:
    """What was given. ``weight_kg`` to 0.1 kg; ``lot`` as printed on the bag."""

    weight_kg: Decimal
    started_at: datetime
    ended_at: datetime
    lot: str


@dataclass(frozen=True, slots=True)
class Moved:
    """The numbers of the infusions whose time changed, and every rule that the new dates break."""

    numbers: tuple[int, ...]
    broken: tuple[Broken, ...]


def confirm(session: Session, *, actor: Actor, infusion_id: int, now: datetime) -> None:
    """The ward has confirmed the date."""
    _step(session, actor, infusion_id, Step.CONFIRM, now)


def mark_given(
    session: Session, *, actor: Actor, infusion_id: int, given: Given, protocol: Protocol, now: datetime
) -> int:
    """Record an infusion as given; returns the dose in cells, computed from the weight. ``Invalid`` by field."""
    problems = _problems(given, now)
    if problems:
        raise Invalid(problems=problems)
    infusion = _step(session, actor, infusion_id, Step.GIVE, now)
    infusion.weight_kg, infusion.lot = given.weight_kg, given.lot.strip()
    infusion.started_at, infusion.ended_at = given.started_at, given.ended_at
    infusion.dose_cells = infusions.dose_cells(given.weight_kg, protocol.infusions.cells_per_kg)
    session.flush()
    messages.replan(session, participant_id=infusion.participant_id, now=now)
    return infusion.dose_cells


def hold(session: Session, *, actor: Actor, infusion_id: int, reason: str, now: datetime) -> None:
    """Put an infusion off without a new date, for a medical reason. It may be moved or cancelled afterwards."""
    _with_reason(session, actor, infusion_id, Step.HOLD, reason, now)


def miss(session: Session, *, actor: Actor, infusion_id: int, reason: str, now: datetime) -> None:
    """Record that an infusion did not take place."""
    _with_reason(session, actor, infusion_id, Step.MISS, reason, now)


def cancel(session: Session, *, actor: Actor, infusion_id: int, reason: str, now: datetime) -> None:
    """Take an infusion out of the plan for good."""
    _with_reason(session, actor, infusion_id, Step.CANCEL, reason, now)


def move(
    session: Session,
    *,
    actor: Actor,
    infusion_id: int,
    to: datetime,
    protocol: Protocol,
    now: datetime,
    reason: str = "",
) -> Moved:
    """Move an infusion; later ones that are still ahead yield inside the spacing, and the reminders follow.

    ``Invalid`` when the new time is past, or when the dates break a rule of the plan and no reason is given.
    """
    if to <= now:
        raise Invalid(problems={"to": "The new time must be in the future."})
    infusion = _locked(session, infusion_id)
    infusions.after(infusion.state, Step.MOVE)
    preview = moving.preview(session, infusion=infusion, to=to, protocol=protocol)
    reason = reason.strip()
    if preview.broken and not reason:
        raise Invalid(problems={"reason": "These dates break a rule of the plan. Please give the reason."})
    audit.act(
        session,
        actor=actor,
        action="infusion:move",
        now=now,
        participant_id=infusion.participant_id,
        reason=reason or None,
    )
    for row, at in preview.changes:
        row.planned_at, row.state = at, str(infusions.after(row.state, Step.MOVE))
    infusion.reason = reason or None
    session.flush()
    messages.replan(session, participant_id=infusion.participant_id, now=now)
    return Moved(tuple(row.number for row, _ in preview.changes), preview.broken)


def _with_reason(session: Session, actor: Actor, infusion_id: int, step: Step, reason: str, now: datetime) -> None:
    if not reason.strip():
        raise Invalid(problems={"reason": "Please give the reason."})
    infusion = _step(session, actor, infusion_id, step, now, reason)
    infusion.reason = reason.strip()
    session.flush()
    messages.replan(session, participant_id=infusion.participant_id, now=now)


def _step(
    session: Session, actor: Actor, infusion_id: int, step: Step, now: datetime, reason: str | None = None
) -> Infusion:
    infusion = _locked(session, infusion_id)
    state = infusions.after(infusion.state, step)
    audit.act(
        session,
        actor=actor,
        action=f"infusion:{step}",
        now=now,
        participant_id=infusion.participant_id,
        reason=reason,
    )
    infusion.state = str(state)
    session.flush()
    return infusion


def _locked(session: Session, infusion_id: int) -> Infusion:
    infusion = session.get(Infusion, infusion_id, with_for_update=True)
    if infusion is None:
        raise NotFound
    return infusion


def _problems(given: Given, now: datetime) -> dict[str, str]:
    low, high = WEIGHT_KG
    checks = {
        "weight_kg": (low <= given.weight_kg <= high, "Enter the weight in kg, between 20 and 250."),
        "started_at": (given.started_at <= now, "The start cannot be in the future."),
        "ended_at": (
            given.started_at <= given.ended_at <= now,
            "The end must be after the start and not in the future.",
        ),
        "lot": (0 < len(given.lot.strip()) <= 40, "Enter the lot number."),
    }
    return {field: problem for field, (fine, problem) in checks.items() if not fine}
