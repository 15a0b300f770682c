"""What staff see of a screening. Names, dates of birth and phones are left out: ``acting.reveal`` shows them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import protocols
from portal.domain import screening as rules
from portal.domain.access import Actor, Permission, require_permission
from portal.domain.diary import local_day
from portal.domain.eligibility import CriterionFinding, EligibilityOutcome, evaluate_criteria
from portal.domain.errors import NotFound
from portal.domain.screening import ScreeningState, ScreeningStep
from portal.models.enrolment import Allocation, Consent, Screening
from portal.models.people import Participant, Staff
from portal.services.scope import within_sites

PAGE = 50
IDENTIFYING = frozenset({ScreeningStep.PERSON, ScreeningStep.CONSENT})


@dataclass(frozen=True, slots=True)
class EligibilityStatus:
    """Eligibility as of ``enrol_on``. ``consents``: kind -> given or refused; ``waits``: enrolment is later."""

    findings: tuple[CriterionFinding, ...]
    consents: Mapping[str, bool]
    outcome: EligibilityOutcome
    enrol_on: date
    waits: bool
    minor: bool


@dataclass(frozen=True, slots=True)
class ScreeningView:
    """``answers`` hold what was typed on steps that identify nobody. ``arm`` and ``sequence``: what was drawn."""

    number: str
    site: str
    state: ScreeningState
    version: int
    saved: tuple[ScreeningStep, ...]
    answers: Mapping[str, str]
    standing: EligibilityStatus
    decided_on: date | None
    decision: Mapping[str, Any]
    study_number: str | None
    arm: str | None
    sequence: int | None


@dataclass(frozen=True, slots=True)
class ScreeningListRow:
    id: int
    number: str
    state: ScreeningState
    saved: tuple[ScreeningStep, ...]
    updated_at: datetime
    by: str
    study_number: str | None


@dataclass(frozen=True, slots=True)
class ScreeningListPage:
    """``next_before`` is what to ask for next, None on the last page."""

    rows: tuple[ScreeningListRow, ...]
    next_before: int | None


def list_screenings(
    session: Session, *, actor: Actor, before: int | None = None, limit: int = PAGE
) -> ScreeningListPage:
    """Screenings of the actor's sites, the newest first. One statement, and nothing of the person is decrypted."""
    columns = (
        Screening.id, Screening.number, Screening.state, Screening.saved, Screening.updated_at, Staff.name,
        Participant.study_number,
    )  # fmt: skip
    statement = (
        select(*columns)
        .join(Staff, Staff.id == Screening.updated_by)
        .outerjoin(Participant, Participant.id == Screening.participant_id)
        .where(within_sites(actor, Screening.site))
        .order_by(Screening.id.desc())
        .limit(limit + 1)
    )
    if before is not None:
        statement = statement.where(Screening.id < before)
    found = session.execute(statement).all()
    rows = tuple(
        ScreeningListRow(id_, number, ScreeningState(state), tuple(map(ScreeningStep, saved)), at, by, study_number)
        for id_, number, state, saved, at, by, study_number in found[:limit]
    )
    return ScreeningListPage(rows, rows[-1].id if len(found) > limit else None)


def get_screening(session: Session, *, actor: Actor, number: str, now: datetime) -> ScreeningView:
    """NotFound for another site's, NotAllowed without the permission."""
    row = find_screening(session, actor, number)
    hidden = {field.name for step in IDENTIFYING for field in rules.list_fields(step, protocols.load_protocol())}
    study_number, arm, sequence = _allocated(session, row)
    return ScreeningView(
        number=row.number,
        site=row.site,
        state=row.state,
        version=row.version,
        saved=tuple(map(ScreeningStep, row.saved)),
        answers={name: value for name, value in row.answers.items() if name not in hidden},
        standing=compute_eligibility(session, row, now),
        decided_on=row.decided_on,
        decision=row.decision or {},
        study_number=study_number,
        arm=arm,
        sequence=sequence,
    )


def _allocated(session: Session, row: Screening) -> tuple[str | None, str | None, int | None]:
    statement = (
        select(Participant.study_number, Participant.arm, Allocation.sequence)
        .outerjoin(Allocation, Allocation.participant_id == Participant.id)
        .where(Participant.id == row.participant_id)
    )
    found_ = session.execute(statement).one_or_none()
    return tuple(found_) if found_ else (None, None, None)  # type: ignore[return-value]


def find_screening(session: Session, actor: Actor, number: str, *, lock: bool = False) -> Screening:
    query = select(Screening).where(Screening.number == number, within_sites(actor, Screening.site))
    row = session.scalars(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NotFound
    require_permission(actor, Permission.ENROL, site=row.site)
    return row


def compute_eligibility(session: Session, row: Screening, now: datetime) -> EligibilityStatus:
    """Every criterion as of the day that decides: planned, today at the earliest, or the day on which it ended."""
    protocol = protocols.load_protocol()
    today = row.decided_on or local_day(now, protocol.timezone)
    enrol_on = rules.enrolment_day(row.answers, today)
    consents = read_consents(session, row.id)
    findings = evaluate_criteria(rules.eligibility_facts(row.answers, consents, protocol, enrol_on=enrol_on), protocol)
    return EligibilityStatus(
        findings=findings,
        consents=consents,
        outcome=rules.eligibility_standing(findings, consents),
        enrol_on=enrol_on,
        waits=enrol_on > today,
        minor=rules.is_minor(row.answers, protocol.eligibility, enrol_on),
    )


def read_consents(session: Session, screening_id: int) -> dict[str, bool]:
    rows = session.execute(select(Consent.kind, Consent.given).where(Consent.screening_id == screening_id))
    return {kind: given for kind, given in rows}  # noqa: C416 - rows are no pairs to the type checker
