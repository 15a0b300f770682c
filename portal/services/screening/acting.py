"""Opening a screening, saving a step of it, and ending it without an allocation."""

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import protocols
from portal.adapters import phones
from portal.domain import screening as rules
from portal.domain.access import Actor, Permission, require_permission
from portal.domain.diary import local_day
from portal.domain.eligibility import EligibilityOutcome
from portal.domain.errors import Conflict, Invalid, NotAllowed
from portal.domain.msgid import N_
from portal.domain.reasons import reason_of
from portal.domain.retention import IdentifiersErased
from portal.domain.screening import ConsentKind, ScreeningState, ScreeningStep
from portal.models.base import get_cipher
from portal.models.enrolment import Consent, Screening, ScreeningKey
from portal.models.people import Account
from portal.services import audit
from portal.services.screening.numbers import next_screening_number
from portal.services.screening.reading import compute_eligibility, find_screening

CHANGED = N_("Somebody has saved this screening meanwhile. Check it as it stands now, then send again.")
PHONES = ("phone", "guardian_phone")


def begin_screening(session: Session, *, actor: Actor, site: str, typed: Mapping[str, str], now: datetime) -> str:
    """Open a screening with its first step, the person; returns its number. ``Invalid`` with problems by field."""
    if site not in actor.sites:
        raise NotAllowed
    require_permission(actor, Permission.ENROL, site=site)
    answers = _checked(session, ScreeningStep.PERSON, typed, now)
    audit.begin(session, actor=actor, action="screening:begin", now=now)
    row = Screening(
        number=next_screening_number(session, site),
        site=site,
        state=ScreeningState.OPEN,
        answers=answers,
        key=ScreeningKey(wrapped=get_cipher().new_data_key()),
        saved=[ScreeningStep.PERSON],
        protocol_version=protocols.load_protocol().version,
        created_by=actor.id,
        created_at=now,
        updated_by=actor.id,
        updated_at=now,
    )
    session.add(row)
    session.flush()
    return row.number


def save_step(
    session: Session,
    *,
    actor: Actor,
    number: str,
    step: ScreeningStep,
    typed: Mapping[str, str],
    version: int,
    now: datetime,
) -> None:
    """Keep the answers of one step. ``Invalid`` by field; ``Conflict`` when it ended or somebody else was faster."""
    row = find_screening(session, actor, number, lock=True)
    rules.check_open(row.state)
    check_version(row, version)
    answers = _checked(session, step, typed, now)
    audit.begin(session, actor=actor, action="screening:save", now=now)
    if step is ScreeningStep.CONSENT:
        _keep_consents(session, row, answers, actor, now)
    else:
        names = {field.name for field in rules.list_fields(step, protocols.load_protocol())}
        row.answers = {name: value for name, value in row.answers.items() if name not in names} | answers
    row.saved = sorted({*row.saved, str(step)})
    mark_updated(row, actor, now)
    session.flush()


def check_version(row: Screening, version: int) -> None:
    if row.version != version:
        raise Conflict(CHANGED)


def mark_updated(row: Screening, actor: Actor, now: datetime) -> None:
    row.version += 1
    row.updated_by, row.updated_at = int(actor.id or 0), now


def _checked(session: Session, step: ScreeningStep, typed: Mapping[str, str], now: datetime) -> dict[str, str]:
    protocol = protocols.load_protocol()
    answers = rules.trim_answers(typed, rules.list_fields(step, protocol))
    problems = rules.answer_problems(step, answers, protocol, today=local_day(now, protocol.timezone))
    if step is ScreeningStep.PERSON:
        problems |= phone_problems(session, answers)
    if problems:
        raise Invalid(problems=problems)
    return answers


def phone_problems(session: Session, answers: Mapping[str, str]) -> dict[str, str]:
    """A number that is none, or that an account has already; two people need two numbers."""
    problems, read = {}, {}
    for name in PHONES:
        try:
            read[name] = phones.to_e164(answers[name]) if name in answers else None
        except phones.NotAPhone:
            problems[name] = N_("Enter a phone number, for example 138 0013 8000.")
    for name, phone in read.items():
        if phone and _is_taken(session, phone):
            problems[name] = N_("This number belongs to another account.")
    if len(read) == 2 and read["phone"] and read["phone"] == read["guardian_phone"]:
        problems["guardian_phone"] = N_("The guardian needs a number of their own.")
    return problems


def _is_taken(session: Session, phone: str) -> bool:
    index = get_cipher().blind_index("phone", phone)
    return session.scalar(select(Account.id).where(Account.phone_index == index)) is not None


def _keep_consents(session: Session, row: Screening, answers: Mapping[str, str], actor: Actor, now: datetime) -> None:
    """One row a kind; what it was before is in the audit log."""
    kept = {one.kind: one for one in session.scalars(select(Consent).where(Consent.screening_id == row.id))}
    for kind in ConsentKind:
        if kind not in answers:
            continue
        one = kept.get(kind)
        if one is None:
            one = Consent(screening_id=row.id, kind=kind)
            session.add(one)
        one.given = answers[kind] == rules.YES
        one.form_version = answers.get(f"{kind}_version") if one.given else None
        one.signed_on = rules.read_day(answers.get(f"{kind}_on")) if one.given else None
        one.signer = answers.get(f"{kind}_signer") if one.given else None
        one.recorded_by, one.recorded_at = int(actor.id or 0), now


def reveal_step(session: Session, *, actor: Actor, number: str, step: ScreeningStep, now: datetime) -> dict[str, str]:
    """The answers of a step with identifiers. That they were shown is in the audit log."""
    row = find_screening(session, actor, number)
    audit.begin(session, actor=actor, action="screening:identify", now=now, participant_id=row.participant_id)
    if step is ScreeningStep.CONSENT:
        return _consent_answers(session, row)
    names = {field.name for field in rules.list_fields(step, protocols.load_protocol())}
    return {name: value for name, value in row.answers.items() if name in names}


def _consent_answers(session: Session, row: Screening) -> dict[str, str]:
    answers: dict[str, str] = {}
    for one in session.scalars(select(Consent).where(Consent.screening_id == row.id)):
        parts = {"version": one.form_version, "on": _iso(one.signed_on), "signer": one.signer}
        answers[one.kind] = "yes" if one.given else "no"
        answers |= {f"{one.kind}_{part}": value for part, value in parts.items() if value}
    return answers


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def fail_screening(session: Session, *, actor: Actor, number: str, reason: str, version: int, now: datetime) -> None:
    """A screen failure: kept with the criteria that kept the person out. Without one, a reason is needed."""
    row = find_screening(session, actor, number, lock=True)
    rules.check_open(row.state)
    check_version(row, version)
    stands = compute_eligibility(session, row, now)
    criteria = [[one.criterion.kind, one.criterion.number] for one in stands.findings if one.keeps_out]
    words = _reason(reason, needed=stands.outcome is not EligibilityOutcome.NOT_ELIGIBLE)
    audit.begin(session, actor=actor, action="screening:fail", now=now, reason=words or None)
    row.decision = {
        "criteria": criteria,
        "reason": words,
        "sensitive_refused": stands.consents.get(ConsentKind.SENSITIVE) is False,
    }
    row.state, row.decided_on = ScreeningState.FAILED, local_day(now, protocols.load_protocol().timezone)
    mark_updated(row, actor, now)
    session.flush()


def reopen_screening(session: Session, *, actor: Actor, number: str, reason: str, now: datetime) -> None:
    """Take a screen failure back, with a reason: an investigator's decision. An allocation is never taken back."""
    row = find_screening(session, actor, number, lock=True)
    require_permission(actor, Permission.SCREENING_REOPEN, site=row.site)
    if row.state != ScreeningState.FAILED:
        raise Conflict(N_("Only a screen failure can be reopened."))
    if "name" not in row.answers:
        raise IdentifiersErased
    audit.begin(session, actor=actor, action="screening:reopen", now=now, reason=_reason(reason, needed=True))
    row.state, row.decided_on, row.decision = ScreeningState.OPEN, None, None
    mark_updated(row, actor, now)
    session.flush()


def _reason(text: str, *, needed: bool) -> str:
    return reason_of(text) if needed or text.strip() else ""
