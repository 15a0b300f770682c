"""The plan of one participant's infusions: proposed, adjusted by hand, checked against every rule, and made."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from portal.domain import infusions, participation
from portal.domain.access import Actor
from portal.domain.errors import Conflict, Invalid
from portal.domain.infusions import BrokenRule, InfusionState, InfusionStep, PlanRule
from portal.domain.local_time import local_instant
from portal.domain.msgid import N_
from portal.domain.protocol import Protocol
from portal.models.infusions import Infusion
from portal.services import audit, messages
from portal.services.infusions import course, revision
from portal.services.infusions.course import InfusionPlanState


@dataclass(frozen=True, slots=True)
class PlanDraft:
    """A plan that is not made yet: the numbers to plan and a time for each, and the rules that these times break."""

    participant_id: int
    study_number: str
    numbers: tuple[int, ...]
    times: tuple[datetime, ...]
    weekdays: tuple[int, ...]
    patterns: tuple[tuple[int, ...], ...]
    broken: tuple[BrokenRule, ...]
    enrolled_on: date
    transplant_on: date
    timezone: str


def draft_plan(
    session: Session,
    *,
    actor: Actor,
    study_number: str,
    protocol: Protocol,
    now: datetime,
    weekdays: Sequence[int],
    times: Sequence[datetime] | None = None,
) -> PlanDraft | None:
    """What the protocol proposes for the weekdays, or ``times`` held against it; None for an arm without infusions.

    ``Conflict`` when there is a plan already or the participation is over.
    """
    plan = course.load_plan_by_study_number(session, actor=actor, study_number=study_number, protocol=protocol)
    if not has_infusions(plan):
        return None
    numbers = _to_plan(plan)
    proposed = propose_times(plan, weekdays, not_before=_earliest(plan, now))
    chosen = tuple(times or proposed)
    return PlanDraft(
        participant_id=plan.participant.id,
        study_number=plan.participant.study_number,
        numbers=numbers,
        times=chosen,
        weekdays=tuple(weekdays),
        patterns=infusions.list_weekday_patterns(protocol.infusions, working=protocol.clocks.working_weekdays),
        broken=_broken(plan, numbers, chosen, proposed),
        enrolled_on=plan.participant.enrolled_on,
        transplant_on=plan.participant.transplant_on,
        timezone=plan.participant.timezone,
    )


def plan_infusions(
    session: Session,
    *,
    actor: Actor,
    participant_id: int,
    protocol: Protocol,
    now: datetime,
    weekdays: Sequence[int] = infusions.MONDAY_AND_THURSDAY,
    times: Sequence[datetime] | None = None,
    reason: str = "",
) -> tuple[date, ...]:
    """Plan the infusions at ``times``, or as the protocol proposes them from the day of enrolment on; their days.

    None for an arm without infusions. ``Conflict`` when there is a plan already. ``Invalid`` where a time has passed,
    or breaks a rule without a reason; with one, the rule and the reason are kept with the infusion.
    """
    whole = course.load_participant_plan(session, actor=actor, participant_id=participant_id, protocol=protocol)
    if not has_infusions(whole):
        return ()
    numbers = _to_plan(whole)
    proposed = propose_times(whole, weekdays, not_before=_earliest(whole, now) if times else None)
    chosen = tuple(times or proposed)
    _check(numbers, chosen, now if times else None)
    broken = _broken(whole, numbers, chosen, proposed)
    course.require_reason_for(broken, reason)
    reason = reason.strip()
    audit.begin(
        session,
        actor=actor,
        action="infusions:plan",
        now=now,
        participant_id=participant_id,
        reason=reason or None,
    )
    for number, at in zip(numbers, chosen, strict=True):
        rules = {str(one.rule): reason for one in broken if one.number == number} or None
        _put(session, whole, number, at, rules, now)
    session.flush()
    messages.replan_reminders(session, participant_id=participant_id, now=now)
    return tuple(whole.day(at) for at in chosen)


def has_infusions(plan: InfusionPlanState) -> bool:
    arm = plan.participant.arm
    return arm is not None and plan.protocol.arm(arm).infusions


def can_plan(plan: InfusionPlanState) -> bool:
    """No plan yet, or all that was ahead was cancelled when the person left, and the person is back."""
    if not has_infusions(plan) or participation.has_ended(participation.ParticipationStatus(plan.participant.status)):
        return False
    return not plan.rows or any(_left_behind(row) for row in plan.rows)


def propose_times(plan: InfusionPlanState, weekdays: Sequence[int], *, not_before: date | None) -> tuple[datetime, ...]:
    """At the usual time, for all that is to be planned. ``Invalid`` for weekdays that do not fit."""
    days = infusions.propose_dates(
        plan.protocol.infusions,
        enrolled_on=plan.participant.enrolled_on,
        first_within_days=plan.protocol.eligibility.first_treatment_within_days,
        weekdays=weekdays,
        holidays=frozenset(plan.protocol.clocks.holidays),
        not_before=not_before,
        given=[plan.day(at) for at in plan.times().values()],
        count=len(_to_plan(plan)),
    )
    at = plan.protocol.infusions.usual_time
    return tuple(local_instant(day, at, plan.zone) for day in days)


def _to_plan(plan: InfusionPlanState) -> tuple[int, ...]:
    if not can_plan(plan):
        raise Conflict(N_("The infusions are already planned."))
    if not plan.rows:
        return tuple(range(1, plan.protocol.infusions.count + 1))
    return tuple(row.number for row in plan.rows if _left_behind(row))


def _left_behind(row: Infusion) -> bool:
    """Cancelled by the leaving: what staff cancelled has its reason."""
    return row.state == InfusionState.CANCELLED and row.reason is None


def _earliest(plan: InfusionPlanState, now: datetime) -> date:
    """Today while its usual time is ahead, else tomorrow."""
    today = plan.day(now)
    usual = local_instant(today, plan.protocol.infusions.usual_time, plan.zone)
    return today if usual > now else today + timedelta(days=1)


def _broken(
    plan: InfusionPlanState, numbers: Sequence[int], times: Sequence[datetime], proposed: Sequence[datetime]
) -> tuple[BrokenRule, ...]:
    new = dict(zip(numbers, times, strict=True))
    found = {one for one in plan.broken(plan.times() | new, first=new) if one.number in new}
    by_place = infusions.find_off_pattern(
        [plan.day(at) for at in times], [plan.day(at) for at in proposed], plan.protocol.infusions
    )
    return tuple(sorted(found | {BrokenRule(numbers[one.number - 1], PlanRule.OFF_PATTERN) for one in by_place}))


def _check(numbers: Sequence[int], times: Sequence[datetime], now: datetime | None) -> None:
    if len(times) != len(numbers):
        raise Invalid(N_("Every infusion needs a date."))
    problems = {}
    for place, (number, at) in enumerate(zip(numbers, times, strict=True)):
        if now is not None and at <= now:
            problems[f"at_{number}"] = N_("The time must be in the future.")
        elif place and at <= times[place - 1]:
            problems[f"at_{number}"] = N_("This must be after the one before.")
    if problems:
        raise Invalid(problems=problems)


def _put(
    session: Session,
    plan: InfusionPlanState,
    number: int,
    at: datetime,
    deviations: dict[str, str] | None,
    now: datetime,
) -> None:
    row = next((row for row in plan.rows if row.number == number), None)
    if row is None:
        row = Infusion(
            participant_id=plan.participant.id,
            number=number,
            planned_at=at,
            original_at=at,
            state=InfusionState.PLANNED,
            deviations=deviations,
            protocol_version=plan.protocol.version,
        )
        session.add(row)
        return
    row.state = infusions.next_state(row.state, InfusionStep.REPLAN)
    row.planned_at = row.original_at = at
    row.deviations = deviations
    revision.mark_changed(row, now)
