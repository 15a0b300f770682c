"""Assessments: each change a new version, and a signature that holds for one version only."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from portal.domain import assessing
from portal.domain.access import Actor, Permission
from portal.domain.assessing import AssessmentFindings
from portal.domain.diary import local_day
from portal.domain.errors import Conflict, NotFound
from portal.domain.msgid import N_
from portal.domain.reasons import reason_of
from portal.domain.signing import SignatureMeaning, SignatureStatus, content_hash
from portal.models.assessments import Assessment, Signature
from portal.models.people import Participant, Staff
from portal.services import audit, team
from portal.services.scope import find_participant, id_of, within_sites

NEWER = N_("There is a newer version of this assessment. Open that one.")
SIGNED = N_("This version is signed already.")
CONTENT = (
    "number",
    "version",
    *(field.name for field in fields(AssessmentFindings)),
    "grade",
    "at_least",
    "change_reason",
)


@dataclass(frozen=True, slots=True)
class SignatureView:
    name: str
    role: str
    meaning: str
    signed_at: datetime
    content_hash: str


@dataclass(frozen=True, slots=True)
class AssessmentView:
    """One version. ``newest`` is false once it was changed; ``standing`` says what its signature is worth."""

    id: int
    study_number: str
    site: str
    number: int
    version: int
    newest: bool
    findings: AssessmentFindings
    grade: str | None
    at_least: str
    change_reason: str | None
    created_at: datetime
    created_by: str
    signature: SignatureView | None
    standing: SignatureStatus


def create_assessment(
    session: Session, *, actor: Actor, study_number: str, findings: AssessmentFindings, now: datetime
) -> int:
    """A first version; its id. Invalid with every problem by field."""
    participant = _ready(session, actor, study_number, findings, now)
    newest = select(func.max(Assessment.number)).where(Assessment.participant_id == participant.id)
    number = (session.execute(newest).scalar() or 0) + 1
    audit.begin(session, actor=actor, action="assessment:create", now=now, participant_id=participant.id)
    return _store(session, actor, participant, findings, now, number=number, version=1)


def change_assessment(
    session: Session, *, actor: Actor, assessment_id: int, findings: AssessmentFindings, reason: str, now: datetime
) -> int:
    """The next version; its id. The signature of the one before no longer holds. Conflict when there is a newer one."""
    before, participant = _found(session, actor, assessment_id)
    participant = _ready(session, actor, participant.study_number, findings, now)
    text = reason_of(reason, field="change_reason", longest=assessing.LONGEST)
    if not _is_newest(session, before):
        raise Conflict(NEWER)
    audit.begin(session, actor=actor, action="assessment:change", now=now, participant_id=participant.id, reason=text)
    return _store(
        session, actor, participant, findings, now, number=before.number, version=before.version + 1, reason=text
    )


def sign_assessment(
    session: Session,
    *,
    actor: Actor,
    assessment_id: int,
    meaning: SignatureMeaning,
    password: str,
    code: str,
    now: datetime,
) -> bool:
    """Sign the newest version with password and one-time code; False where one of them was wrong or used before."""
    row, participant = _found(session, actor, assessment_id)
    find_participant(session, actor, participant.study_number, permission=Permission.ASSESS, lock=True)
    if not _is_newest(session, row):
        raise Conflict(NEWER)
    if session.execute(select(Signature.id).where(Signature.assessment_id == row.id)).first():
        raise Conflict(SIGNED)
    name = team.confirm_staff(
        session,
        actor=actor,
        password=password,
        code=code,
        action="assessment:sign",
        participant_id=participant.id,
        now=now,
    )
    if name is None:
        return False
    session.add(
        Signature(
            participant_id=participant.id,
            assessment_id=row.id,
            staff_id=actor.id,
            name=name,
            role=actor.role,
            meaning=meaning,
            signed_at=now,
            content_hash=_hash(row, participant.study_number, name, meaning, now),
        )
    )
    session.flush()
    return True


def list_assessments(session: Session, *, actor: Actor, study_number: str) -> tuple[AssessmentView, ...]:
    """Every version, the newest assessment and version first; empty for a participant of another site."""
    rows = session.execute(
        _statement()
        .where(Assessment.participant_id == id_of(actor, study_number))
        .order_by(Assessment.assessed_on.desc(), Assessment.number.desc(), Assessment.version.desc())
    ).all()
    newest = {row.number: max(other.version for other, *_ in rows if other.number == row.number) for row, *_ in rows}
    return tuple(_seen(*found, newest=found[0].version == newest[found[0].number]) for found in rows)


def get_assessment(session: Session, *, actor: Actor, assessment_id: int) -> AssessmentView:
    """One version; NotFound for another site's."""
    found = session.execute(_statement().where(Assessment.id == assessment_id, within_sites(actor))).one_or_none()
    if found is None:
        raise NotFound
    row, participant, name, signature = found
    return _seen(row, participant, name, signature, newest=_is_newest(session, row))


def _statement() -> Select[Assessment, Participant, str, Signature | None]:
    return (
        select(Assessment, Participant, Staff.name, Signature)
        .join(Participant, Participant.id == Assessment.participant_id)
        .join(Staff, Staff.id == Assessment.created_by_id)
        .outerjoin(Signature, Signature.assessment_id == Assessment.id)
    )


def _found(session: Session, actor: Actor, assessment_id: int) -> tuple[Assessment, Participant]:
    found = session.execute(
        select(Assessment, Participant)
        .join(Participant, Participant.id == Assessment.participant_id)
        .where(Assessment.id == assessment_id, within_sites(actor))
    ).one_or_none()
    if found is None:
        raise NotFound
    return found[0], found[1]


def _ready(
    session: Session, actor: Actor, study_number: str, findings: AssessmentFindings, now: datetime
) -> Participant:
    participant = find_participant(session, actor, study_number, permission=Permission.ASSESS, lock=True)
    today = local_day(now, participant.timezone)
    assessing.check_findings(findings, transplant_on=participant.transplant_on, today=today)
    return participant


def _store(
    session: Session,
    actor: Actor,
    participant: Participant,
    findings: AssessmentFindings,
    now: datetime,
    *,
    number: int,
    version: int,
    reason: str | None = None,
) -> int:
    row = Assessment(
        participant_id=participant.id,
        number=number,
        version=version,
        **asdict(findings),
        grade=findings.grade and str(findings.grade),
        at_least=findings.at_least,
        change_reason=reason,
        created_at=now,
        created_by_id=actor.id,
    )
    session.add(row)
    session.flush()
    return row.id


def _is_newest(session: Session, row: Assessment) -> bool:
    newer = select(Assessment.id).where(
        Assessment.participant_id == row.participant_id,
        Assessment.number == row.number,
        Assessment.version > row.version,
    )
    return session.execute(newer.limit(1)).first() is None


def _content(row: Assessment, study_number: str) -> Mapping[str, object]:
    values = {name: getattr(row, name) for name in CONTENT}
    dates = {name: value.isoformat() for name, value in values.items() if isinstance(value, date)}
    return {"study_number": study_number, **values, **dates}


def _hash(row: Assessment, study_number: str, name: str, meaning: str, signed_at: datetime) -> str:
    return content_hash(_content(row, study_number), name=name, meaning=meaning, signed_at=signed_at)


def _standing(row: Assessment, study_number: str, signature: Signature | None, newest: bool) -> SignatureStatus:
    if signature is None:
        return SignatureStatus.UNSIGNED
    now_is = _hash(row, study_number, signature.name, signature.meaning, signature.signed_at)
    if now_is != signature.content_hash:
        return SignatureStatus.BROKEN
    return SignatureStatus.SIGNED if newest else SignatureStatus.VOID


def _seen(
    row: Assessment, participant: Participant, created_by: str, signature: Signature | None, *, newest: bool
) -> AssessmentView:
    return AssessmentView(
        id=row.id,
        study_number=participant.study_number,
        site=participant.site,
        number=row.number,
        version=row.version,
        newest=newest,
        findings=AssessmentFindings(**{field.name: getattr(row, field.name) for field in fields(AssessmentFindings)}),
        grade=row.grade,
        at_least=row.at_least,
        change_reason=row.change_reason,
        created_at=row.created_at,
        created_by=created_by,
        signature=_signature(signature),
        standing=_standing(row, participant.study_number, signature, newest),
    )


def _signature(row: Signature | None) -> SignatureView | None:
    return None if row is None else SignatureView(row.name, row.role, row.meaning, row.signed_at, row.content_hash)
