"""A copy of the database as it was at one moment, while others write; and back into an empty one."""

import os
import sqlite3
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, create_engine, inspect, text
from sqlalchemy.engine import make_url

DUMP: Final = "database"
TIMEOUT: Final = 3600


class CopyFailed(RuntimeError):
    """The database's own tool said no, or the target is not empty."""


def dump_database(url: str, target: Path) -> Mapping[str, int]:
    """Write the database to ``target``; the rows of each table in that very copy."""
    if url.startswith("sqlite"):
        return _copy_sqlite(Path(url.removeprefix("sqlite:///")), target)
    return _copy_postgres(url, target)


def load_database(url: str, source: Path) -> Mapping[str, int]:
    """Put a copy into an empty database; the rows of each table as they are there. CannotCopy when it is not empty."""
    if url.startswith("sqlite"):
        _load_sqlite(Path(url.removeprefix("sqlite:///")), source)
    else:
        _check_empty(url)
        _run("pg_restore", url, "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error",
             "--dbname", _name(url), str(source))  # fmt: skip
    with open_connection(url) as connection:
        return count_rows(connection)


def count_rows(connection: Connection) -> Mapping[str, int]:
    """Rows by table."""
    tables = sorted(inspect(connection).get_table_names())
    return {
        name: int(connection.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one())  # noqa: S608 - own names
        for name in tables
    }


def list_file_names(connection: Connection) -> Iterator[str]:
    """The files that the rows of a copy speak of."""
    yield from connection.execute(text("SELECT name FROM photo ORDER BY name")).scalars()


def _copy_sqlite(path: Path, target: Path) -> Mapping[str, int]:
    """SQLite's online backup in one step: what it holds is one moment, and writers go on."""
    source, copied = sqlite3.connect(f"file:{path}?mode=ro", uri=True), sqlite3.connect(target)
    try:
        source.backup(copied)
        if copied.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            raise CopyFailed("the copy fails SQLite's own check")
    finally:
        source.close()
        copied.close()
    with open_connection(f"sqlite:///{target}") as connection:
        return count_rows(connection)


def _copy_postgres(url: str, target: Path) -> Mapping[str, int]:
    """``pg_dump`` and the counts look through one snapshot."""
    with open_connection(url) as connection:
        connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
        snapshot = connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
        _run("pg_dump", url, "--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}",
             f"--file={target}", _name(url))  # fmt: skip
        return count_rows(connection)


def _load_sqlite(path: Path, source: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    _check_empty(f"sqlite:///{path}")
    copied, target = sqlite3.connect(source), sqlite3.connect(path)
    try:
        copied.backup(target)
    finally:
        copied.close()
        target.close()


def _check_empty(url: str) -> None:
    with open_connection(url) as connection:
        if inspect(connection).get_table_names():
            raise CopyFailed("the database is not empty")


@contextmanager
def open_connection(url: str) -> Iterator[Connection]:
    """A connection of its own, closed for good afterwards."""
    engine: Engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def _name(url: str) -> str:
    return make_url(url).database or "postgres"


def _run(tool: str, url: str, *arguments: str) -> None:
    """PostgreSQL's own tool; the password goes through the environment and not through the list of processes."""
    parts = make_url(url)
    place = {"host": parts.host, "port": parts.port, "user": parts.username, "password": parts.password, **parts.query}
    given = {f"PG{key.upper()}": str(value) for key, value in place.items() if value is not None}
    done = subprocess.run(  # noqa: S603 - no shell, own arguments
        [tool, *arguments], env={**os.environ, **given}, capture_output=True, text=True, check=False, timeout=TIMEOUT
    )
    if done.returncode:
        raise CopyFailed(f"{tool}: {done.stderr.strip()[:500]}")
