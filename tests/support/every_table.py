"""One row in every table: made from the models, so that a table or column that comes tomorrow is there, too."""

import json
from datetime import time
from decimal import Decimal
from typing import Any, Final, get_args

from sqlalchemy import Boolean, Column, Date, Integer, LargeBinary, Numeric, String, Table, Time, inspect, select

from portal.domain.access import SYSTEM
from portal.extensions import db, transaction
from portal.models import Base
from portal.models.base import Encrypted, EnumText, UtcDateTime
from portal.models.people import Participant, Staff
from portal.services import audit
from tests.support.people import NOW, TODAY, hire

SECRET: Final = "床位十二号"  # "bed number twelve": stands in every encrypted value
NOT_FILLED: Final = frozenset(("audit_event", "audit_change", "audit_link", "audit_anchor", "alembic_version"))
GIVEN: Final[dict[str, Any]] = {
    "diary.staff_id": None,
    "diary.questionnaire": "daily-diary.v1",
    "diary.free_text": {"note": SECRET},
    "infusion.vital_signs": {"pulse": 80},
    "message.state": "delivered",  # a planned one would be taken off as soon as a date changes
    "infusion.reaction": {"grade": 1, "words": SECRET},
}


# Without ``SECRET``: what ``enrol`` and ``hire`` have written (the words of ``NAMES``), and numbers.
WITHOUT_SECRET: Final = frozenset(
    f"{table}.{name}"
    for table, names in (
        ("participant", ("name", "born_on")),
        ("account", ("name", "phone")),
        ("staff", ("email", "name", "phone", "totp_secret")),
        ("infusion", ("vital_signs",)),
    )
    for name in names
)
NAMES: Final = ("王小明", "1992-03-14", "1380013", "李娜", "example.org", "13900000001")


def fill(person: Participant) -> None:
    """A row about this participant in every empty table, and ``SECRET`` wherever an encrypted value is missing."""
    person_id = person.id
    if db.session.scalar(select(Staff.id).limit(1)) is None:
        hire()
    with transaction() as session:
        audit.begin(session, actor=SYSTEM, action="test:fill", now=NOW, participant_id=person_id)
        for table in Base.metadata.sorted_tables:
            if table.name not in NOT_FILLED and session.execute(select(table).limit(1)).first() is None:
                session.execute(table.insert().values(_row(table)))
        for column in encrypted():
            empty = column.table.update().where(column.is_(None))
            session.execute(empty.values({column.name: _value(column.table, column)}))


def _row(table: Table) -> dict[str, Any]:
    return {column.name: _value(table, column) for column in table.columns if not _is_numbered(column)}


def _is_numbered(column: Column[Any]) -> bool:
    return bool(column.primary_key and not column.foreign_keys and isinstance(column.type, Integer))


def _value(table: Table, column: Column[Any]) -> Any:
    place = f"{table.name}.{column.name}"
    if place in GIVEN:
        return GIVEN[place]
    if column.foreign_keys:
        (key,) = column.foreign_keys
        return db.session.scalar(select(key.column).limit(1)) if key.column.table is not table else None
    if isinstance(column.type, Encrypted):
        return {"name": SECRET} if _is_mapping(table, column) else SECRET
    return next(iter(column.type.members)) if isinstance(column.type, EnumText) else _plain_value(column)


def _plain_value(column: Column[Any]) -> Any:
    kinds = {UtcDateTime: NOW, Date: TODAY, Time: time(9), Boolean: True, Numeric: Decimal(1), LargeBinary: b"x" * 32}
    for kind, value in kinds.items():
        if isinstance(column.type, kind):
            return value
    if isinstance(column.type, String):
        return column.name[: column.type.length]
    return 1 if isinstance(column.type, Integer) or "INT" in str(column.type) else {}


def _is_mapping(table: Table, column: Column[Any]) -> bool:
    """Whether the model says that the value is a mapping."""
    (mapper,) = (one for one in Base.registry.mappers if one.local_table is table)
    annotation = next(
        (
            one.__annotations__[column.name]
            for one in inspect(mapper).class_.__mro__
            if column.name in vars(one).get("__annotations__", {})
        ),
        "",
    )
    return "dict" in str(get_args(annotation) or annotation)


def spellings(words: str) -> set[bytes]:
    """The words as bytes, and as they would stand in JSON or as PostgreSQL and Excel spell them."""
    return {words.encode(), json.dumps(words)[1:-1].encode(), words.encode("utf-16-le"), words.encode().hex().encode()}


def in_clear(content: bytes, *words: str) -> list[str]:
    """Which of the words can be read in a file, in any spelling."""
    return [one for one in words if any(spelled in content for spelled in spellings(one))]


def encrypted() -> list[Column[Any]]:
    """Every encrypted column of the portal."""
    return [
        column
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, Encrypted)
    ]


def where_it_says(words: str) -> set[str]:
    """The encrypted columns in which these words stand, when they are decrypted."""
    db.session.rollback()
    return {
        f"{column.table.name}.{column.name}"
        for column in encrypted()
        if any(words in str(value) for value in db.session.scalars(select(column)))
    }
