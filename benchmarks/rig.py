"""What a measurement stands on: a seeded database, people who are signed in, a server, and what it costs."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from cryptography.fernet import Fernet
from flask import Flask
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import Engine, event, text

from tests.support.people import new_participant

TICK = os.sysconf("SC_CLK_TCK")
DAYS = 100
DAY = {"sqlite": "date(:today, '-' || d.n || ' day')", "postgresql": "CAST(:today AS date) - d.n"}


@dataclass(frozen=True)
class Person:
    account_id: int
    today: date
    contact: str
    headers: dict[str, str]


Body = Callable[[Person, str], bytes]
"""A submission of this person's with this client id."""


def settings(url: str, folder: Path) -> dict[str, str]:
    """The environment of every process of the measurement. Set once: the server and the seed share the keys."""
    return {
        "SECRET_KEY": "b" * 48,
        "FIELD_KEYS": Fernet.generate_key().decode(),
        "BLIND_INDEX_KEY": Fernet.generate_key().decode(),
        "DATABASE_URL": url,
        "APP_ENV": "demo",
        "PUBLIC_URL": "http://127.0.0.1:8000",
        "FILES_DIR": str(folder / "files"),
        "SMS_PROVIDER": "console",
        "PYTHONPATH": str(Path(__file__).parents[1]),
    }


def _app() -> Flask:
    from app import create_app

    return create_app()


def seed(people: int) -> list[Person]:
    """Migrate, and enrol ``people``, who are signed in."""
    from portal.adapters import database
    from portal.extensions import db

    database.upgrade_database(os.environ["DATABASE_URL"])
    app = _app()
    with app.app_context(), app.test_request_context():
        accounts = [enrol(number) for number in range(1, people + 1)]
        ready = [_signed_in(app, account_id, epoch) for account_id, epoch in accounts]
        db.session.close()
        db.engine.dispose()
    return ready


def enrol(number: int) -> tuple[int, int]:
    from portal.domain.access import SYSTEM
    from portal.extensions import transaction
    from portal.services import enrolment

    today = datetime.now(UTC).date()
    person = new_participant(
        number,
        study_number=f"RJ-{number:05}",
        transplant_on=today - timedelta(days=60),
        enrolled_on=today - timedelta(days=50),
    )
    with transaction() as session:
        account = enrolment.register_participant(session, actor=SYSTEM, person=person, now=datetime.now(UTC)).accounts[
            0
        ]
        account.pin_hash = "activated"
        return account.id, account.epoch


def _signed_in(app: Flask, account_id: int, epoch: int) -> Person:
    """The cookie and token that a sign-in would give: signed by the portal's own keys."""
    from portal.web import tokens

    now = datetime.now(UTC)
    signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    assert signer is not None
    session = {"_user_id": f"account:{account_id}:{epoch}", "_fresh": True, "started": now.timestamp(),
               "seen": now.timestamp(), "csrf_token": "c" * 40, "remember": True}  # fmt: skip
    token = URLSafeTimedSerializer(app.secret_key, salt="wtf-csrf-token").dumps("c" * 40)  # type: ignore[arg-type]
    headers = {"Cookie": f"{app.config['SESSION_COOKIE_NAME']}={signer.dumps(session)}", "X-CSRFToken": str(token),
               "Content-Type": "application/json"}  # fmt: skip
    earlier = now - timedelta(days=1)
    return Person(
        account_id,
        (now + timedelta(hours=8)).date(),
        tokens.seal_token("contact", {"account": account_id, "at": earlier.isoformat()}),
        headers,
    )


def fill(sender: Person, rows: int, odd: Body, even: Body) -> None:
    """Store ``rows`` copies of two real diaries in turn, by SQL: ``DAYS`` days each for everybody and copies of them.

    ``odd`` was sent yesterday, ``even`` the day before.
    """
    _sent(sender, odd(sender, "template-1"))
    _sent(sender, even(sender, "template-0"))
    with _app().app_context():
        _copy_diaries(rows, today=str(sender.today))


def _copy_diaries(rows: int, *, today: str) -> None:
    from portal.extensions import db

    with db.engine.begin() as connection:
        participants = int(connection.execute(text("SELECT count(*) FROM participant")).scalar_one())
        missing = max(rows // DAYS - participants, 0)
        if missing:
            _copy(connection, "participant", missing, {"study_number": "'F-' || d.n"})
    with db.engine.begin() as connection:
        changed = {"participant_id": "p.id", "client_id": "'f-' || p.id || '-' || d.n",
                   "diary_on": DAY[connection.dialect.name]}  # fmt: skip
        names = columns_of(connection, "diary")
        chosen = ", ".join(changed.get(name, f"t.{name}") for name in names)
        select = f"SELECT {chosen} FROM participant p, numbers d, diary t WHERE t.client_id = 'template-' || (d.n % 2)"
        insert(connection, "diary", names, DAYS, select, today=today)
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    db.engine.dispose()


def _numbers(count: int) -> str:
    return f"WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {count})"


def columns_of(connection: Any, table: str) -> list[str]:
    from sqlalchemy import inspect

    return [str(column["name"]) for column in inspect(connection).get_columns(table) if column["name"] != "id"]


def _copy(connection: Any, table: str, count: int, changed: dict[str, str]) -> None:
    names = columns_of(connection, table)
    chosen = ", ".join(changed.get(name, f"t.{name}") for name in names)
    select = f"SELECT {chosen} FROM numbers d, {table} t WHERE t.id = (SELECT min(id) FROM {table})"
    insert(connection, table, names, count, select)


def insert(connection: Any, table: str, names: list[str], count: int, select: str, **values: object) -> None:
    numbers, into = _numbers(count), f"INSERT INTO {table} ({', '.join(names)})"
    first = connection.dialect.name == "postgresql"
    connection.execute(text(f"{numbers} {into} {select}" if first else f"{into} {numbers} {select}"), values)


def _sent(person: Person, body: bytes) -> None:
    """One diary, sent within this process."""
    from portal.extensions import db

    app = _app()
    client = app.test_client()
    name, value = person.headers["Cookie"].split("=", 1)
    client.set_cookie(name, value)
    headers = {name: value for name, value in person.headers.items() if name != "Cookie"}
    answer = client.post("/diary/sync", data=body, headers=headers)
    if not answer.is_json or answer.get_json()["result"] != "accepted":
        raise RuntimeError(answer.text)
    with app.app_context():
        db.engine.dispose()


def statements_of(people: list[Person], body: Body) -> int:
    """How many SQL statements one submission takes, BEGIN and COMMIT aside."""
    seen: list[str] = []
    event.listen(Engine, "before_cursor_execute", lambda *given: seen.append(given[2]))
    _sent(people[-1], body(people[-1], "counted"))
    if os.environ.get("BENCH_SQL"):
        print("\n".join(" ".join(one.split())[:150] for one in seen), file=sys.stderr)
    return len(seen)


@contextmanager
def server(command: Sequence[str], port: int) -> Iterator[list[int]]:
    """A server on this port; the ids of its processes, the first one's and all below it."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port)
        time.sleep(2)
        yield [process.pid, *_children(process.pid)]
    finally:
        process.terminate()
        process.wait(20)


def portal(port: int, *, command: str = "web") -> list[str]:
    """The portal as it is run in earnest, with two workers; ``serve`` adds the jobs."""
    return [sys.executable, "-m", "flask", "--app", "app", command, "--port", str(port), "--workers", "2"]


def bare(port: int) -> list[str]:
    """``bare.py`` with as many workers and threads."""
    return [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--factory", "benchmarks.bare:create_app", "--no-ws",
        "--port", str(port), "--workers", "2", "--blocking-threads", "8", "--log-level", "error",
    ]  # fmt: skip


def _wait_for(port: int) -> None:
    import socket

    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return


def _children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [one for child in map(int, found) for one in (child, *_children(child))]


def cpu_seconds(pids: list[int]) -> float:
    return sum(_cpu(pid) for pid in pids)


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def memory_mib(pids: list[int]) -> int:
    """Proportional set size: what the processes share counts once."""
    lines = [line for pid in pids for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()]
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) // 1024


def memory_together(port: int) -> int:
    """MiB of web and jobs, each after its first answers and ticks."""
    with server(portal(port, command="serve"), port) as pids:
        for _ in range(40):
            urlopen(f"http://127.0.0.1:{port}/sign-in", timeout=10).read()
        time.sleep(6)
        return memory_mib(pids)
