"""``INSERT ... ON CONFLICT``, which both databases speak and SQLAlchemy spells once for each."""

from typing import Any

from sqlalchemy import String
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.functions import FunctionElement


def insert_into(session: Session, model: Any) -> Any:
    """An insert with ``on_conflict_do_nothing`` and ``on_conflict_do_update`` for the session's database."""
    dialect = session.get_bind().dialect.name
    return (sqlite.insert if dialect == "sqlite" else postgresql.insert)(model)


class random_token(FunctionElement[str]):  # noqa: N801 - reads as the SQL function that it is
    """32 hexadecimal digits that nobody can guess, made by the database, one a row."""

    inherit_cache = True
    type = String()


@compiles(random_token, "sqlite")
def _on_sqlite(_element: Any, _compiler: Any, **_options: Any) -> str:
    return "lower(hex(randomblob(16)))"


@compiles(random_token, "postgresql")
def _on_postgresql(_element: Any, _compiler: Any, **_options: Any) -> str:
    return "replace(gen_random_uuid()::text, '-', '')"
