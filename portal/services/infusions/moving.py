"""What moving one infusion would do to the others, before anything is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain import infusions
from portal.domain.infusions import AHEAD, Broken, State
from portal.domain.protocol import Protocol
from portal.models.calendar import Infusion
from portal.models.people import Participant
from portal.services.infusions.plans import found

Times = Mapping[int, datetime]
HOLDS_ITS_DAY = AHEAD | {State.GIVEN}


@dataclass(frozen=True, slots=True)
class Preview:
    """The rows that change with their new times, and the rules that only the new dates break."""

    changes: tuple[tuple[Infusion, datetime], ...]
    broken: tuple[Broken, ...]


def preview(session: Session, *, infusion: Infusion, to: datetime, protocol: Protocol) -> Preview:
    """Locks the participant's plan and works out the move. Nothing is changed."""
    participant = found(session, infusion.participant_id)
    rows = [row for row in _plan_of(session, participant.id) if row is infusion or row.state in HOLDS_ITS_DAY]
    old = {row.number: row.planned_at for row in rows if row.state in HOLDS_ITS_DAY}
    new = _new_times(rows, infusion, to, protocol, ZoneInfo(participant.timezone))
    broken = _broken(rows, new, protocol, participant) - _broken(rows, old, protocol, participant)
    changes = tuple((row, new[row.number]) for row in rows if row.planned_at != new[row.number] or row is infusion)
    return Preview(changes, tuple(sorted(broken)))


def _plan_of(session: Session, participant_id: int) -> Sequence[Infusion]:
    statement = select(Infusion).where(Infusion.participant_id == participant_id).order_by(Infusion.number)
    return session.execute(statement.with_for_update()).scalars().all()


def _new_times(
    rows: Sequence[Infusion], infusion: Infusion, to: datetime, protocol: Protocol, zone: ZoneInfo
) -> dict[int, datetime]:
    """By number. What is over stays; those ahead after the moved one yield, each at its own time of day."""
    before = [row for row in rows if row.number < infusion.number]
    later = [row for row in rows if row.number > infusion.number and row.state in AHEAD]
    local = {row.number: row.planned_at.astimezone(zone) for row in rows}
    days = infusions.moved(
        [local[row.number].date() for row in (*before, infusion, *later)],
        len(before),
        to.astimezone(zone).date(),
        protocol.infusions,
        holidays=frozenset(protocol.clocks.holidays),
    )
    times = {row.number: row.planned_at for row in rows} | {infusion.number: to}
    for row, day in zip(later, days[len(before) + 1 :], strict=True):
        times[row.number] = datetime.combine(day, local[row.number].time(), tzinfo=zone).astimezone(UTC)
    return times


def _broken(rows: Sequence[Infusion], times: Times, protocol: Protocol, participant: Participant) -> set[Broken]:
    """Broken rules by the infusion's own number, though not all numbers may still hold a day."""
    zone = ZoneInfo(participant.timezone)
    numbers = sorted(times)
    first_plan = {row.number: row.original_at for row in rows}
    found_by_place = infusions.broken_rules(
        [times[number].astimezone(zone).date() for number in numbers],
        protocol.infusions,
        enrolled_on=participant.enrolled_on,
        first_within_days=protocol.eligibility.first_treatment_within_days,
        holidays=frozenset(protocol.clocks.holidays),
        original=[first_plan[number].astimezone(zone).date() for number in numbers],
    )
    return {Broken(numbers[one.number - 1] if one.number else 0, one.rule) for one in found_by_place}
