"""Sign-in of the study team. Every attempt is in the audit log; wrong ones are counted and lock."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.adapters import passwords
from portal.domain import credentials
from portal.domain.access import Actor
from portal.domain.recovery import read_recovery_code
from portal.models.people import Staff
from portal.models.staff_access import RecoveryCode
from portal.services import audit, lockout
from portal.services.team.recovery import find_recovery_code
from portal.services.team.staff import email_index
from portal.services.team.users import StaffUser, build_staff_user

NOBODYS: Final = "A" * 32  # what the codes of an unknown address are held against


def sign_in_staff(
    session: Session, *, actor: Actor, email: str, password: str, code: str, now: datetime
) -> StaffUser | None:
    """Authenticate staff by e-mail address, password and a one-time code that has not been used before.

    ``code`` may be a recovery code instead. The same slow hashes are computed whether the account exists or not.
    """
    staff = _find_staff(session, email)
    right = passwords.verify_secret(staff.password_hash if staff else None, password[: credentials.PASSWORD_LENGTH_MAX])
    second = _second_factor(session, staff, code, now)
    held = lockout.lock_row(session, Staff, staff)
    if staff is None or second is None or not right or _is_replay(staff, second) or lockout.is_locked(staff, now):
        audit.begin(session, actor=actor, action="staff:refused", now=now)
        lockout.count_try(session, held, now=now)
        return None
    user = build_staff_user(staff)
    by_recovery = isinstance(second, RecoveryCode)
    action = "staff:sign-in-recovery" if by_recovery else "staff:sign-in"
    audit.begin(session, actor=replace(user.actor, request_id=actor.request_id), action=action, now=now)
    lockout.clear(staff)
    if isinstance(second, RecoveryCode):
        second.used_at = now
    else:
        staff.totp_last_step = second
    return replace(user, by_recovery=by_recovery)


def _second_factor(session: Session, staff: Staff | None, code: str, now: datetime) -> int | RecoveryCode | None:
    """The time step of a one-time code, or an unused recovery code."""
    if read_recovery_code(code) is not None:
        return find_recovery_code(session, staff, code)
    return passwords.totp_step(staff.totp_secret if staff else NOBODYS, credentials.read_digits(code), now=now)


def _is_replay(staff: Staff, second: int | RecoveryCode) -> bool:
    """A one-time code works once; so does an earlier one than the last that was used."""
    return isinstance(second, int) and second <= staff.totp_last_step


def _find_staff(session: Session, email: str) -> Staff | None:
    query = select(Staff).where(Staff.email_index == email_index(email), Staff.active.is_(True))
    return session.scalars(query).one_or_none()
