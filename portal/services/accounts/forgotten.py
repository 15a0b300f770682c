"""Forgotten PIN: a code by text, then a new PIN. No response reveals whether a number is known.

The same response is given and the same slow hash is computed, whether the account exists or not.
"""

import secrets as random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session, contains_eager

from portal.adapters import passwords
from portal.domain import credentials
from portal.domain.access import Actor, ActorKind
from portal.domain.errors import Conflict
from portal.domain.messages import MessageKind, MessageState
from portal.domain.msgid import N_
from portal.domain.participation import ParticipationStatus
from portal.models.audit import AuditChange, AuditEvent, taken_back
from portal.models.messages import Message
from portal.models.people import Account
from portal.models.sign_in import SignInCode
from portal.services import audit, lockout, messages
from portal.services.accounts.signing_in import find_account
from portal.services.accounts.users import AccountUser, build_account_user

MINUTES: Final = 10
TRIES: Final = 5
AN_HOUR: Final = 3
DIGITS: Final = 6


@dataclass(frozen=True, slots=True)
class VerifiedCode:
    """A verified code: allows one change of the PIN, while ``epoch`` is unchanged."""

    account_id: int
    code_id: int
    epoch: int


def request_code(session: Session, *, actor: Actor, who: str, now: datetime) -> None:
    """Text a code to the account of a phone number or card code, if there is one and it may have one.

    At most three an hour, so that nobody's phone is flooded. Where none may be sent the same rows are written for an
    arbitrary account and rolled back, so that neither the number of statements nor the time reveals who is known.
    """
    code = f"{random.randbelow(10**DIGITS):0{DIGITS}}"
    code_hash = passwords.hash_secret(code)
    account = find_account(session, who)
    owner = account.participant_id if account else None
    audit.begin(session, actor=actor, action="code:request", now=now, participant_id=owner)
    holder = lockout.lock_account(session, account)
    recent = _sent_lately(session, holder.id if holder else lockout.NOBODY, now)
    if holder is None or not _may_have_one(holder) or recent >= AN_HOUR:
        _write_nothing(session, now)
        return
    audit.begin(session, actor=actor, action="code:send", now=now, participant_id=owner)
    _write_code(session, holder, code, code_hash, now)


def _may_have_one(account: Account) -> bool:
    return account.pin_hash is not None and account.participant.status != ParticipationStatus.WITHDRAWN


def _write_code(session: Session, account: Account, code: str, code_hash: str, now: datetime) -> None:
    expires_at = now + timedelta(minutes=MINUTES)
    session.add(SignInCode(account_id=account.id, code_hash=code_hash, sent_at=now, expires_at=expires_at, tries=0))
    session.flush()
    messages.enqueue_code(session, account_id=account.id, code=code, now=now)


def _write_nothing(session: Session, now: datetime) -> None:
    """As much as a code costs, without a trace: a text to nobody is stored and taken back."""
    text = Message(
        recipient="nobody", kind=MessageKind.SIGN_IN_CODE, dedupe_key=random.token_hex(8), token=random.token_hex(16),
        template_version=0, language="en", state=MessageState.SUPPRESSED, not_before_at=now, expires_at=now,
        created_at=now,
    )  # fmt: skip
    with taken_back(session):
        session.add(text)
    lockout.add_nothing(session, SignInCode, AuditEvent, AuditChange)


def _sent_lately(session: Session, account_id: int, now: datetime) -> int:
    recent = SignInCode.sent_at > now - timedelta(hours=1)
    statement = select(func.count()).select_from(SignInCode).where(SignInCode.account_id == account_id, recent)
    return int(session.execute(statement).scalar_one())


def check_code(session: Session, *, actor: Actor, who: str, code: str, now: datetime) -> VerifiedCode | None:
    """What a typed code opens, once; None for every kind of wrong. Only the newest code counts, for five lockout.

    It opens an account that wrong PINs have locked, too.
    """
    account = find_account(session, who)
    newest = _newest(session, account.id if account else 0)
    right = passwords.verify_secret(newest.code_hash if newest else None, credentials.read_digits(code))
    held = lockout.lock_row(session, SignInCode, newest)
    usable = held is not None and _is_usable(held, now)
    opened = account is not None and usable and right
    owner = account.participant_id if account else None
    action = "code:accept" if opened else "code:refuse"
    audit.begin(session, actor=actor, action=action, now=now, participant_id=owner)
    if held is None or not usable:
        lockout.count_nobody(session)
        return None
    held.tries += 1
    held.used_at = now if opened else None
    return VerifiedCode(account.id, held.id, account.epoch) if opened and account is not None else None


def _newest(session: Session, account_id: int) -> SignInCode | None:
    """Only the newest counts; it is locked when its hash has been compared."""
    statement = select(SignInCode).where(SignInCode.account_id == account_id).order_by(SignInCode.id.desc()).limit(1)
    return session.scalars(statement).one_or_none()


def _is_usable(row: SignInCode, now: datetime) -> bool:
    return row.used_at is None and row.tries < TRIES and now < row.expires_at


def reset_pin(
    session: Session, *, actor: Actor, verified: VerifiedCode, pin: str, now: datetime
) -> AccountUser | Mapping[str, str]:
    """Set the new PIN, lift the lock, end every other session; or the problem by field.

    Raises Conflict when the code was used ten minutes ago or more, or the PIN has been changed since.
    """
    account = session.scalars(
        select(Account)
        .join(Account.participant)
        .options(contains_eager(Account.participant))
        .where(Account.id == verified.account_id)
        .with_for_update(of=Account)
    ).one()
    used_at = session.get_one(SignInCode, verified.code_id).used_at
    if account.epoch != verified.epoch or used_at is None or now >= used_at + timedelta(minutes=MINUTES):
        raise Conflict(N_("This code can no longer be used. Ask for a new one."))
    problem = credentials.pin_problem(pin, born_on=date.fromisoformat(account.participant.born_on))
    if problem:
        return {"pin": problem}
    who = Actor(ActorKind.ACCOUNT, account.role, account.id, account.participant_id, request_id=actor.request_id)
    audit.begin(session, actor=who, action="account:pin-reset", now=now, participant_id=account.participant_id)
    account.pin_hash = passwords.hash_secret(pin)
    account.failed_tries, account.locked_until = 0, None
    account.epoch += 1
    session.flush()
    return build_account_user(account)
