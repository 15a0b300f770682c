"""Counting SQL statements."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import event

from portal.extensions import db


@contextmanager
def counted() -> Iterator[Callable[[], int]]:
    """How many statements run inside."""
    statements: list[str] = []

    def count(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", count)
    yield lambda: len(statements)
    event.remove(db.engine, "before_cursor_execute", count)
