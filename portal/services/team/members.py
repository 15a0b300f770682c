"""The study team as its administrator sees it: who, with which role, at which sites, and what was changed by whom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import protocols
from portal.adapters import passwords, phones
from portal.domain import credentials
from portal.domain.access import STAFF_ROLES, Actor, ActorKind, Permission, Role, require_permission
from portal.domain.errors import Conflict, Invalid, NotFound
from portal.domain.msgid import N_
from portal.domain.reasons import GIVE_THE_REASON
from portal.models.people import Staff
from portal.models.staff_access import StaffSession
from portal.services import audit
from portal.services.lockout import count_failure
from portal.services.team.recovery import codes_left_of
from portal.services.team.sessions import close_sessions, find_managed
from portal.services.team.staff import password_problem

PAGE: Final = 50
SHOWN: Final = ("role", "sites", "active", "name", "email", "phone", "password_hash", "totp_secret")


@dataclass(frozen=True, slots=True)
class Member:
    """``last_seen_at``: of their sessions, ended ones too."""

    id: int
    name: str
    email: str
    phone: str | None
    role: Role
    sites: tuple[str, ...]
    language: str
    active: bool
    locked: bool
    last_seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class TeamPage:
    """``after``: the id with which the next page goes on, or None."""

    members: tuple[Member, ...]
    after: int | None


@dataclass(frozen=True, slots=True)
class MemberChange:
    """How an account is to be. ``phone`` in any usual spelling, or empty."""

    role: Role
    sites: frozenset[str]
    active: bool
    name: str
    phone: str


@dataclass(frozen=True, slots=True)
class AccountChange:
    """One change of the account in the audit log. ``fields``: name, before, after; of a secret only the name."""

    at: datetime
    by: str | None
    action: str
    reason: str | None
    fields: tuple[tuple[str, Any, Any], ...]


@dataclass(frozen=True, slots=True)
class MemberPage:
    member: Member
    codes_left: int
    changes: tuple[AccountChange, ...]


def list_team(session: Session, *, actor: Actor, now: datetime, after: int = 0) -> TeamPage:
    """Everybody all of whose sites are one's own, by the order in which they came."""
    require_permission(actor, Permission.STAFF_MANAGE)
    rows = session.scalars(select(Staff).where(Staff.id > after).order_by(Staff.id).limit(PAGE + 1)).all()
    shown = [row for row in rows[:PAGE] if set(row.sites) <= actor.sites]
    seen = _last_seen(session, [row.id for row in shown])
    return TeamPage(
        members=tuple(_member(row, seen.get(row.id), now) for row in shown),
        after=rows[PAGE - 1].id if len(rows) > PAGE else None,
    )


def _last_seen(session: Session, ids: Sequence[int]) -> Mapping[int, datetime]:
    latest = func.max(StaffSession.seen_at, type_=StaffSession.seen_at.type)
    found = select(StaffSession.staff_id, latest).where(StaffSession.staff_id.in_(ids))
    return {row[0]: row[1] for row in session.execute(found.group_by(StaffSession.staff_id))}


def _member(row: Staff, seen_at: datetime | None, now: datetime) -> Member:
    return Member(
        id=row.id,
        name=row.name,
        email=row.email,
        phone=row.phone,
        role=row.role,
        sites=tuple(row.sites),
        language=row.language,
        active=row.active,
        locked=credentials.is_locked(row.locked_until, now=now),
        last_seen_at=seen_at,
    )


def get_member(session: Session, *, actor: Actor, staff_id: int, now: datetime) -> MemberPage:
    """One person, with what was changed of the account. NotFound for another site's."""
    row = find_managed(session, actor, staff_id, lock=False)
    return MemberPage(
        member=_member(row, _last_seen(session, [row.id]).get(row.id), now),
        codes_left=codes_left_of(session, staff_id=row.id),
        changes=_changes(session, row.id),
    )


def _changes(session: Session, staff_id: int) -> tuple[AccountChange, ...]:
    """The newest first."""
    found = [change for change in audit.list_row_changes(session, entity="staff", entity_id=staff_id) if _told(change)]
    people = {change.actor_id for change in found if change.actor_kind == ActorKind.STAFF}
    rows = session.execute(select(Staff.id, Staff.name).where(Staff.id.in_(people)))
    names = {row[0]: row[1] for row in rows}
    return tuple(
        AccountChange(
            at=change.at,
            by=names.get(change.actor_id or 0),
            action=change.action,
            reason=change.reason,
            fields=tuple(_told(change)),
        )
        for change in reversed(found)
    )


def _told(change: audit.RowChange) -> list[tuple[str, Any, Any]]:
    return [(name, *change.fields[name]) for name in SHOWN if name in change.fields]


def change_member(
    session: Session, *, actor: Actor, staff_id: int, wanted: MemberChange, reason: str, now: datetime
) -> None:
    """Change role, sites, name, number, and whether the account is active. Its sessions end: new grants apply at once.

    Raises ``Invalid`` by field, and ``Conflict`` for one's own account, so that a site keeps its administrator.
    """
    require_permission(actor, Permission.STAFF_MANAGE)
    staff = find_managed(session, actor, staff_id)
    if staff.id == actor.id:
        raise Conflict(N_("Nobody changes an account of their own. Ask another administrator."))
    number, found = _checked(actor, wanted, reason)
    if found:
        raise Invalid(problems=found)
    audit.begin(session, actor=actor, action="staff:change", now=now, reason=reason.strip())
    staff.role, staff.sites, staff.active = wanted.role, sorted(wanted.sites), wanted.active
    staff.name, staff.phone = wanted.name.strip(), number
    staff.epoch += 1
    session.flush()
    close_sessions(session, staff_id=staff.id, now=now)


def _checked(actor: Actor, wanted: MemberChange, reason: str) -> tuple[str | None, dict[str, str]]:
    """The number as E.164, and problems by field."""
    number, wrong = _number(wanted.phone)
    known = {site.code for site in protocols.load_protocol().sites}
    found = {
        "role": None if wanted.role in STAFF_ROLES else N_("Choose a role."),
        "sites": None if wanted.sites and wanted.sites <= known & actor.sites else N_("Choose sites of your own."),
        "name": None if wanted.name.strip() else N_("Enter a name."),
        "phone": wrong,
        "reason": None if reason.strip() else GIVE_THE_REASON,
    }
    return number, {field: words for field, words in found.items() if words}


def _number(typed: str) -> tuple[str | None, str | None]:
    if not typed.strip():
        return None, None
    try:
        return phones.to_e164(typed), None
    except phones.NotAPhone:
        return None, N_("Enter a phone number, for example 138 0013 8000.")


def change_password(session: Session, *, actor: Actor, old: str, new: str, now: datetime) -> Mapping[str, str]:
    """Problems by field (``old``, ``new``), none when it is done. Every session ends, this one too.

    A wrong old password is counted like a wrong sign-in, which is why it is returned and not raised.
    """
    staff = session.scalars(select(Staff).where(Staff.id == actor.id).with_for_update()).one_or_none()
    if staff is None or actor.kind != ActorKind.STAFF:
        raise NotFound
    locked = credentials.is_locked(staff.locked_until, now=now)
    if not passwords.verify_secret(staff.password_hash, old[: credentials.PASSWORD_LENGTH_MAX]) or locked:
        audit.begin(session, actor=actor, action="staff:password-refused", now=now)
        if not locked:
            count_failure(staff, now)
        return {"old": N_("That is not your present password.")}
    problem = password_problem(new, email=staff.email, name=staff.name)
    if problem:
        return {"new": problem}
    audit.begin(session, actor=actor, action="staff:password", now=now)
    staff.password_hash = passwords.hash_secret(new)
    staff.failed_tries, staff.locked_until = 0, None
    staff.epoch += 1
    session.flush()
    close_sessions(session, staff_id=staff.id, now=now)
    return {}
