"""Links to join the study team or to set up a new authenticator app: single-use, time-limited, stored as a hash.

The invited person chooses the password and proves the app with a code; the inviting person never learns either.
"""

import secrets as random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from portal.adapters import passwords
from portal.domain import credentials
from portal.domain.access import Actor, Permission, Role, require_permission
from portal.domain.errors import Conflict, Invalid, NotFound
from portal.domain.msgid import N_
from portal.models.people import Staff
from portal.models.staff_access import StaffInvitation
from portal.services import audit, messages
from portal.services.team.recovery import write_recovery_codes
from portal.services.team.sessions import close_sessions, find_managed, hash_token
from portal.services.team.staff import email_index, normalize_email, password_problem, staff_problems

JOIN_LASTS: Final = timedelta(hours=72)
RENEW_LASTS: Final = timedelta(hours=24)
INVITATION_GONE: Final = N_("This link can no longer be used. Ask the administrator for a new one.")
LinkBuilder = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class IssuedInvitation:
    """``link`` is None when it went by e-mail: then nobody but its owner has it."""

    id: int
    link: str | None


@dataclass(frozen=True, slots=True)
class Invitation:
    """What an open link is for. ``renews``: there is an account already, which gets a new password and app."""

    id: int
    email: str
    name: str
    role: Role
    sites: tuple[str, ...]
    language: str
    expires_at: datetime
    renews: bool


@dataclass(frozen=True, slots=True)
class AcceptedInvitation:
    """``codes`` are shown now and never again."""

    staff_id: int
    codes: tuple[str, ...]


def invite_staff(
    session: Session,
    *,
    actor: Actor,
    email: str,
    name: str,
    role: Role,
    sites: frozenset[str],
    language: str,
    link: LinkBuilder,
    now: datetime,
) -> IssuedInvitation:
    """A link for somebody new. Raises ``Invalid`` with problems by field; an older link to the same address is void."""
    require_permission(actor, Permission.STAFF_MANAGE)
    problems = staff_problems(session, email=email, name=name, role=role, sites=sites)
    if not sites <= actor.sites:
        problems["sites"] = N_("Choose sites of your own.")
    if problems:
        raise Invalid(problems=problems)
    audit.begin(session, actor=actor, action="staff:invite", now=now)
    row = StaffInvitation(
        email=normalize_email(email),
        email_index=email_index(email),
        name=name.strip(),
        role=role,
        sites=sorted(sites),
        language=language,
    )
    return _issued(session, row, actor=actor, link=link, lasts=JOIN_LASTS, now=now)


def invite_staff_again(
    session: Session, *, actor: Actor, staff_id: int, reason: str, link: LinkBuilder, now: datetime
) -> IssuedInvitation:
    """For a lost phone or a forgotten password: the old ones open nothing from now on, and a link makes new ones."""
    staff = find_managed(session, actor, staff_id)
    require_permission(actor, Permission.STAFF_MANAGE)
    if staff.id == actor.id:
        raise Conflict(N_("Another administrator has to do this, or do it yourself under Your account."))
    if not staff.active:
        raise Conflict(N_("This account is switched off."))
    audit.begin(session, actor=actor, action="staff:reset", now=now, reason=reason)
    staff.password_hash = passwords.hash_secret(random.token_urlsafe(32))
    staff.totp_secret = passwords.new_totp_secret()
    staff.epoch += 1
    write_recovery_codes(session, staff_id=staff.id, now=now)
    close_sessions(session, staff_id=staff.id, now=now)
    return _issued(session, _for(staff), actor=actor, link=link, lasts=RENEW_LASTS, now=now)


def renew_own_access(session: Session, *, actor: Actor, now: datetime) -> str:
    """The token of a link for oneself, after password and code; what one has now works until it is used."""
    audit.begin(session, actor=actor, action="staff:new-device", now=now)
    staff = session.get_one(Staff, actor.id)
    return _written(session, _for(staff), actor=actor, lasts=timedelta(minutes=15), now=now)


def _for(staff: Staff) -> StaffInvitation:
    return StaffInvitation(
        staff_id=staff.id,
        email=staff.email,
        email_index=staff.email_index,
        name=staff.name,
        role=staff.role,
        sites=staff.sites,
        language=staff.language,
    )


def _issued(
    session: Session, row: StaffInvitation, *, actor: Actor, link: LinkBuilder, lasts: timedelta, now: datetime
) -> IssuedInvitation:
    address = link(_written(session, row, actor=actor, lasts=lasts, now=now))
    mailed = messages.enqueue_invitation(
        session, invitation_id=row.id, email=row.email, language=row.language, link=address,
        expires_at=row.expires_at, now=now,
    )  # fmt: skip
    return IssuedInvitation(row.id, None if mailed else address)


def _written(session: Session, row: StaffInvitation, *, actor: Actor, lasts: timedelta, now: datetime) -> str:
    for older in session.scalars(_open(now).where(StaffInvitation.email_index == row.email_index)):
        older.revoked_at = now
    token = random.token_urlsafe(32)
    row.token_hash, row.invited_by_id = hash_token(token), actor.id
    row.invited_at, row.expires_at = now, now + lasts
    session.add(row)
    session.flush()
    return token


def _open(now: datetime) -> Select[StaffInvitation]:
    return select(StaffInvitation).where(
        StaffInvitation.used_at.is_(None), StaffInvitation.revoked_at.is_(None), StaffInvitation.expires_at > now
    )


def list_open_invitations(session: Session, *, actor: Actor, now: datetime) -> tuple[Invitation, ...]:
    """Those of one's own sites that nobody has used yet, the newest first."""
    rows = session.scalars(_open(now).order_by(StaffInvitation.id.desc()).limit(100))
    return tuple(_seen(row) for row in rows if set(row.sites) <= actor.sites)


def _seen(row: StaffInvitation) -> Invitation:
    return Invitation(
        id=row.id,
        email=row.email,
        name=row.name,
        role=row.role,
        sites=tuple(row.sites),
        language=row.language,
        expires_at=row.expires_at,
        renews=row.staff_id is not None,
    )


def revoke_invitation(session: Session, *, actor: Actor, invitation_id: int, now: datetime) -> None:
    require_permission(actor, Permission.STAFF_MANAGE)
    row = session.scalars(_open(now).where(StaffInvitation.id == invitation_id).with_for_update()).one_or_none()
    if row is None or not set(row.sites) <= actor.sites:
        raise NotFound
    audit.begin(session, actor=actor, action="staff:invitation-revoke", now=now)
    row.revoked_at = now


def read_invitation(session: Session, *, token: str, now: datetime) -> Invitation | None:
    """What a link is for, or None for every kind of wrong."""
    row = session.scalars(_open(now).where(StaffInvitation.token_hash == hash_token(token))).one_or_none()
    return _seen(row) if row else None


def accept_invitation(
    session: Session, *, actor: Actor, token: str, password: str, totp_secret: str, code: str, now: datetime
) -> AcceptedInvitation | Mapping[str, str]:
    """Use the link up: the account, its password and its app, and the recovery codes; or problems by field.

    Raises ``Conflict`` for a link that is used, void or too old.
    """
    row = session.scalars(
        _open(now).where(StaffInvitation.token_hash == hash_token(token)).with_for_update()
    ).one_or_none()
    if row is None:
        raise Conflict(INVITATION_GONE)
    step = passwords.totp_step(totp_secret, credentials.read_digits(code), now=now)
    problems = {
        "password": password_problem(password, email=row.email, name=row.name),
        "code": None if step else N_("That is not the code that the app shows now. Wait for the next one and try it."),
    }
    if any(problems.values()):
        return {field: words for field, words in problems.items() if words}
    audit.begin(session, actor=actor, action="staff:renewed" if row.staff_id else "staff:joined", now=now)
    staff = _kept(session, row, now)
    staff.password_hash, staff.totp_secret = passwords.hash_secret(password), totp_secret
    staff.totp_last_step, staff.failed_tries, staff.locked_until = step or 0, 0, None
    staff.epoch = (staff.epoch or 0) + 1
    row.used_at = now
    session.add(staff)
    session.flush()
    close_sessions(session, staff_id=staff.id, now=now)
    return AcceptedInvitation(staff.id, write_recovery_codes(session, staff_id=staff.id, now=now))


def _kept(session: Session, row: StaffInvitation, now: datetime) -> Staff:
    """The account that gets them: the one there is, or a new one."""
    if row.staff_id is not None:
        staff = session.scalars(select(Staff).where(Staff.id == row.staff_id).with_for_update()).one()
        if not staff.active:
            raise Conflict(INVITATION_GONE)
        return staff
    if session.scalar(select(Staff.id).where(Staff.email_index == row.email_index)):
        raise Conflict(INVITATION_GONE)
    return Staff(
        email=row.email,
        email_index=row.email_index,
        name=row.name,
        role=row.role,
        sites=row.sites,
        language=row.language,
        created_at=now,
    )
