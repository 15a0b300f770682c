"""Freezes and locks, and the one place that refuses changes under them: the session itself, before it writes."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import (
    ForeignKey,
    Index,
    String,
    bindparam,
    event,
    func,
    inspect,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Mapped, Session, UOWTransaction, mapped_column
from sqlalchemy.orm.attributes import get_history

from portal.domain.diary import Timing, local_day
from portal.domain.locking import ABOVE, TABLES, ClosedPeriod, LockKind, TableLocking, find_covering_lock, raise_locked
from portal.models.base import Base, Encrypted, EnumText, WithId
from portal.models.people import Participant

CHANGES_LOCK: Final = 6_949_268
ACTIVE = "lifted_at IS NULL"


class DataLock(WithId, Base):
    """Data of one participant, or of a site where ``participant_id`` is null, closed up to ``until_on``.

    ``until_on`` None: everything of the participant. ``lifted_name`` is the printed name of the person who signed to
    open a lock again; a freeze has none.
    """

    __tablename__ = "data_lock"

    kind: Mapped[LockKind] = mapped_column(EnumText(LockKind, 8))
    site: Mapped[str] = mapped_column(String(10))
    participant_id: Mapped[int | None] = mapped_column(ForeignKey("participant.id"))
    until_on: Mapped[date | None]
    reason: Mapped[str] = mapped_column(Encrypted("data_lock.reason"))
    set_at: Mapped[datetime]
    set_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    lifted_at: Mapped[datetime | None]
    lifted_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    lift_reason: Mapped[str | None] = mapped_column(Encrypted("data_lock.lift_reason"))
    lifted_name: Mapped[str | None] = mapped_column(Encrypted("data_lock.lifted_name"))


Index("ix_data_lock_active", DataLock.site, DataLock.participant_id,
      sqlite_where=text(ACTIVE), postgresql_where=text(ACTIVE))  # fmt: skip


def guard_locks(session: Any) -> None:
    """Make a session class or sessionmaker refuse to change data that is closed."""
    event.listen(session, "before_flush", _refuse_locked)
    event.listen(session, "after_commit", _forget)
    event.listen(session, "after_rollback", _forget)


def get_locks(session: Session, participant_id: int) -> tuple[ClosedPeriod, ...]:
    """What is closed of a participant now, read once a transaction; nobody can close anything until it ends."""
    known: dict[int, tuple[ClosedPeriod, ...]] = session.info.setdefault("locks", {})
    if participant_id not in known:
        hold_changes(session)
        known[participant_id] = tuple(read_locks(session, participant_id))
    return known[participant_id]


def bypass_locks(session: Session, participant_id: int) -> None:
    """Until this transaction ends nothing of the participant counts as closed: names are erased, no data change."""
    keep_locks(session, participant_id, ())


def block_changes(session: Session) -> None:
    """Wait for transactions that change data, and block new ones until this transaction has ended."""
    _hold(session, shared=False)
    _forget(session)


def hold_changes(session: Session) -> None:
    """Let nobody close data until this transaction ends. Asked for once a transaction."""
    if not session.info.get("changes_held"):
        _hold(session, shared=True)
        session.info["changes_held"] = True


def keep_locks(session: Session, participant_id: int, locks: tuple[ClosedPeriod, ...]) -> None:
    """What is closed of a participant, read after ``hold_changes``, for the rest of this transaction."""
    session.info.setdefault("locks", {})[participant_id] = locks


def _hold(session: Session, *, shared: bool) -> None:
    """SQLite has one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        take = func.pg_advisory_xact_lock_shared if shared else func.pg_advisory_xact_lock
        session.connection().execute(select(take(CHANGES_LOCK)))


CLOSES: Final = DataLock.lifted_at.is_(None) & or_(
    DataLock.participant_id == Participant.id,
    DataLock.participant_id.is_(None) & (DataLock.site == Participant.site),
)
# Built once: to put it together takes longer than to run it, and every change asks.
OF_PARTICIPANT: Final = (
    select(DataLock.kind, DataLock.until_on, DataLock.reason)
    .join(Participant, Participant.id == bindparam("participant_id"))
    .where(CLOSES)
    .order_by(DataLock.id)
)


def read_locks(session: Session, participant_id: int) -> Iterator[ClosedPeriod]:
    """What is closed of a participant, to be shown: it may be opened at any moment."""
    for kind, until_on, reason in session.connection().execute(OF_PARTICIPANT, {"participant_id": participant_id}):
        yield ClosedPeriod(LockKind(kind), until_on, reason)


def _forget(session: Session) -> None:
    session.info.pop("locks", None)
    session.info.pop("changes_held", None)


def _refuse_locked(session: Session, _context: UOWTransaction, _instances: Any) -> None:
    act = session.info.get("act")
    if act is not None and act.values["action"] in ABOVE:
        return
    for row, held, changed in _changes(session):
        owner = row.id if row.__tablename__ == "participant" else row.participant_id
        locks = get_locks(session, owner) if owner is not None else ()
        if locks and (lock := find_covering_lock(locks, _days(session, row, owner, held, changed))):
            raise_locked(lock)


def _changes(session: Session) -> Iterator[tuple[Any, TableLocking, dict[str, Any]]]:
    """The rows of held tables that are about to be written, each with the fields that change and their old values."""
    for row in session.new:
        held = TABLES.get(row.__tablename__)
        if held is not None and held.additions and not _always_taken(row):
            yield row, held, {}
    for row in session.dirty:
        held = TABLES.get(row.__tablename__)
        if held is not None and held.touches(changed := _old_values(row)):
            yield row, held, changed
    for row in session.deleted:
        held = TABLES.get(row.__tablename__)
        if held is not None:
            yield row, held, _old_values(row)


def _old_values(row: Any) -> dict[str, Any]:
    names = (one.key for one in inspect(row).mapper.column_attrs)
    return {name: past.deleted for name in names if (past := get_history(row, name)).has_changes()}


def _always_taken(row: Any) -> bool:
    """A report that does not count as its day's diary adds to what is known and changes nothing that is closed."""
    return row.__tablename__ == "diary" and row.timing == Timing.BEYOND and row.first_id is None


def _days(session: Session, row: Any, owner: int, held: TableLocking, changed: dict[str, Any]) -> list[date | None]:
    """The day that the row is about, and the one that it was about before."""
    if held.day is None:
        return [None]
    values = [getattr(row, held.day), *changed.get(held.day, ())]
    return [_as_day(session, owner, value) for value in values if value is not None]


def _as_day(session: Session, owner: int, value: date | datetime) -> date:
    if not isinstance(value, datetime):
        return value
    zone = session.connection().execute(select(Participant.timezone).where(Participant.id == owner)).scalar_one()
    return local_day(value, zone)
