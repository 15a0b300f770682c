"""Open sessions of the study team, kept here and not in the cookie: they can be listed, and ended from elsewhere."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Select, bindparam, select, update
from sqlalchemy.orm import Session

from portal.domain.access import Actor, ActorKind, Permission, Role, require_permission
from portal.domain.errors import Conflict, NotFound
from portal.domain.msgid import N_
from portal.models.people import Staff
from portal.models.staff_access import StaffSession
from portal.services import audit
from portal.services.team.users import StaffUser

IDLE: Final = timedelta(minutes=30)
ABSOLUTE: Final = timedelta(hours=12)
BY_TOKEN: Final = (
    select(
        Staff.id, Staff.epoch, Staff.role, Staff.sites, Staff.language, Staff.name,
        StaffSession.id.label("session_id"), StaffSession.confirmed_at,
    )
    .join(StaffSession, (StaffSession.staff_id == Staff.id) & (StaffSession.epoch == Staff.epoch))
    .where(
        StaffSession.token_hash == bindparam("token"),
        StaffSession.ended_at.is_(None),
        StaffSession.seen_at >= bindparam("seen", type_=StaffSession.seen_at.type),
        StaffSession.created_at >= bindparam("made", type_=StaffSession.created_at.type),
        Staff.active.is_(True),
    )
)  # fmt: skip
MAX_OPEN_SESSIONS: Final = 5  # a sixth browser ends the session that has been quiet for longest


@dataclass(frozen=True, slots=True)
class SessionView:
    """``label`` names device and browser."""

    id: int
    label: str
    created_at: datetime
    seen_at: datetime


def open_session(session: Session, *, person: StaffUser, label: str, now: datetime) -> str:
    """A session for somebody who has just proved who they are; the token for the cookie, which is kept nowhere else."""
    token = secrets.token_urlsafe(32)
    row = StaffSession(
        staff_id=person.id,
        token_hash=hash_token(token),
        epoch=person.epoch,
        label=label[:40],
        created_at=now,
        seen_at=now,
        confirmed_at=now,
    )
    session.add(row)
    for old in session.scalars(_live(now).where(StaffSession.staff_id == person.id).offset(MAX_OPEN_SESSIONS)):
        old.ended_at = now
    session.flush()
    return token


def hash_token(token: str) -> bytes:
    """256 random bits need no slow hash."""
    return hashlib.sha256(token.encode()).digest()


def _live(now: datetime) -> Select[StaffSession]:
    return (
        select(StaffSession)
        .where(
            StaffSession.ended_at.is_(None),
            StaffSession.seen_at >= now - IDLE,
            StaffSession.created_at >= now - ABSOLUTE,
        )
        .order_by(StaffSession.seen_at.desc(), StaffSession.id.desc())
    )


def find_staff(session: Session, *, token: str, now: datetime) -> StaffUser | None:
    """Whose session this is; None once it is over, or the person has left or been changed since."""
    row = session.execute(BY_TOKEN, {"token": hash_token(token), "seen": now - IDLE, "made": now - ABSOLUTE})
    found = row.mappings().one_or_none()
    return StaffUser(**{**found, "role": Role(found["role"]), "sites": frozenset(found["sites"])}) if found else None


def record_session_use(session: Session, *, token: str, now: datetime) -> None:
    """The pause begins anew; one that has ended stays ended."""
    found = _live(now).where(StaffSession.token_hash == hash_token(token)).with_only_columns(StaffSession.id)
    session.execute(update(StaffSession).where(StaffSession.id.in_(found.order_by(None))).values(seen_at=now))


def record_reauthentication(session: Session, *, token: str, now: datetime) -> str:
    """Password and code were given once more: the same session, under a token of its own from here on."""
    fresh = secrets.token_urlsafe(32)
    found = StaffSession.token_hash == hash_token(token)
    session.execute(update(StaffSession).where(found).values(token_hash=hash_token(fresh), confirmed_at=now))
    return fresh


def close_session(session: Session, *, token: str, now: datetime) -> None:
    """End this session (sign-out). Begins no audit event of its own."""
    found = StaffSession.token_hash == hash_token(token)
    session.execute(update(StaffSession).where(found, StaffSession.ended_at.is_(None)).values(ended_at=now))


def close_sessions(session: Session, *, staff_id: int, now: datetime) -> None:
    """End every session of a staff member. Begins no audit event of its own."""
    found = (StaffSession.staff_id == staff_id, StaffSession.ended_at.is_(None))
    session.execute(update(StaffSession).where(*found).values(ended_at=now))


def list_sessions(session: Session, *, actor: Actor, staff_id: int, now: datetime) -> tuple[SessionView, ...]:
    """What is open, the last used first: one's own, or a person's whom one may manage."""
    find_managed(session, actor, staff_id, lock=False)
    rows = session.scalars(_live(now).where(StaffSession.staff_id == staff_id))
    return tuple(SessionView(row.id, row.label, row.created_at, row.seen_at) for row in rows)


def end_session(session: Session, *, actor: Actor, staff_id: int, session_id: int, now: datetime) -> None:
    """That browser has to sign in again. NotFound for one that is not open or not theirs; of one's own a Conflict."""
    find_managed(session, actor, staff_id)
    mine = (StaffSession.staff_id == staff_id, StaffSession.id == session_id)
    row = session.scalars(_live(now).where(*mine)).one_or_none()
    if row is None:
        raise Conflict(N_("That session is not open any more.")) if staff_id == actor.id else NotFound
    audit.begin(session, actor=actor, action="staff:session-end", now=now, reason=f"staff {staff_id}")
    row.ended_at = now


def end_sessions(session: Session, *, actor: Actor, staff_id: int, now: datetime) -> None:
    """All of them, this one too."""
    staff = find_managed(session, actor, staff_id)
    audit.begin(session, actor=actor, action="staff:sign-out-all", now=now, reason=f"staff {staff_id}")
    staff.epoch += 1
    close_sessions(session, staff_id=staff_id, now=now)


def find_managed(session: Session, actor: Actor, staff_id: int, *, lock: bool = True) -> Staff:
    """Oneself, or somebody all of whose sites are one's own and whom one may manage; else NotFound."""
    found = select(Staff).where(Staff.id == staff_id)
    staff = session.scalars(found.with_for_update() if lock else found).one_or_none()
    if staff is None or actor.kind != ActorKind.STAFF:
        raise NotFound
    if staff.id != actor.id:
        require_permission(actor, Permission.STAFF_MANAGE)
        if not set(staff.sites) <= actor.sites:
            raise NotFound
    return staff
