"""Recovery codes: shown once when they are made, kept as argon2id, each good for one sign-in."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.adapters import passwords
from portal.domain import recovery
from portal.domain.access import Actor
from portal.models.people import Staff
from portal.models.staff_access import RecoveryCode
from portal.services import audit


def write_recovery_codes(session: Session, *, staff_id: int, now: datetime) -> tuple[str, ...]:
    """A new set of codes in clear; the previous one is void. The caller has begun the audit event."""
    for old in session.scalars(select(RecoveryCode).where(RecoveryCode.staff_id == staff_id)):
        session.delete(old)
    session.flush()
    codes = recovery.new_recovery_codes()
    for place, code in enumerate(codes):
        session.add(RecoveryCode(staff_id=staff_id, place=place, code_hash=passwords.hash_secret(code), made_at=now))
    session.flush()
    return codes


def renew_recovery_codes(session: Session, *, actor: Actor, now: datetime) -> tuple[str, ...]:
    audit.begin(session, actor=actor, action="staff:recovery-codes", now=now)
    return write_recovery_codes(session, staff_id=int(actor.id or 0), now=now)


def find_recovery_code(session: Session, staff: Staff | None, typed: str) -> RecoveryCode | None:
    """The unused code that was typed. Always one select and one slow hash, whether it matches or not."""
    code = recovery.read_recovery_code(typed)
    row = None
    if code is not None:
        unused = (RecoveryCode.staff_id == (staff.id if staff else 0), RecoveryCode.used_at.is_(None))
        place = RecoveryCode.place == recovery.code_place(code)
        row = session.scalars(select(RecoveryCode).where(*unused, place).with_for_update()).one_or_none()
    right = passwords.verify_secret(row.code_hash if row else None, code or "")
    return row if right else None


def count_codes_left(session: Session, *, actor: Actor) -> int:
    """How many of the actor's own have not been used."""
    return codes_left_of(session, staff_id=int(actor.id or 0))


def codes_left_of(session: Session, *, staff_id: int) -> int:
    unused = (RecoveryCode.staff_id == staff_id, RecoveryCode.used_at.is_(None))
    return session.scalar(select(func.count()).select_from(RecoveryCode).where(*unused)) or 0
