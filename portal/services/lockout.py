"""A refused attempt to get in: counted on the row that was asked for, and as slow where there is nothing to count.

The slow hash is computed for everybody, and hides most of what differs. For an unknown name, or one that is locked at
this moment, the rest is imitated: rows are read without a lock, and a row that belongs to nobody is stored and taken
back. No row of anybody else is locked or changed. `benchmarks/sign_in_timing.py` measures what is left.
"""

from datetime import datetime
from functools import lru_cache
from secrets import token_hex
from typing import Final, TypeVar

from sqlalchemy import Insert, false, insert, select
from sqlalchemy.orm import Session, contains_eager

from portal.domain import credentials
from portal.models.audit import taken_back
from portal.models.base import Base
from portal.models.enrolment import SiteNumbers
from portal.models.people import AccessCard, Account, ParticipantKey, Staff
from portal.models.sign_in import SignInCode

Counted = Account | AccessCard | Staff
Holder = TypeVar("Holder", Account, AccessCard, Staff, SignInCode)
NOBODY: Final = 0  # the id of no row


def lock_account(session: Session, account: Account | None) -> Account | None:
    """The account as it is now, locked. For None the first one is read, not locked, and forgotten, as often as one is
    read that is found.
    """
    statement = (
        select(Account)
        .join(Account.participant)
        .join(ParticipantKey, ParticipantKey.participant_id == Account.participant_id)
        .options(contains_eager(Account.participant))
        .execution_options(populate_existing=True)
    )
    if account is None:
        for _ in range(2):
            session.scalars(statement.order_by(Account.id).limit(1)).one_or_none()
        return None
    return session.scalars(statement.where(Account.id == account.id).with_for_update(of=Account)).one_or_none()


def lock_row(session: Session, model: type[Holder], row: Holder | None) -> Holder | None:
    """The same for rows that belong to no participant. For None the same statement, which finds nothing."""
    statement = select(model).where(model.id == (row.id if row else NOBODY)).with_for_update(of=model)
    return session.scalars(statement.execution_options(populate_existing=True)).one_or_none()


def count_try(session: Session, holder: Counted | None, *, now: datetime) -> None:
    """One wrong attempt more. While locked, nothing is counted: otherwise a stranger could extend the lock for ever.

    ``holder`` is locked by the caller.
    """
    if holder is None or is_locked(holder, now):
        count_nobody(session)
    else:
        count_failure(holder, now)


def is_locked(holder: Counted, now: datetime) -> bool:
    return credentials.is_locked(holder.locked_until, now=now)


def clear(holder: Counted) -> None:
    """Forget the wrong attempts: the right secret was given."""
    holder.failed_tries, holder.locked_until = 0, None


def count_failure(holder: Counted, now: datetime) -> None:
    holder.failed_tries += 1
    holder.locked_until = credentials.locked_until(holder.failed_tries, now=now)


def count_nobody(session: Session) -> None:
    """What it costs to count an attempt, without a trace: a row that belongs to nobody is stored and taken back."""
    with taken_back(session):
        session.add(SiteNumbers(site=token_hex(5), last_screening=0))


def add_nothing(session: Session, *models: type[Base]) -> None:
    """An INSERT into each table, of no row."""
    for model in models:
        session.connection().execute(_insert_nothing(model))


@lru_cache
def _insert_nothing(model: type[Base]) -> Insert:
    table = model.__table__
    return insert(model).from_select([one.name for one in table.c], select(table).where(false()))
