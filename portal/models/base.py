"""Column types and the declarative base. Plain SQLAlchemy 2; the cipher is injected at start."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final, Protocol

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer, LargeBinary, MetaData, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.sql import operators
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import TypeDecorator, TypeEngine

# Begins a unit of work that commits at its end. Services that need several are given it: they do not commit.
Transaction = Callable[[], AbstractContextManager[Session]]


class Cipher(Protocol):
    """What the encrypted columns need. ``adapters/vault.py`` provides it; ``context`` binds a value to its place."""

    def encrypt(self, plain: bytes, context: bytes) -> bytes: ...
    def decrypt(self, token: bytes, context: bytes) -> bytes: ...
    def blind_index(self, kind: str, value: str) -> bytes: ...
    def new_data_key(self) -> bytes: ...
    def open_data_key(self, wrapped: bytes) -> "DataCipher": ...
    def study_cipher(self) -> "DataCipher": ...


class DataCipher(Protocol):
    """One participant's own key, unwrapped."""

    def encrypt(self, plain: bytes, context: bytes) -> bytes: ...
    def decrypt(self, token: bytes, context: bytes) -> bytes: ...


_registry: dict[str, Cipher] = {}


def inject_cipher(cipher: Cipher) -> None:
    _registry["cipher"] = cipher


def get_cipher() -> Cipher:
    return _registry["cipher"]


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware and in UTC on both databases. A naive value is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


PATTERNS: Final = frozenset({operators.like_op, operators.startswith_op, operators.endswith_op, operators.contains_op})


class EnumText(TypeDecorator[Any]):
    """A ``StrEnum`` stored as its text; ``length`` is the column's. A text that is no member raises ``ValueError``."""

    impl = String
    cache_ok = True

    def __init__(self, members: type[StrEnum], length: int) -> None:
        super().__init__(length)
        self.members = members

    def coerce_compared_value(self, op: OperatorType | None, value: Any) -> TypeEngine[Any]:
        """A pattern of LIKE is text and no member."""
        return String() if op in PATTERNS else super().coerce_compared_value(op, value)

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else self.members(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:  # noqa: ARG002
        return None if value is None else self.members(value)


class Encrypted(TypeDecorator[Any]):
    """A JSON value that is ciphertext in the database; ``context`` is ``table.column``."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, context: str) -> None:
        super().__init__()
        self.context = context

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:  # noqa: ARG002
        if value is None:
            return None
        return get_cipher().encrypt(json.dumps(value, ensure_ascii=False).encode(), self.context.encode())

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Any:  # noqa: ARG002
        if value is None:
            return None
        return json.loads(get_cipher().decrypt(bytes(value), self.context.encode()))


BigId = BigInteger().with_variant(Integer, "sqlite")
Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcDateTime}  # noqa: RUF012


class WithId:
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
