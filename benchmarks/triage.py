"""What the ward's list and a participant's page cost in a large study. Prints a JSON line for each page.

    python -m benchmarks.triage [--people 100000] [--diaries 1000000] [--open 200] [--rounds 200] [--sqlite]

One client asks a warm process. ``cpu_ms`` is the application's own time, ``wall_ms`` what the client waits, with the
database; both as median and 95th percentile. ``statements`` is how many the page asks. Everything that is not measured
is made by SQL: people who enrolled over three years, each with diaries up to the last day that owes one.
"""

import argparse
import json
import logging
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from flask.testing import FlaskClient
from sqlalchemy import Engine, event, text

from benchmarks import rig
from portal.domain.access import Role
from portal.extensions import db, transaction
from tests.support.servers.postgres import running_postgres

YEARS = 3
DATES = {
    "sqlite": ("date(:today, '-' || (d.n % :span) || ' day')",
               "date(min(date(:today, '-1 day'), date(p.transplant_on, '+100 day')), '-' || (d.n - 1) || ' day')"),
    "postgresql": ("CAST(:today AS date) - CAST(d.n % :span AS integer)",
                   "LEAST(CAST(:today AS date) - 1, p.transplant_on + 100) - (d.n - 1)"),
}  # fmt: skip
PAGES = {"triage": "/staff/triage", "unchanged": "/staff/triage", "participant": "/staff/participants/RJ-00001"}


def main() -> None:
    asked = _asked()
    with tempfile.TemporaryDirectory() as name, _database(Path(name), sqlite=asked.sqlite) as url:
        os.environ.update(rig.settings(url, Path(name)))
        client = _seeded(asked)
        for page in PAGES:
            print(json.dumps({"page": page, **_facts(asked), **_measured(client, page, asked.rounds)}), flush=True)
        with client.application.app_context():
            db.engine.dispose()


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for option, number in (("people", 100_000), ("diaries", 1_000_000), ("open", 200), ("rounds", 200)):
        parser.add_argument(f"--{option}", type=int, default=number)
    parser.add_argument("--sqlite", action="store_true")
    return parser.parse_args()


def _facts(asked: argparse.Namespace) -> dict[str, Any]:
    database = "sqlite" if asked.sqlite else "postgresql"
    return {"database": database, "people": asked.people, "diaries": asked.diaries, "open": asked.open}


@contextmanager
def _database(folder: Path, *, sqlite: bool) -> Iterator[str]:
    if sqlite:
        yield f"sqlite:///{folder / 'portal.sqlite3'}"
        return
    with running_postgres(folder, durable=True) as url:
        yield url


def _seeded(asked: argparse.Namespace) -> FlaskClient:
    """The open episodes by the portal's own services, everybody else by SQL; a coordinator who has signed in."""
    from app import create_app
    from portal.adapters import database

    database.upgrade_database(os.environ["DATABASE_URL"])
    app = create_app()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with app.app_context():
        person, sid = _coordinator()
        for number in range(1, asked.open + 1):
            _open_episode(number)
        _fill(asked)
        db.session.close()
    signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    assert signer is not None
    now = time.time()
    session = {"_user_id": f"staff:{person.id}:{person.epoch}", "sid": sid, "_fresh": True, "started": now, "seen": now}
    client = app.test_client()
    client.set_cookie(app.config["SESSION_COOKIE_NAME"], signer.dumps(session))
    return client


def _coordinator() -> tuple[Any, str]:
    """Who asks, and the token of the session that has just been opened for them."""
    from portal.models.people import Staff
    from portal.services import team
    from portal.services.team.users import StaffUser
    from tests.support.diaries import hire

    staff_id = int(hire().id or 0)
    with transaction() as unit:
        found = unit.get_one(Staff, staff_id)
        person = StaffUser(found.id, found.epoch, Role(found.role), frozenset(found.sites), found.language, found.name)
        return person, team.open_session(unit, person=person, label="benchmark", now=datetime.now(UTC))


def _open_episode(number: int) -> None:
    from portal.models.people import Participant
    from tests.support.diaries import flag, red, report

    account_id, _epoch = rig.enrol(number)
    person = db.session.query(Participant).filter(Participant.accounts.any(id=account_id)).one()
    report(person, [red() if number % 4 == 0 else flag()], stage=1, now=datetime.now(UTC) - timedelta(minutes=number))


def _fill(asked: argparse.Namespace) -> None:
    today = str((datetime.now(UTC) + timedelta(hours=8)).date())
    with db.engine.begin() as connection:
        transplant_on, diary_on = DATES[connection.dialect.name]
        names = rig.columns_of(connection, "participant")
        changed = {"study_number": "'F-' || d.n", "transplant_on": transplant_on, "enrolled_on": transplant_on}
        chosen = ", ".join(changed.get(name, f"t.{name}") for name in names)
        select = f"SELECT {chosen} FROM numbers d, participant t WHERE t.id = (SELECT min(id) FROM participant)"
        count = max(asked.people - asked.open, 0)
        rig.insert(connection, "participant", names, count, select, today=today, span=365 * YEARS)
        names = rig.columns_of(connection, "diary")
        changed = {"participant_id": "p.id", "client_id": "'f-' || p.id || '-' || d.n", "diary_on": diary_on,
                   "severity": "NULL"}  # fmt: skip
        chosen = ", ".join(changed.get(name, f"t.{name}") for name in names)
        here = "t.id = (SELECT min(id) FROM diary) AND NOT (p.id % 50 = 0 AND d.n <= 3)"
        select = f"SELECT {chosen} FROM participant p, numbers d, diary t WHERE {here}"
        rig.insert(connection, "diary", names, max(asked.diaries // asked.people, 1), select, today=today)
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE" if asked.sqlite else "VACUUM ANALYZE"))  # as autovacuum does in time


def _measured(client: FlaskClient, page: str, rounds: int) -> dict[str, Any]:
    first = client.get(PAGES[page])
    assert first.status_code == 200, first.status
    headers = {"If-None-Match": first.headers["ETag"]} if page == "unchanged" else {}
    statements = _statements(client, page, headers)
    cpu, wall = [], []
    for _ in range(rounds):
        began, ticked = time.perf_counter(), time.process_time()
        answer = client.get(PAGES[page], headers=headers)
        cpu.append(time.process_time() - ticked)
        wall.append(time.perf_counter() - began)
        assert answer.status_code in {200, 304}
    return {
        "kb": round(len(first.data) / 1024),
        "statements": statements,
        **_spread("cpu_ms", cpu),
        **_spread("wall_ms", wall),
    }


def _statements(client: FlaskClient, page: str, headers: dict[str, str]) -> int:
    seen: list[str] = []

    def note(*given: Any) -> None:
        seen.append(given[2])

    event.listen(Engine, "before_cursor_execute", note)
    client.get(PAGES[page], headers=headers)
    event.remove(Engine, "before_cursor_execute", note)
    return len(seen)


def _spread(name: str, seconds: list[float]) -> dict[str, Any]:
    ordered = sorted(1000 * one for one in seconds)
    at = {"p50": ordered[len(ordered) // 2], "p95": ordered[int(len(ordered) * 0.95)]}
    return {f"{name}_{which}": round(value, 1) for which, value in at.items()}


if __name__ == "__main__":
    main()
