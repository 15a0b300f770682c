"""A refused attempt to get in: counted on the row that was asked for, and as slow where there is nothing to count.

The slow hash is computed for everybody. For an unknown name, or one that is locked at this moment, the statements that
count an attempt are run so that they match no row: the time does not tell who is known, and nobody else's row is
locked or changed.
"""

from datetime import datetime
from functools import lru_cache
from typing import Final, TypeVar

from sqlalchemy import Insert, false, insert, select, update
from sqlalchemy.orm import Session, contains_eager

from portal.domain import credentials
from portal.models.audit import KEY_OF, AuditChange
from portal.models.base import Base
from portal.models.device import SignInCode
from portal.models.people import AccessCard, Account, ParticipantKey, Staff

Counted = Account | AccessCard | Staff
Holder = TypeVar("Holder", Account, AccessCard, Staff, SignInCode)
NOBODY: Final = 0  # the id of no row


def account_held(session: Session, account: Account | None) -> Account | None:
    """The account as it is now, locked. For None the same statement, which finds nothing."""
    statement = (
        select(Account)
        .join(Account.participant)
        .join(ParticipantKey, ParticipantKey.participant_id == Account.participant_id)
        .options(contains_eager(Account.participant))
        .where(Account.id == (account.id if account else NOBODY))
        .with_for_update(of=Account)
    )
    return session.scalars(statement.execution_options(populate_existing=True)).one_or_none()


def held(session: Session, model: type[Holder], row: Holder | None) -> Holder | None:
    """The same for rows that belong to no participant."""
    statement = select(model).where(model.id == (row.id if row else NOBODY)).with_for_update(of=model)
    return session.scalars(statement.execution_options(populate_existing=True)).one_or_none()


def count(session: Session, model: type[Counted], holder: Counted | None, *, now: datetime) -> None:
    """One wrong attempt more. While locked, nothing is counted: otherwise a stranger could extend the lock for ever.

    ``holder`` is locked by the caller.
    """
    if holder is None or credentials.is_locked(holder.locked_until, now=now):
        count_nobody(session, model)
    else:
        count_failure(holder, now)


def count_failure(holder: Counted, now: datetime) -> None:
    holder.failed_tries += 1
    holder.locked_until = credentials.locked_until(holder.failed_tries, now=now)


def count_nobody(session: Session, model: type[Counted | SignInCode]) -> None:
    """The statements of a counted attempt, on no row."""
    nothing = {"used_at": None} if model is SignInCode else {"failed_tries": 0}
    statement = update(model).where(model.id == NOBODY).values(nothing)
    session.execute(statement, execution_options={"synchronize_session": False})
    if model is Account:
        session.execute(KEY_OF, {"participant_id": NOBODY})
    add_nothing(session, AuditChange)


def add_nothing(session: Session, *models: type[Base]) -> None:
    """An INSERT into each table, of no row."""
    for model in models:
        session.connection().execute(_insert_nothing(model))


@lru_cache
def _insert_nothing(model: type[Base]) -> Insert:
    table = model.__table__
    return insert(model).from_select([one.name for one in table.c], select(table).where(false()))
