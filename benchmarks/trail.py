"""What the chain costs those who write: acts a second as it is, and as it would be if each writer made its own link.

``python -m benchmarks.trail [SECONDS]`` prints a JSON object a line, on PostgreSQL with fsync.
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

from sqlalchemy import create_engine, func, select, text

from portal.services.audit.chain import SEALING_LOCK
from tests.support.servers.postgres import running_postgres

WRITERS = (1, 4)
ACT = text(
    "INSERT INTO audit_event (at, actor_kind, role, action) VALUES (now(), 'system', 'system', 'test:write') "
    "RETURNING id"
)
CHANGE = text(
    "INSERT INTO audit_change (event_id, entity, entity_id, verb, fields) VALUES (:id, 'diary', '1', 'insert', :fields)"
)
LAST = text("SELECT digest FROM audit_link ORDER BY position DESC LIMIT 1")


def behind(_connection: Any) -> None:
    """As it is: nothing."""


def in_line(connection: Any) -> None:
    """The end of the chain, read and held until the commit."""
    connection.execute(select(func.pg_advisory_xact_lock(SEALING_LOCK)))
    connection.execute(LAST).first()


def acts_a_second(url: str, writers: int, before: Callable[[Any], None], seconds: float) -> float:
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"), pool_size=writers)
    start, counts = Barrier(writers + 1), [0] * writers

    def write(place: int) -> None:
        with engine.connect() as connection:
            start.wait()
            end = time.perf_counter() + seconds
            while time.perf_counter() < end:
                before(connection)
                id_ = connection.execute(ACT).scalar_one()
                connection.execute(CHANGE, {"id": id_, "fields": b"x" * 400})
                connection.commit()
                counts[place] += 1

    threads = [Thread(target=write, args=(place,)) for place in range(writers)]
    for thread in threads:
        thread.start()
    start.wait()
    for thread in threads:
        thread.join()
    engine.dispose()
    return sum(counts) / seconds


def main(seconds: float) -> None:
    from portal.adapters import database

    with tempfile.TemporaryDirectory() as folder, running_postgres(Path(folder), durable=True) as url:
        database.upgrade_database(url)
        for writers in WRITERS:
            for name, before in (("behind", behind), ("in_line", in_line)):
                rate = acts_a_second(url, writers, before, seconds)
                line = {"chain": name, "writers": writers, "acts_a_second": round(rate)}
                sys.stdout.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 5.0)
