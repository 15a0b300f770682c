"""Full diary submissions against granian with two workers: signed in, CSRF, every item answered, durable commit.

    python -m benchmarks.diary --database sqlite --rows 0
    python -m benchmarks.diary --database postgresql --rows 1000000

Prints a JSON line for each number of clients, and one for a bare one-row insert on the same server. ``cpu_ms`` is that
of the web processes alone. Durability: SQLite WAL with synchronous=FULL, PostgreSQL with fsync, through its socket as
in ``deploy``.
"""

import argparse
import itertools
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from sqlalchemy import create_engine, text

from benchmarks import load, rig
from tests.support.servers.postgres import free_port, running_postgres

CLIENTS = (1, 8, 32)
ANSWERS: dict[str, Any] = {
    "temperature-taken": "yes", "temperature": "36.8", "warning-signs": ["none"],
    "skin-change": "yes", "skin-areas": {"trunk-front": "some", "hand-left-back": "some"}, "skin-itch": "1",
    "skin-blisters": "no", "skin-peeling": "no",
    "stomach-trouble": "yes", "appetite-loss": "1", "nausea": "1", "vomiting-count": "1", "fluids-kept": "yes",
    "vomit-blood": "none",
    "bowel-trouble": "yes", "loose-stool-count": "2", "stool-volume-ml": "300", "stool-unmeasured-count": "0",
    "stool-blood": "none", "abdominal-pain": "1",
    "liver-signs": ["none"], "immunosuppressant": "all-taken", "weight": "61.5",
    "note": "Slept badly, a little itching on the belly in the evening.",
}  # fmt: skip
WELL = {**dict.fromkeys(("skin-change", "stomach-trouble", "bowel-trouble"), "no"), **{
    name: ANSWERS[name]
    for name in ("temperature-taken", "temperature", "warning-signs", "liver-signs", "immunosuppressant", "weight")
}}  # fmt: skip


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory() as name, database(options.database, Path(name)) as url:
        os.environ.update(rig.settings(url, Path(name)))
        people = rig.seed(options.people)
        if options.rows:
            rig.fill(people[0], options.rows, well_body_of, body_of)
        say(database=options.database, rows=options.rows, statements=rig.statements_of(people, body_of), **_versions())
        for clients in options.clients:
            _measure("diary", rig.portal, url, clients, options.seconds, requests(people))
        _measure("bare", rig.bare, url, 8, options.seconds, _bare(url))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--rows", type=int, default=0, help="diaries stored beforehand")
    parser.add_argument("--people", type=int, default=1000, help="participants who send")
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--clients", type=int, nargs="*", default=CLIENTS)
    return parser.parse_args()


@contextmanager
def database(kind: str, folder: Path) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'portal.sqlite3'}"
        return
    with running_postgres(folder, durable=True) as server:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute("CREATE DATABASE bench")
            place = connection.info.get_parameters()
            socket = connection.execute("SELECT current_setting('unix_socket_directories')").fetchone()
        yield f"postgresql://{place['user']}@/bench?host={socket[0]}&port={place['port']}"


def well_body_of(person: rig.Person, client_id: str) -> bytes:
    return body_of(person, client_id, WELL)


def body_of(person: rig.Person, client_id: str, answers: dict[str, Any] = ANSWERS) -> bytes:
    now = datetime.now(UTC)
    return json.dumps({
        "account": person.account_id, "client_id": client_id, "diary_on": str(person.today), "raw": answers,
        "entered_at": now.isoformat(), "offset_minutes": 480, "language": "zh-CN", "contact": person.contact,
    }).encode()  # fmt: skip


def requests(people: list[rig.Person]) -> Iterator[bytes]:
    for person in itertools.cycle(people):
        yield load.request("POST", "/diary/sync", body_of(person, str(uuid4())), person.headers)


def _bare(url: str) -> Iterator[bytes]:
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))
    kind = "INTEGER PRIMARY KEY" if engine.dialect.name == "sqlite" else "BIGSERIAL PRIMARY KEY"
    with engine.begin() as connection:
        connection.execute(text(f"CREATE TABLE bare (id {kind}, words TEXT)"))
    engine.dispose()
    return itertools.repeat(load.request("POST", "/row", b"x" * 600, {"Content-Type": "text/plain"}))


def _measure(
    name: str, command: Callable[[int], list[str]], url: str, clients: int, seconds: float, made: Iterator[bytes]
) -> None:
    port = free_port()
    wanted = b"ok" if name == "bare" else b'"result":"accepted"'
    with rig.server(command(port), port) as pids:
        load.drive("127.0.0.1", port, made, wanted=wanted, clients=clients, seconds=1)
        before = rig.cpu_seconds(pids)
        found = load.drive("127.0.0.1", port, made, wanted=wanted, clients=clients, seconds=seconds)
        spent = rig.cpu_seconds(pids) - before
        web = rig.memory_mib(pids)
    together = rig.memory_together(free_port()) if name == "diary" else web
    say(
        what=name, database=url.split(":", maxsplit=1)[0], clients=clients,
        per_second=round(len(found.took) / found.seconds, 1),
        p50_ms=found.at(0.5), p95_ms=found.at(0.95), p99_ms=found.at(0.99), max_ms=found.at(1),
        cpu_ms=round(spent * 1000 / len(found.took), 2), wrong=found.wrong, web_mib=web, with_jobs_mib=together,
    )  # fmt: skip


def _versions() -> dict[str, Any]:
    return {"python": sys.version.split()[0], "cores": os.cpu_count(), "at": f"{datetime.now(UTC):%Y-%m-%d %H:%M}"}


def say(**facts: Any) -> None:
    print(json.dumps(facts), flush=True)


if __name__ == "__main__":
    main()
