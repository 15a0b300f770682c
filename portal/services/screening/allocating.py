"""The irreversible step: the arm is revealed, and the person becomes a participant with a number and visits."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import protocols
from portal.domain import screening as rules
from portal.domain.access import Actor, Role
from portal.domain.diary import local_day
from portal.domain.eligibility import EligibilityOutcome
from portal.domain.errors import Conflict, Invalid
from portal.domain.msgid import N_
from portal.domain.reasons import GIVE_THE_REASON, LONGEST
from portal.domain.screening import ScreeningState
from portal.models.enrolment import Consent, Screening
from portal.models.people import Participant
from portal.services import allocation, audit, enrolment, infusions
from portal.services.screening.acting import check_version, mark_updated, phone_problems
from portal.services.screening.numbers import next_study_number
from portal.services.screening.reading import compute_eligibility, find_screening

NOT_ELIGIBLE = N_("Not every criterion is met and every consent recorded. Look at the review again.")
NOT_TODAY = N_("The day of enrolment is still to come. Allocate on that day, or change it under Disease.")
PHONE_TAKEN = N_("A phone number of this screening belongs to another account by now. Change it under Person.")


@dataclass(frozen=True, slots=True)
class EnrolmentResult:
    """``new``: False when this screening had its allocation before."""

    study_number: str
    participant_id: int
    arm: str
    new: bool


@dataclass(frozen=True, slots=True)
class ExternalAllocation:
    """An allocation that another system made: its arm, the reference there, and why it was made there."""

    arm: str
    reference: str
    reason: str


def allocate_participant(
    session: Session, *, actor: Actor, number: str, version: int, now: datetime, stratum: str | None = None
) -> EnrolmentResult:
    """Draw the next arm and enrol. Sent twice, the second call returns what the first has drawn.

    ``Conflict`` when a criterion or consent is missing, when the screening was changed since, or when no row is left.
    """
    row = find_screening(session, actor, number, lock=True)
    if row.state == ScreeningState.ALLOCATED:
        return _before(session, row)
    _check(session, row, version, now)
    audit.begin(session, actor=actor, action="allocation:draw", now=now)
    drawn = allocation.draw_allocation(session, actor=actor, site=row.site, stratum=stratum, now=now)
    enrolled = _enrol(session, row, actor, drawn.arm, now)
    allocation.assign_allocation(session, allocation_id=drawn.id, participant_id=enrolled.participant_id)
    _plan_visits(session, actor, enrolled, now)
    return enrolled


def record_external_allocation(
    session: Session, *, actor: Actor, number: str, version: int, made: ExternalAllocation, now: datetime
) -> EnrolmentResult:
    """Enrol with an arm that was allocated outside this portal; no list is touched. ``Invalid`` by field."""
    row = find_screening(session, actor, number, lock=True)
    if row.state == ScreeningState.ALLOCATED:
        return _before(session, row)
    _check(session, row, version, now)
    problems = _elsewhere_problems(made)
    if problems:
        raise Invalid(problems=problems)
    audit.begin(session, actor=actor, action="allocation:elsewhere", now=now, reason=made.reason.strip())
    row.decision = {"elsewhere": True, "reference": made.reference.strip(), "reason": made.reason.strip()}
    enrolled = _enrol(session, row, actor, made.arm, now)
    _plan_visits(session, actor, enrolled, now)
    return enrolled


def _elsewhere_problems(made: ExternalAllocation) -> dict[str, str]:
    reference, reason = made.reference.strip(), made.reason.strip()
    problems = {}
    if made.arm not in {arm.code for arm in protocols.load_protocol().arms}:
        problems["arm"] = N_("Choose the arm.")
    if not 0 < len(reference) <= 80:
        problems["reference"] = N_("Write the reference, 80 characters at most.")
    if not 0 < len(reason) <= LONGEST:
        problems["reason"] = GIVE_THE_REASON
    return problems


def _before(session: Session, row: Screening) -> EnrolmentResult:
    person = session.get_one(Participant, row.participant_id)
    return EnrolmentResult(person.study_number, person.id, str(person.arm), new=False)


def _check(session: Session, row: Screening, version: int, now: datetime) -> None:
    rules.check_open(row.state)
    check_version(row, version)
    stands = compute_eligibility(session, row, now)
    if stands.outcome is not EligibilityOutcome.ELIGIBLE:
        raise Conflict(NOT_ELIGIBLE)
    if stands.waits:
        raise Conflict(NOT_TODAY)
    if phone_problems(session, row.answers):
        raise Conflict(PHONE_TAKEN)


def _enrol(session: Session, row: Screening, actor: Actor, arm: str, now: datetime) -> EnrolmentResult:
    """The participant with their own key first; only then can rows be linked, and the audit log be under that key."""
    today = local_day(now, protocols.load_protocol().timezone)
    number = next_study_number(session, row.site)
    person = enrolment.register_participant(session, actor=actor, person=_new(row, number, arm, today), now=now)
    audit.begin(session, actor=actor, action="screening:enrol", now=now, participant_id=person.id)
    row.participant_id, row.state, row.decided_on = person.id, ScreeningState.ALLOCATED, today
    mark_updated(row, actor, now)
    for consent in session.scalars(select(Consent).where(Consent.screening_id == row.id)):
        consent.participant_id = person.id
    session.flush()
    return EnrolmentResult(number, person.id, arm, new=True)


def _plan_visits(session: Session, actor: Actor, enrolled: EnrolmentResult, now: datetime) -> None:
    infusions.plan_visits(
        session, actor=actor, participant_id=enrolled.participant_id, protocol=protocols.load_protocol(), now=now
    )


def _new(row: Screening, number: str, arm: str, today: date) -> enrolment.NewParticipant:
    answers, protocol = row.answers, protocols.load_protocol()
    transplant_on = rules.read_day(answers["transplant_on"])
    assert transplant_on is not None  # noqa: S101 - a criterion that is met
    return enrolment.NewParticipant(
        study_number=number,
        site=row.site,
        arm=arm,
        name=answers["name"],
        born_on=date.fromisoformat(answers["born_on"]),
        transplant_on=transplant_on,
        enrolled_on=today,
        weight_kg=_weight(answers.get("weight_kg")),
        timezone=protocol.timezone,
        protocol_version=protocol.version,
        accounts=_accounts(answers, is_minor=rules.is_minor(answers, protocol.eligibility, today)),
    )


def _weight(typed: str | None) -> Decimal | None:
    weight = rules.read_number(typed)
    return None if weight is None else round(weight, 1)


def _accounts(answers: Mapping[str, str], *, is_minor: bool) -> tuple[enrolment.NewAccount, ...]:
    own = _account(Role.PARTICIPANT, answers["name"], answers.get("phone"), answers["language"])
    if not is_minor:
        return (own,)
    guardian = _account(Role.GUARDIAN, answers["guardian_name"], answers.get("guardian_phone"), answers["language"])
    return own, guardian


def _account(role: Role, name: str, phone: str | None, language: str) -> enrolment.NewAccount:
    return enrolment.NewAccount(
        role=role,
        name=name,
        phone=phone,
        language=language,
        reminder_at=protocols.load_protocol().reminders.default_at,
        reminders_on=phone is not None,
    )
