"""Phones that sign themselves in for a while. The token changes with each use; an old one that comes back ends it."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Final, cast

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, contains_eager

from portal.domain.access import Actor, ActorKind
from portal.domain.errors import NotFound
from portal.models.people import Account
from portal.models.sign_in import RememberedPhone
from portal.services import audit
from portal.services.accounts.users import AccountUser, build_account_user

DAYS: Final = 30
GRACE: Final = timedelta(minutes=1)  # two requests may leave a phone with the same token


@dataclass(frozen=True, slots=True)
class RememberedPhoneView:
    id: int
    label: str
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class RememberedPhoneToken:
    """``token`` is what the phone must hold from now on; None: what it holds is still good."""

    phone_id: int
    token: str | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class RememberedSignIn:
    person: AccountUser
    phone: RememberedPhoneToken


def remember_phone(session: Session, *, actor: Actor, epoch: int, label: str, now: datetime) -> RememberedPhoneToken:
    """A new remembered phone of somebody who has just proved who they are."""
    audit.begin(session, actor=actor, action="phone:remember", now=now, participant_id=actor.participant_id)
    secret = secrets.token_urlsafe(32)
    row = RememberedPhone(
        account_id=actor.id,
        selector=secrets.token_urlsafe(12),
        token_hash=_hash(secret),
        epoch=epoch,
        label=label[:40],
        created_at=now,
        last_used_at=now,
        expires_at=now + timedelta(days=DAYS),
    )
    session.add(row)
    session.flush()
    return RememberedPhoneToken(row.id, f"{row.selector}.{secret}", row.expires_at)


def sign_in_remembered_phone(session: Session, *, actor: Actor, token: str, now: datetime) -> RememberedSignIn | None:
    """The account that this phone is remembered for, and its next token; None when it is not remembered (any more).

    A token that has been replaced is a stolen copy, or an old backup: then this phone is forgotten.
    """
    selector, _, secret = token.partition(".")
    row = session.scalars(
        select(RememberedPhone).where(RememberedPhone.selector == selector).with_for_update()
    ).one_or_none()
    account = _account(session, row.account_id) if row else None
    if row is None or account is None or not _is_live(row, account, now):
        return None
    person = build_account_user(account)
    who = Actor(ActorKind.ACCOUNT, account.role, account.id, person.participant_id, request_id=actor.request_id)
    fresh, just_replaced = _matches(row, secret, now)
    if not (fresh or just_replaced):
        audit.begin(session, actor=who, action="phone:reused", now=now, participant_id=person.participant_id)
        row.revoked_at = now
        return None
    audit.begin(session, actor=who, action="phone:sign-in", now=now, participant_id=person.participant_id)
    row.last_used_at = now
    return RememberedSignIn(person, RememberedPhoneToken(row.id, _rotated(row) if fresh else None, row.expires_at))


def _account(session: Session, account_id: int) -> Account | None:
    query = select(Account).join(Account.participant).options(contains_eager(Account.participant))
    return session.scalars(query.where(Account.id == account_id, Account.pin_hash.is_not(None))).one_or_none()


def _is_live(row: RememberedPhone, account: Account, now: datetime) -> bool:
    return row.revoked_at is None and now < row.expires_at and row.epoch == account.epoch


def _matches(row: RememberedPhone, secret: str, now: datetime) -> tuple[bool, bool]:
    given = _hash(secret)
    before = row.before_hash is not None and compare_digest(bytes(row.before_hash), given)
    return compare_digest(bytes(row.token_hash), given), before and now - row.last_used_at < GRACE


def _rotated(row: RememberedPhone) -> str:
    secret = secrets.token_urlsafe(32)
    row.before_hash, row.token_hash = row.token_hash, _hash(secret)
    return f"{row.selector}.{secret}"


def _hash(secret: str) -> bytes:
    """256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode()).digest()


def list_remembered_phones(session: Session, *, actor: Actor, now: datetime) -> tuple[RememberedPhoneView, ...]:
    """The account's remembered phones, the last used first."""
    rows = session.scalars(_live(actor, now).order_by(RememberedPhone.last_used_at.desc(), RememberedPhone.id))
    return tuple(
        RememberedPhoneView(row.id, row.label, row.created_at, row.last_used_at, row.expires_at) for row in rows
    )


def forget_phone(session: Session, *, actor: Actor, phone_id: int, now: datetime) -> None:
    """Its next visit, and any session that it has open, needs the PIN. Raises NotFound for somebody else's."""
    row = session.scalars(_live(actor, now).where(RememberedPhone.id == phone_id)).one_or_none()
    if row is None:
        raise NotFound
    audit.begin(session, actor=actor, action="phone:forget", now=now, participant_id=cast(int, actor.participant_id))
    row.revoked_at = now


def _live(actor: Actor, now: datetime) -> Select[RememberedPhone]:
    epoch = select(Account.epoch).where(Account.id == actor.id).scalar_subquery()
    return select(RememberedPhone).where(
        RememberedPhone.account_id == actor.id,
        RememberedPhone.revoked_at.is_(None),
        RememberedPhone.expires_at > now,
        RememberedPhone.epoch == epoch,
    )
