"""Planning and sending on PostgreSQL, as JSON lines: ``python -m benchmarks.messages``.

Planning 100,000 reminders and planning them again; sending 10,000 through the real client with two processes to a
provider that answers in 50 ms; the cost of a text with 1,000 and with 100,000 waiting; and how soon a text goes that
falls due while there is capacity to spare. TEST_DATABASE_URL names a server; otherwise one is started.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import create_engine, insert, text

from tests.support.servers.postgres import running_postgres
from tests.support.servers.twilio import SID, TOKEN

HERE = Path(__file__).resolve().parents[1]
PEOPLE, TEXTS, WORKERS = int(os.environ.get("PEOPLE", "100000")), 10_000, 2
CHUNK = 5_000


def say(**line: Any) -> None:
    print(json.dumps(line), flush=True)


def settings(url: str, port: int) -> dict[str, str]:
    return {
        **os.environ, "APP_ENV": "demo", "DATABASE_URL": url, "SMS_PROVIDER": "twilio", "TWILIO_ACCOUNT_SID": SID,
        "TWILIO_AUTH_TOKEN": TOKEN, "TWILIO_FROM": "+15005550006", "TWILIO_API_BASE_URL": f"http://127.0.0.1:{port}",
        "PYTHONPATH": str(HERE), "PUBLIC_URL": "http://127.0.0.1:8000",
    }  # fmt: skip


@contextmanager
def provider() -> Iterator[int]:
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.fifty_ms"], stdout=subprocess.PIPE, cwd=HERE)
    try:
        yield int(process.stdout.readline())  # type: ignore[union-attr]
    finally:
        process.kill()
        process.wait()


def noon_zone(now: datetime) -> str:
    east = (12 - now.hour + 12) % 24 - 12
    return f"Etc/GMT{-east:+d}" if east else "Etc/GMT"


def enrol(count: int) -> None:
    """Participants with an account each, whose reminder falls due in ten minutes: a day's reminder and nudge each."""
    from portal.extensions import db
    from portal.models.people import Account, Participant

    now = datetime.now(UTC)
    zone = noon_zone(now)
    local = (now + timedelta(minutes=10)).astimezone(ZoneInfo(zone))
    with db.engine.begin() as connection:
        for start in range(0, count, CHUNK):
            numbers = range(start, min(start + CHUNK, count))
            people = [
                {
                    "id": number + 1, "study_number": f"B-{number:06}", "site": "RJ", "status": "active",
                    "transplant_on": local.date() - timedelta(days=20), "enrolled_on": local.date(),
                    "timezone": zone, "protocol_version": "1.0", "name": "x", "born_on": "1990-01-01",
                    "created_at": now,
                }
                for number in numbers
            ]  # fmt: skip
            accounts = [
                {
                    "id": number + 1, "participant_id": number + 1, "role": "participant", "name": "x",
                    "phone": f"+861{3_000_000_000 + number}", "language": "zh-CN", "activated_at": now,
                    "reminder_at": local.time().replace(second=0, microsecond=0), "reminders_on": True,
                    "failed_tries": 0, "epoch": 0,
                }
                for number in numbers
            ]  # fmt: skip
            connection.execute(insert(Participant), people)
            connection.execute(insert(Account), accounts)
        connection.execute(text("ANALYZE"))


def plan() -> tuple[int, float, float]:
    """Rows, seconds, and how much the process grew (MiB)."""
    from portal.extensions import transaction
    from portal.services import messages

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.perf_counter()
    with transaction() as session:
        rows = messages.plan_reminders(session, now=datetime.now(UTC))
    seconds = time.perf_counter() - began
    return rows, seconds, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024


def keep(engine: Any, count: int) -> None:
    """So many texts due, and nothing else in the ledger."""
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE message SET state = 'planned', sent_at = NULL, provider_id = NULL, provider_status = NULL, "
                 "final_at = NULL, claimed_at = NULL, attempts = 0, "
                 "not_before_at = CASE WHEN account_id <= :count THEN now() - interval '10 minutes' "
                 "ELSE now() + interval '2 hours' END WHERE kind = 'diary-reminder' "
                 "AND dedupe_key = (SELECT min(dedupe_key) FROM message WHERE kind = 'diary-reminder')"),
            {"count": count},
        )  # fmt: skip
        connection.execute(text("ANALYZE message"))


def send(engine: Any, environment: dict[str, str], count: int, waiting: int) -> dict[str, float]:
    """Hand over ``count`` texts while ``waiting`` are due, with two processes; what they took together."""
    keep(engine, waiting)
    command = [sys.executable, "-m", "benchmarks.messages", "--worker"]
    workers = [
        subprocess.Popen([*command, str(count // WORKERS)], env=environment, cwd=HERE, stdout=subprocess.PIPE)
        for _ in range(WORKERS)
    ]
    used = [json.loads(worker.communicate()[0].splitlines()[-1]) for worker in workers]
    with engine.connect() as connection:
        query = text("SELECT count(*), min(sent_at), max(sent_at) FROM message WHERE state = 'sent'")
        sent, first, last = connection.execute(query).one()
    return {
        "waiting": waiting,
        "sent": sent,
        "per_second": round(sent / max((last - first).total_seconds(), 0.001), 1),
        "cpu_ms_per_text": round(1000 * sum(one["cpu"] for one in used) / max(sent, 1), 2),
    }


def work(limit: int) -> None:
    """One worker: hand over about so many texts, then say how much processor it took."""
    from app import create_app
    from portal.adapters import sms
    from portal.extensions import transaction
    from portal.services import messages

    app = create_app()
    sender = Counted(sms.get_sender(), limit)
    sms._senders["sender"] = sender  # type: ignore[assignment]  # noqa: SLF001
    with app.app_context():
        began = time.process_time()
        deadline = time.monotonic() + 120
        done = 0
        while not sender.enough() and time.monotonic() < deadline:
            counts = messages.send_due(
                transaction, now=datetime.now(UTC), worker=f"bench:{os.getpid()}",
                callback_url="http://127.0.0.1:8000/webhooks/twilio/status", stop=sender.enough,
            )  # fmt: skip
            done += counts.get("sent", 0)
            if not counts.get("claimed"):
                break
        print(json.dumps({"sent": done, "cpu": time.process_time() - began}))


class Counted:
    """The real sender, and how many texts it was given: no more are taken up after so many."""

    def __init__(self, sender: Any, limit: int) -> None:
        self._sender, self._limit = sender, limit
        self.given = 0
        self.name = sender.name

    def send(self, text: Any, *, timeout: timedelta) -> Any:
        self.given += 1
        return self._sender.send(text, timeout=timeout)

    def find(self, text: Any, *, since: datetime, timeout: timedelta) -> Any:
        return self._sender.find(text, since=since, timeout=timeout)

    def enough(self) -> bool:
        return self.given >= self._limit


def punctual(engine: Any, environment: dict[str, str], per_second: int, seconds: int) -> dict[str, float]:
    """Texts that fall due one after the other while ``jobs run`` ticks in two processes: how late they were."""
    count = per_second * seconds
    keep(engine, 0)
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE message SET "
                 "not_before_at = now() + interval '8 seconds' + account_id * :gap * interval '1 second' "
                 "WHERE account_id <= :count AND kind = 'diary-reminder' AND state = 'planned'"),
            {"gap": 1 / per_second, "count": count},
        )  # fmt: skip
    command = [sys.executable, "-m", "flask", "--app", "app", "jobs", "run"]
    workers = [subprocess.Popen(command, env=environment, cwd=HERE, stderr=subprocess.DEVNULL) for _ in range(WORKERS)]
    time.sleep(8 + seconds + 15)
    for worker in workers:
        worker.terminate()
        worker.wait(20)
    query = text(
        "SELECT count(*), percentile_cont(0.5) WITHIN GROUP (ORDER BY late), "
        "percentile_cont(0.95) WITHIN GROUP (ORDER BY late) "
        "FROM (SELECT extract(epoch FROM sent_at - not_before_at)::float AS late FROM message WHERE state = 'sent') x"
    )
    with engine.connect() as connection:
        sent, median, p95 = connection.execute(query).one()
    return {"due": count, "sent": sent, "median_seconds": round(median, 2), "p95_seconds": round(p95, 2)}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, running_postgres(Path(folder)) as server, provider() as port:
        name = f"bench_{os.getpid()}"
        admin = create_engine(server.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        environment = settings(f"{server.rsplit('/', 1)[0]}/{name}", port)
        try:
            measure(environment)
        finally:
            with admin.connect() as connection:
                connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
            admin.dispose()


def measure(environment: dict[str, str]) -> None:
    from app import create_app
    from config import load
    from portal.adapters import database
    from portal.extensions import db

    os.environ.update(environment)
    database.upgrade_database(load().database_url)
    app = create_app()
    with app.app_context():
        enrol(PEOPLE)
        plan_lines(db.engine)
        for waiting in (1_000, 10_000, PEOPLE):
            count = min(waiting, TEXTS)
            say(measure="send", processes=WORKERS, answer_ms=50, **send(db.engine, environment, count, waiting))
        say(measure="punctual", processes=WORKERS, **punctual(db.engine, environment, per_second=50, seconds=30))


def plan_lines(engine: Any) -> None:
    rows, seconds, grew = plan()
    with engine.connect() as connection:
        query = "SELECT count(DISTINCT participant_id) FROM message WHERE not_before_at <= now() + interval '24 hours'"
        due = connection.execute(text(query)).scalar()
    say(measure="plan", participants=PEOPLE, due=due, rows=rows, seconds=round(seconds, 2), grew_mib=round(grew, 1))
    rows, seconds, grew = plan()
    say(measure="plan again", rows=rows, seconds=round(seconds, 2), grew_mib=round(grew, 1))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--worker"]:
        work(int(sys.argv[2]))
    else:
        main()
