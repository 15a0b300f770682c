"""Signing in once more to sign a record: password and a fresh one-time code, within a session that is already open."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.adapters import passwords
from portal.domain import credentials
from portal.domain.access import Actor
from portal.models.people import Staff
from portal.services import audit
from portal.services.lockout import count_failure


def confirm_staff(
    session: Session,
    *,
    actor: Actor,
    password: str,
    code: str,
    action: str,
    now: datetime,
    participant_id: int | None = None,
) -> str | None:
    """The actor's printed name, once password and code are right, with ``action`` as the audit event; else None.

    Returned and not raised, so that the count of wrong tries is committed, under ``signature:refused``. A code that
    has been used, to sign in or to sign, is refused.
    """
    staff = session.scalars(select(Staff).where(Staff.id == actor.id, Staff.active.is_(True)).with_for_update()).one()
    right = passwords.verify_secret(staff.password_hash, password[: credentials.PASSWORD_LENGTH_MAX])
    step = passwords.totp_step(staff.totp_secret, credentials.read_digits(code), now=now)
    fresh = step is not None and step > staff.totp_last_step
    locked = credentials.is_locked(staff.locked_until, now=now)
    if step is None or not right or not fresh or locked:
        audit.begin(session, actor=actor, action="signature:refused", now=now, participant_id=participant_id)
        if not locked:
            count_failure(staff, now)
        return None
    audit.begin(session, actor=actor, action=action, now=now, participant_id=participant_id)
    staff.totp_last_step, staff.failed_tries, staff.locked_until = step, 0, None
    return staff.name
