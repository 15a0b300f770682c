"""Field keys: which are in use, and giving every value the first one, batch by batch, while others write."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final

from sqlalchemy import LargeBinary, Row, Table, column, func, select, table, tuple_, update
from sqlalchemy.orm import Session

from portal.domain.access import Actor
from portal.models import Base
from portal.models.base import Encrypted, Transaction, get_cipher
from portal.models.enrolment import AllocationList
from portal.services import audit

BATCH: Final = 500
ID: Final = slice(1, 5)  # where a token carries the id of its key
Context = Callable[[Session, Row[Any]], bytes]


@dataclass(frozen=True, slots=True)
class EncryptedColumn:
    """A column of tokens, seen as the bytes that they are. ``context`` says what a row's token is bound to."""

    table: Table
    name: str
    context: Context

    @property
    def raw(self) -> Any:
        """The table without its types: nothing is decrypted on the way out or encrypted on the way in."""
        stored = (column(one.name, LargeBinary() if one.name == self.name else one.type) for one in self.table.columns)
        return table(self.table.name, *stored)

    @property
    def key(self) -> Sequence[str]:
        return [one.name for one in self.table.primary_key]


def list_encrypted_columns() -> Iterator[EncryptedColumn]:
    """Every column that holds tokens of the field keys."""
    for one in Base.metadata.sorted_tables:
        for stored in one.columns:
            if isinstance(stored.type, Encrypted):
                yield EncryptedColumn(one, stored.name, partial(_fixed, stored.type.context.encode()))
    for name in ("participant_key", "screening_key"):
        yield EncryptedColumn(Base.metadata.tables[name], "wrapped", partial(_fixed, b"data-key"))
    yield EncryptedColumn(Base.metadata.tables["allocation"], "sealed", _of_list)


def _fixed(context: bytes, _session: Session, _row: Row[Any]) -> bytes:
    return context


def _of_list(session: Session, row: Row[Any]) -> bytes:
    checksum = session.get_one(AllocationList, row._mapping["list_id"]).checksum  # noqa: SLF001 - SQLAlchemy's name
    return f"allocation.sealed.{checksum}".encode()


def count_key_usage(session: Session) -> Mapping[str, Mapping[str, int]]:
    """Key id in hexadecimal -> ``table.column`` -> how many values it still opens."""
    found: dict[str, dict[str, int]] = {}
    for place in list_encrypted_columns():
        raw = place.raw
        identity = func.substr(raw.c[place.name], 2, 4, type_=LargeBinary())
        counted = select(identity, func.count()).where(raw.c[place.name].is_not(None)).group_by(identity)
        for key, values in session.execute(counted.select_from(raw)):
            found.setdefault(bytes(key).hex(), {})[f"{place.table.name}.{place.name}"] = values
    return found


def rotate_keys(begin: Transaction, *, actor: Actor, first: bytes, now: datetime) -> Mapping[str, int]:
    """Give every value the key whose id is ``first``; the values changed, by ``table.column``.

    Each batch is a transaction of its own. A value that somebody changes in between is theirs: it has the first key of
    their process, and the next run sees whether that was an old one.
    """
    done: dict[str, int] = {}
    for place in list_encrypted_columns():
        changed, last = 0, None
        while True:
            with begin() as session:
                rows = _batch(session, place, last)
                changed += _rewritten(session, place, rows, actor, first, now)
            if len(rows) < BATCH:
                break
            last = tuple(rows[-1]._mapping[name] for name in place.key)  # noqa: SLF001
        if changed:
            done[f"{place.table.name}.{place.name}"] = changed
    return done


def _batch(session: Session, place: EncryptedColumn, last: tuple[Any, ...] | None) -> Sequence[Row[Any]]:
    raw = place.raw
    key = [raw.c[name] for name in place.key]
    statement = select(raw).where(raw.c[place.name].is_not(None)).order_by(*key).limit(BATCH)
    if last is not None:
        statement = statement.where(tuple_(*key) > tuple_(*last))
    return session.execute(statement).all()


def _rewritten(
    session: Session, place: EncryptedColumn, rows: Sequence[Row[Any]], actor: Actor, first: bytes, now: datetime
) -> int:  # fmt: skip
    stale = [row for row in rows if bytes(row._mapping[place.name])[ID] != first]  # noqa: SLF001
    if stale:
        audit.begin(session, actor=actor, action="keys:rotate", now=now, reason=f"{place.table.name}.{place.name}")
    return sum(_one(session, place, row) for row in stale)


def _one(session: Session, place: EncryptedColumn, row: Row[Any]) -> int:
    """Compare and set: only the very token that was read is replaced."""
    values, raw = row._mapping, place.raw  # noqa: SLF001
    old, context = bytes(values[place.name]), place.context(session, row)
    new = get_cipher().encrypt(get_cipher().decrypt(old, context), context)
    statement = update(raw).where(*(raw.c[name] == values[name] for name in place.key), raw.c[place.name] == old)
    result = session.execute(statement.values({place.name: new}), execution_options={"synchronize_session": False})
    return int(result.rowcount)  # type: ignore[attr-defined]
