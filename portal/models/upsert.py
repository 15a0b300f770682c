"""``INSERT ... ON CONFLICT``, which both databases speak and SQLAlchemy spells once for each."""

from typing import Any

from sqlalchemy import Float, String, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.functions import FunctionElement


def insert_into(session: Session, model: Any) -> Any:
    """An insert with ``on_conflict_do_nothing`` and ``on_conflict_do_update`` for the session's database."""
    dialect = session.get_bind().dialect.name
    return (sqlite.insert if dialect == "sqlite" else postgresql.insert)(model)


def use_hash_joins(session: Session) -> None:
    """For the rest of the transaction PostgreSQL joins by hashing.

    While a statement fills an empty table, a nested loop reads everything that it has just written once more for every
    row: 10,000 rows took 46 s, and now take less than one.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SET LOCAL enable_nestloop = off"))


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


class seconds_between(FunctionElement[float]):  # noqa: N801 - reads as the SQL function that it is
    """Seconds from the first instant to the second."""

    inherit_cache = True
    type = Float()


@compiles(seconds_between, "sqlite")
def _between_on_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    first, second = (compiler.process(one, **options) for one in element.clauses)
    return f"((julianday({second}) - julianday({first})) * 86400.0)"


@compiles(seconds_between, "postgresql")
def _between_on_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    first, second = (compiler.process(one, **options) for one in element.clauses)
    return f"extract(epoch from ({second} - {first}))"
