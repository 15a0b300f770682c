"""A try to get in that was refused, counted where there is something to count; whoever asks, the same is done.

For somebody unknown, or locked at this moment, another row stands in, and what was written to it is taken back: neither
the number of statements nor the time tells who is known.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TypeVar

from sqlalchemy import select, true
from sqlalchemy.orm import Session, contains_eager

from portal.domain import credentials
from portal.models.people import AccessCard, Account, ParticipantKey, Staff
from portal.models.sign_in import SignInCode
from portal.services import audit

Holder = TypeVar("Holder", Account, AccessCard, Staff, SignInCode)


def account_held(session: Session, account: Account | None) -> Account | None:
    """The account once more, as it stands now and locked; or one that stands in. None where there is none at all."""
    here = true() if account is None else Account.id == account.id
    statement = (
        select(Account)
        .join(Account.participant)
        .join(ParticipantKey, ParticipantKey.participant_id == Account.participant_id)
        .options(contains_eager(Account.participant))
        .where(here)
    )
    one = statement.order_by(Account.id).limit(1).with_for_update(of=Account)
    return session.scalars(one.execution_options(populate_existing=True)).one_or_none()


def held(session: Session, model: type[Holder], row: Holder | None) -> Holder | None:
    """The same for rows that belong to nobody in the trail."""
    here = true() if row is None else model.id == row.id
    statement = select(model).where(here).order_by(model.id).limit(1).with_for_update(of=model)
    return session.scalars(statement.execution_options(populate_existing=True)).one_or_none()


@contextmanager
def kept_if(session: Session, wanted: bool) -> Iterator[None]:
    """What the act changes within stays, or is taken back when it has been written; that somebody acted stays."""
    audit.tell(session)
    point = session.begin_nested()
    yield
    audit.done(session)
    if wanted:
        point.commit()
    else:
        point.rollback()


def count(session: Session, holder: Account | AccessCard | Staff | None, *, known: bool, now: datetime) -> None:
    """One wrong try more. While locked, nothing is counted: otherwise a stranger could keep the lock up for ever.

    ``holder`` is held; ``known``: it is the one that was asked for and does not stand in.
    """
    if holder is None:
        return
    with kept_if(session, known and not credentials.is_locked(holder.locked_until, now=now)):
        count_failure(holder, now)


def count_failure(holder: Account | AccessCard | Staff, now: datetime) -> None:
    holder.failed_tries += 1
    holder.locked_until = credentials.locked_until(holder.failed_tries, now=now)
