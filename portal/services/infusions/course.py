"""One participant's infusions as a whole: which days they hold, which rules these break, and the reasons for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from portal.domain import infusions
from portal.domain.access import Actor, Permission
from portal.domain.errors import Conflict, Invalid
from portal.domain.infusions import AHEAD, BrokenRule, InfusionState, PlanRule
from portal.domain.msgid import N_
from portal.domain.protocol import Protocol
from portal.models.infusions import Infusion
from portal.models.people import Participant
from portal.services.scope import find_participant_where

Times = Mapping[int, datetime]
HOLDS_ITS_DAY = AHEAD | {InfusionState.GIVEN}
# What was settled once and for all: dates that change later neither cause nor mend it.
LASTING_RULES = frozenset({PlanRule.COUNT, PlanRule.OFF_PATTERN, PlanRule.CELLS})


@dataclass(frozen=True, slots=True)
class InfusionPlanState:
    """``rows`` by number. What was given holds the day on which it began; what is ahead, its planned day."""

    participant: Participant
    rows: tuple[Infusion, ...]
    protocol: Protocol

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.participant.timezone)

    @property
    def version(self) -> int:
        """Higher after every change of any of them."""
        return sum(row.sequence for row in self.rows)

    def times(self) -> dict[int, datetime]:
        """When each was or will be, of those that hold a day; by number."""
        return {row.number: effective_at(row) for row in self.rows if row.state in HOLDS_ITS_DAY}

    def day(self, at: datetime) -> date:
        return at.astimezone(self.zone).date()

    def row(self, infusion_id: int) -> Infusion:
        return next(row for row in self.rows if row.id == infusion_id)

    def broken(self, times: Times, first: Times | None = None) -> frozenset[BrokenRule]:
        """Rules that these times break, by the infusion's own number. ``first``: the plan, by default as stored."""
        originals = {row.number: row.original_at for row in self.rows} | dict(first or {})
        numbers = sorted(times, key=lambda number: (self.day(times[number]), number))
        found = infusions.broken_rules(
            [self.day(times[number]) for number in numbers],
            self.protocol.infusions,
            enrolled_on=self.participant.enrolled_on,
            first_within_days=self.protocol.eligibility.first_treatment_within_days,
            holidays=frozenset(self.protocol.clocks.holidays),
            original=[self.day(originals[number]) for number in numbers],
        )
        return frozenset(
            BrokenRule(numbers[one.number - 1], one.rule) for one in found if one.rule is not PlanRule.COUNT
        )

    def unexplained(self, times: Times) -> tuple[BrokenRule, ...]:
        """What these times break and nobody has given a reason for yet."""
        known = {BrokenRule(row.number, PlanRule(rule)) for row in self.rows for rule in row.deviations or {}}
        return tuple(sorted(self.broken(times) - known))

    def settle(self, reason: str) -> None:
        """Write down what the dates break now: with the reason it had, else this one. What holds again is taken off."""
        broken = self.broken(self.times())
        for row in self.rows:
            before = row.deviations or {}
            kept = {rule: words for rule, words in before.items() if rule in LASTING_RULES}
            rules = sorted(str(one.rule) for one in broken if one.number == row.number)
            row.deviations = kept | {rule: before.get(rule, reason) for rule in rules} or None

    def check_version(self, version: int | None) -> None:
        """``Conflict`` when the page on which somebody decided shows an older plan."""
        if version is not None and version != self.version:
            raise Conflict(N_("The plan was changed in the meantime. This is how it stands now."))


def effective_at(row: Infusion) -> datetime:
    return row.started_at if row.state == InfusionState.GIVEN and row.started_at else row.planned_at


def deviations_without_count(row: Infusion) -> dict[str, str] | None:
    """Its deviations but for being one short, which it no longer is."""
    return {rule: words for rule, words in (row.deviations or {}).items() if rule != PlanRule.COUNT} or None


def require_reason_for(broken: tuple[BrokenRule, ...], reason: str, field: str = "reason") -> None:
    """``Invalid`` where rules are broken and nobody says why."""
    if broken and not reason.strip():
        raise Invalid(problems={field: N_("These dates break a rule of the plan. Please give the reason.")})


def load_participant_plan(
    session: Session, *, actor: Actor, participant_id: int, protocol: Protocol, lock: bool = True
) -> InfusionPlanState:
    """``NotFound`` for a participant of another site; ``NotAllowed`` for a change without the permission."""
    return _load(session, actor, Participant.id == participant_id, protocol, lock=lock)


def load_plan_by_study_number(
    session: Session, *, actor: Actor, study_number: str, protocol: Protocol
) -> InfusionPlanState:
    """To read."""
    return _load(session, actor, Participant.study_number == study_number, protocol, lock=False)


def load_plan_of_infusion(
    session: Session, *, actor: Actor, infusion_id: int, protocol: Protocol, lock: bool = True
) -> InfusionPlanState:
    """The course that an infusion belongs to."""
    owner = select(Infusion.participant_id).where(Infusion.id == infusion_id).scalar_subquery()
    return _load(session, actor, Participant.id == owner, protocol, lock=lock)


def _load(
    session: Session, actor: Actor, which: ColumnElement[bool], protocol: Protocol, *, lock: bool
) -> InfusionPlanState:
    """The participant's row is locked first, always: two who change one plan wait for each other, never for ever."""
    permission = Permission.INFUSIONS_ACT if lock else None
    participant = find_participant_where(session, actor, which, permission=permission, lock=lock, fresh=True)
    plan = select(Infusion).where(Infusion.participant_id == participant.id).order_by(Infusion.number)
    rows = session.scalars(
        plan.with_for_update() if lock else plan, execution_options={"populate_existing": True}
    ).all()
    return InfusionPlanState(participant, tuple(rows), protocol)
