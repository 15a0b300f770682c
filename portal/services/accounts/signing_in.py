"""Sign-in of participants, guardians and caregivers.

Every attempt is in the audit log; wrong ones are counted and lock, and no answer says which part was wrong.
"""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import false, select
from sqlalchemy.orm import Session, contains_eager
from sqlalchemy.sql.elements import ColumnElement

from portal.adapters import passwords, phones
from portal.domain import credentials
from portal.domain.access import Actor
from portal.models.base import get_cipher
from portal.models.people import AccessCard, Account
from portal.services import audit, lockout
from portal.services.accounts.cards import card_code_index
from portal.services.accounts.users import AccountUser, build_account_user


def sign_in_account(session: Session, *, actor: Actor, who: str, pin: str, now: datetime) -> AccountUser | None:
    """Authenticate by phone or card code and PIN; None on any failure.

    Returned and not raised, so that the count of wrong tries is committed. The PIN is checked in any case: an
    unknown number takes as long as a wrong PIN.
    """
    account = find_account(session, who)
    pin_hash = account.pin_hash if account else None
    right = passwords.verify_secret(pin_hash, credentials.read_digits(pin))
    held = lockout.lock_account(session, account)
    if account is None or not right or account.pin_hash != pin_hash or lockout.is_locked(account, now):
        owner = account.participant_id if account else None
        audit.begin(session, actor=actor, action="account:refused", now=now, participant_id=owner)
        lockout.count_try(session, held, now=now)
        return None
    user = build_account_user(account)
    who_acts = replace(user.actor, request_id=actor.request_id)
    audit.begin(session, actor=who_acts, action="account:sign-in", now=now, participant_id=user.participant_id)
    lockout.clear(account)
    return user


def record_sign_out(session: Session, *, actor: Actor, now: datetime) -> None:
    audit.begin(session, actor=actor, action=f"{actor.kind}:sign-out", now=now, participant_id=actor.participant_id)


def find_account(session: Session, who: str) -> Account | None:
    """Not locked: while the slow hash is computed, nobody waits for whom they ask about."""
    query = select(Account).join(Account.participant).options(contains_eager(Account.participant)).where(_known_by(who))
    return session.scalars(query).one_or_none()


def _known_by(who: str) -> ColumnElement[bool]:
    code = credentials.read_card_code(who)
    if code:
        live = select(AccessCard.account_id).where(
            AccessCard.code_index == card_code_index(code), AccessCard.revoked_at.is_(None)
        )
        return Account.id == live.scalar_subquery()
    try:
        return Account.phone_index == get_cipher().blind_index("phone", phones.to_e164(who))
    except phones.NotAPhone:
        return false()
