"""Unbound Flask extensions, and ``transaction()``, the only place that commits."""

import fcntl
import inspect
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from flask import Flask, request
from flask_babel import Babel
from flask_limiter import Limit, Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager, current_user
from flask_sqlalchemy_lite import SQLAlchemy
from flask_wtf import CSRFProtect
from sqlalchemy import Connection, Engine, event
from sqlalchemy.orm import ORMExecuteState, Session

from portal.models import audit, locking

__all__ = [
    "SAFE_METHODS",
    "Session",
    "babel",
    "csrf",
    "db",
    "init_database",
    "limiter",
    "login_manager",
    "rate_limit_key",
    "transaction",
]

db = SQLAlchemy()
login_manager = LoginManager()
login_manager.session_protection = None  # nothing asks how fresh a session is; a new address would send it each time
babel = Babel()
csrf = CSRFProtect()
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def rate_limit_key() -> str:
    """Whose tries a limit counts: a person's own, so that a ward behind one address is not one person."""
    person = getattr(current_user, "person", None)
    return f"{person.kind}:{person.id}" if person else get_remote_address()


def _is_harmless() -> bool:
    """What only reads; and the provider, whose receipts come in bursts and are proved by a signature."""
    return request.method in SAFE_METHODS or request.path.startswith("/webhooks/")


# A route with a limit of its own has that one alone.
WRITING = Limit("600 per minute", key_function=rate_limit_key, exempt_when=_is_harmless)
limiter = Limiter(key_func=get_remote_address, headers_enabled=False, default_limits=[WRITING])


@contextmanager
def transaction() -> Iterator[Session]:
    """One unit of work: commits at its end, rolls back on any error. On SQLite it takes the write lock at once.

    ``RuntimeError`` inside another one: the inner would undo the outer, or wait for its own turn for ever.
    """
    session: Session = db.session
    if session.info.get("writes"):
        raise RuntimeError("a transaction within a transaction")
    session.rollback()
    with _turn_to_write(db.engine):
        session.info["writes"] = True
        try:
            session.connection(execution_options={"writes": True})
            yield session
            session.commit()
        except BaseException:
            session.rollback()
            raise
        finally:
            session.info["writes"] = False


@contextmanager
def _turn_to_write(engine: Engine) -> Iterator[None]:
    """Writers of an SQLite file queue at a lock beside it. Its own waiting is by chance: eight starved for 3.9 s."""
    path = engine.url.database if engine.dialect.name == "sqlite" else None
    if not path or path == ":memory:":
        yield
        return
    with Path(f"{path}-turn").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        yield


def init_database(app: Flask) -> None:
    db.init_app(app)
    # No async session is ever opened here, and closing none would start an event loop after every request.
    closing = [close for close in app.teardown_appcontext_funcs if not inspect.iscoroutinefunction(close)]
    app.teardown_appcontext_funcs = closing
    with app.app_context():
        locking.guard_locks(db.sessionmaker)
        audit.guard_audit(db.sessionmaker)
        event.listen(db.sessionmaker, "before_flush", _refuse_stray_rows)
        event.listen(db.sessionmaker, "do_orm_execute", _refuse_stray_statement)
        if db.engine.dialect.name == "sqlite":
            _tune_sqlite(db.engine)
        else:
            db.engine.dialect.use_insertmanyvalues_wo_returning = True  # one INSERT, not a pipeline of them
            _tune_postgresql(db.engine)
            db.sessionmaker.configure(bind=db.engine.execution_options(single=True))


def _refuse_stray_rows(session: Session, _context: Any, _instances: Any) -> None:
    if not session.info.get("writes"):
        raise RuntimeError("rows are written in a transaction")


def _refuse_stray_statement(state: ORMExecuteState) -> None:
    if (state.is_insert or state.is_update or state.is_delete) and not state.session.info.get("writes"):
        raise RuntimeError("rows are written in a transaction")


def _tune_postgresql(engine: Engine) -> None:
    """A session that reads has no transaction (option ``single``): each of its statements stands alone. Whoever
    writes, or wants one snapshot, has one.

    A read committed transaction would see no more than that. And psycopg forgets what it has prepared whenever it
    rolls back, which is how every reading would end.
    """

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        options, driver = connection.get_execution_options(), connection.connection.driver_connection
        if driver is not None and "single" in options and not (options.get("writes") or options.get("snapshot")):
            driver.autocommit = True

    @event.listens_for(engine, "checkin")
    def on_checkin(connection: psycopg.Connection[Any] | None, _record: Any) -> None:
        if connection is not None and connection.autocommit:
            connection.autocommit = False


def _tune_sqlite(engine: Engine) -> None:
    """WAL with full durability; a writer waits its turn instead of failing when it upgrades a read lock."""

    @event.listens_for(engine, "connect")
    def on_connect(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
