"""What taking data out costs: an export in all formats and a backup, as lines of JSON.

``python -m benchmarks.data_out [--participants 50] [--days 30]`` on a throw-away SQLite file.
"""

import argparse
import json
import os
import resource
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.rig import settings


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--participants", type=int, default=50)
    parser.add_argument("--days", type=int, default=30)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(settings(f"sqlite:///{folder}/p.sqlite3", Path(folder)))
        measure(Path(folder), asked.participants, asked.days)


def measure(folder: Path, participants: int, days: int) -> None:
    """Diaries through ``submit``, so that the trail is there too."""
    from app import create_app
    from portal.adapters import backup, database
    from portal.domain.access import SYSTEM
    from portal.domain.exports import ArmDisplay, ExportFormat, ExportOrder
    from portal.extensions import db
    from portal.services import exports

    database.upgrade_database(os.environ["DATABASE_URL"])
    with create_app().app_context():
        last = _fill(participants, days)
        order = ExportOrder(
            cut_off_at=last, sites=("RJ",), formats=tuple(ExportFormat), arms=ArmDisplay.SHOWN, why="benchmark"
        )
        before, started, cpu = _peak_mib(), time.perf_counter(), time.process_time()
        out = folder / "out"
        out.mkdir()
        made = exports.write_export(db.session, order=order, actor=SYSTEM, folder=out, now=last + timedelta(hours=1))
        rows = sum(one["rows"] for one in made.manifest["files"])
        _say("export", started, cpu, participants=participants, diaries=participants * days, rows=rows,
             mib_zip=made.path.stat().st_size / 2**20, mib_peak_grew=_peak_mib() - before)  # fmt: skip
        started, cpu = time.perf_counter(), time.process_time()
        kept = backup.create_backup(
            database_url=os.environ["DATABASE_URL"],
            files=folder / "files",
            folder=folder / "kept",
            key=b"k" * 32,
            now=datetime.now(UTC),
        )
        _say("backup", started, cpu, mib=kept.path.stat().st_size / 2**20, rows=sum(kept.tables.values()))
        db.session.close()
        db.engine.dispose()


def _fill(participants: int, days: int) -> datetime:
    from portal.domain.access import SYSTEM, Actor, Role
    from portal.extensions import transaction
    from portal.services import diary, enrolment
    from tests.support.answers import WELL
    from tests.support.people import new_participant

    first = datetime(2026, 10, 1, 12, tzinfo=UTC)
    for number in range(1, participants + 1):
        person = new_participant(number, transplant_on=first.date() - timedelta(days=10), enrolled_on=first.date())
        with transaction() as session:
            row = enrolment.register_participant(session, actor=SYSTEM, person=person, now=first)
            actor = Actor("account", Role.PARTICIPANT, row.accounts[0].id, participant_id=row.id)
        for day in range(days):
            at = first + timedelta(days=day)
            sent = diary.Submission(f"{number}-{day}", at.date(), dict(WELL), at, 480, "en")
            with transaction() as session:
                diary.submit_diary(session, actor=actor, submission=sent, now=at)
    return first + timedelta(days=days)


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _say(what: str, started: float, cpu: float, **figures: Any) -> None:
    spent = {"seconds": time.perf_counter() - started, "cpu_seconds": time.process_time() - cpu}
    said = {key: round(value, 2) if isinstance(value, float) else value for key, value in (figures | spent).items()}
    print(json.dumps({"figure": what, **said}))


if __name__ == "__main__":
    main()
