"""Who gets in. Every try is in the trail; wrong ones are counted and lock, and nothing tells which part was wrong."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy import false, select
from sqlalchemy.orm import Session, contains_eager
from sqlalchemy.sql.elements import ColumnElement

from portal.adapters import passwords, phones
from portal.domain import credentials
from portal.domain.access import Actor
from portal.domain.recovery import read_code
from portal.models.base import cipher
from portal.models.people import AccessCard, Account, Staff
from portal.models.staff_access import RecoveryCode
from portal.services import audit, lockout
from portal.services.accounts.cards import code_index
from portal.services.accounts.users import AccountUser, account_user
from portal.services.team.recovery import matching_code
from portal.services.team.staff import email_index
from portal.services.team.users import StaffUser, staff_user

NOBODYS: Final = "A" * 32  # what the codes of an unknown address are held against


def sign_in_account(session: Session, *, actor: Actor, who: str, pin: str, now: datetime) -> AccountUser | None:
    """The account of a phone number or card code and its PIN, or None for every kind of wrong.

    Returned and not raised, so that the count of wrong tries is committed. The PIN is checked in any case: an
    unknown number takes as long as a wrong PIN.
    """
    account = find_account(session, who)
    pin_hash = account.pin_hash if account else None
    right = passwords.verify(pin_hash, credentials.digits(pin))
    held = lockout.account_held(session, account)
    if account is None or not right or account.pin_hash != pin_hash or _is_locked(account, now):
        owner = account.participant_id if account else None
        audit.act(session, actor=actor, action="account:refused", now=now, participant_id=owner)
        lockout.count(session, held, known=account is not None, now=now)
        return None
    user = account_user(account)
    _admit(session, account, actor=_as(user, actor), action="account:sign-in", now=now)
    return user


def sign_in_staff(
    session: Session, *, actor: Actor, email: str, password: str, code: str, now: datetime
) -> StaffUser | None:
    """The member of staff of an e-mail address, a password and a one-time code that has not been used before.

    ``code`` may be a recovery code instead. Whoever asks, the same slow hashes are computed.
    """
    staff = _find_staff(session, email)
    right = passwords.verify(staff.password_hash if staff else None, password[: credentials.PASSWORD_LENGTH_MAX])
    second = _second_factor(session, staff, code, now)
    held = lockout.held(session, Staff, staff)
    if staff is None or second is None or not right or _is_replay(staff, second) or _is_locked(staff, now):
        audit.act(session, actor=actor, action="staff:refused", now=now)
        lockout.count(session, held, known=staff is not None, now=now)
        return None
    user = staff_user(staff)
    by_recovery = isinstance(second, RecoveryCode)
    action = "staff:sign-in-recovery" if by_recovery else "staff:sign-in"
    _admit(session, staff, actor=_as(user, actor), action=action, now=now)
    if isinstance(second, RecoveryCode):
        second.used_at = now
    else:
        staff.totp_last_step = second
    return replace(user, by_recovery=by_recovery)


def _second_factor(session: Session, staff: Staff | None, code: str, now: datetime) -> int | RecoveryCode | None:
    """The time step of a one-time code, or an unused recovery code."""
    if read_code(code) is not None:
        return matching_code(session, staff, code)
    return passwords.totp_step(staff.totp_secret if staff else NOBODYS, credentials.digits(code), now=now)


def _is_replay(staff: Staff, second: int | RecoveryCode) -> bool:
    """A one-time code works once; so does an earlier one than the last that was used."""
    return isinstance(second, int) and second <= staff.totp_last_step


def _is_locked(holder: Account | Staff, now: datetime) -> bool:
    return credentials.is_locked(holder.locked_until, now=now)


def record_sign_out(session: Session, *, actor: Actor, now: datetime) -> None:
    audit.act(session, actor=actor, action=f"{actor.kind}:sign-out", now=now, participant_id=actor.participant_id)


def find_account(session: Session, who: str) -> Account | None:
    """Not locked: while the slow hash is computed, nobody waits for whom they ask about."""
    query = select(Account).join(Account.participant).options(contains_eager(Account.participant)).where(_known_by(who))
    return session.scalars(query).one_or_none()


def _known_by(who: str) -> ColumnElement[bool]:
    code = credentials.read_card_code(who)
    if code:
        live = select(AccessCard.account_id).where(
            AccessCard.code_index == code_index(code), AccessCard.revoked_at.is_(None)
        )
        return Account.id == live.scalar_subquery()
    try:
        return Account.phone_index == cipher().blind_index("phone", phones.to_e164(who))
    except phones.NotAPhone:
        return false()


def _find_staff(session: Session, email: str) -> Staff | None:
    query = select(Staff).where(Staff.email_index == email_index(email), Staff.active.is_(True))
    return session.scalars(query).one_or_none()


def _admit(session: Session, holder: Account | Staff, *, actor: Actor, action: str, now: datetime) -> None:
    audit.act(session, actor=actor, action=action, now=now, participant_id=actor.participant_id)
    holder.failed_tries, holder.locked_until = 0, None


def _as(user: AccountUser | StaffUser, visitor: Actor) -> Actor:
    own = user.actor
    return Actor(own.kind, own.role, own.id, own.participant_id, own.sites, visitor.request_id)
