"""Accounts of the study team."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import protocols
from portal.adapters import common_passwords, phones
from portal.adapters import passwords as secrets
from portal.domain import credentials
from portal.domain.access import STAFF_ROLES, Actor, Role
from portal.domain.errors import Invalid
from portal.domain.msgid import N_
from portal.models.base import get_cipher
from portal.models.people import Staff
from portal.services import audit

COMMON = N_("This password is among those that are tried first. Four words that do not belong together are a good one.")


@dataclass(frozen=True, slots=True)
class NewStaff:
    """``totp_secret`` is shown once, as ``totp_uri`` in a QR code or typed by hand."""

    id: int
    totp_secret: str
    totp_uri: str


def email_index(email: str) -> bytes:
    return get_cipher().blind_index("email", normalize_email(email))


def normalize_email(email: str) -> str:
    return email.strip().casefold()


def create_staff(  # noqa: PLR0913
    session: Session,
    *,
    actor: Actor,
    email: str,
    name: str,
    role: Role,
    sites: frozenset[str],
    password: str,
    now: datetime,
    language: str = "zh-CN",
    phone: str | None = None,
    totp_secret: str | None = None,
) -> NewStaff:
    """A member of the study team. Raises ``Invalid`` with every problem by field.

    ``totp_secret`` (base32) is given by the demo trial alone; everybody else gets a fresh one.
    """
    _check(session, email=email, name=name, role=role, sites=sites, password=password)
    audit.begin(session, actor=actor, action="staff:create", now=now)
    secret = totp_secret or secrets.new_totp_secret()
    staff = Staff(
        email=normalize_email(email),
        email_index=email_index(email),
        name=name.strip(),
        phone=phones.to_e164(phone) if phone else None,
        role=role,
        sites=sorted(sites),
        language=language,
        password_hash=secrets.hash_secret(password),
        totp_secret=secret,
        created_at=now,
    )
    session.add(staff)
    session.flush()
    return NewStaff(staff.id, secret, secrets.totp_uri(secret, email=staff.email))


def _check(session: Session, *, email: str, name: str, role: Role, sites: frozenset[str], password: str) -> None:
    problems = staff_problems(session, email=email, name=name, role=role, sites=sites)
    problem = password_problem(password, email=email, name=name)
    if problem:
        problems["password"] = problem
    if problems:
        raise Invalid(problems=problems)


def staff_problems(session: Session, *, email: str, name: str, role: Role, sites: frozenset[str]) -> dict[str, str]:
    """What forbids an account for this person, as msgids by field."""
    known = {site.code for site in protocols.load_protocol().sites}
    taken = session.scalar(select(Staff.id).where(Staff.email_index == email_index(email)))
    found = {
        "email": _email_problem(email) or (N_("There is an account for this address already.") if taken else None),
        "name": None if name.strip() else N_("Enter a name."),
        "role": None if role in STAFF_ROLES else N_("Choose a role."),
        "sites": None if sites and sites <= known else N_("Choose sites of the protocol."),
    }
    return {field: problem for field, problem in found.items() if problem}


def password_problem(password: str, *, email: str, name: str) -> str | None:
    """Why it will not do, as a msgid: length, the person's own words, and what everybody tries first."""
    mine = [normalize_email(email).partition("@")[0], *(part for part in name.split() if len(part) > 1)]
    problem = credentials.password_problem(password, avoid=mine)
    return problem or (COMMON if common_passwords.is_common(password) else None)


def _email_problem(email: str) -> str | None:
    name, at, domain = normalize_email(email).partition("@")
    plausible = name and at and "." in domain.strip(".") and not any(part.isspace() for part in email.strip())
    return None if plausible else N_("Enter an e-mail address such as name@example.org.")
