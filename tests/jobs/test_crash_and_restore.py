"""Four processes write, all are killed at once, and they start again: what was acknowledged is there, nothing is half.

A backup that is taken in the middle restores to a state that existed.
"""

import random
import signal
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from portal.adapters import backup
from portal.domain.access import SYSTEM
from portal.extensions import db, transaction
from portal.models.audit import AuditChange
from portal.models.diary import Diary
from portal.models.triage import Flag
from portal.services import enrolment
from portal.services.audit import chain
from tests.support.jobs.processes import Start, wait_until
from tests.support.people import new_participant

WRITERS = 4
NUMBERS = [f"RJ-{number:03}" for number in range(1, WRITERS + 1)]
KEY = bytes(range(32))


class Drill:
    """``acknowledged`` are the reports that a process was told are stored, in their order."""

    def __init__(self, start: Start, folder: Path) -> None:
        self.start, self.folder = start, folder
        self.running = [
            start([sys.executable, "-m", "tests.support.jobs.diary_writer", str(folder), one]) for one in NUMBERS
        ]

    def acknowledged(self) -> dict[str, list[str]]:
        files = ((number, self.folder / number) for number in NUMBERS)
        return {number: path.read_text().split() if path.exists() else [] for number, path in files}

    def wait_for(self, reports: int) -> None:
        """Until each of the processes has been told so many times more."""
        wanted = {number: len(told) + reports for number, told in self.acknowledged().items()}

        def enough() -> bool:
            self.assert_running()
            return all(len(told) >= wanted[one] for one, told in self.acknowledged().items())

        wait_until(enough, seconds=90)

    def assert_running(self) -> None:
        assert [process.poll() for process in self.running] == [None] * WRITERS, "see processes.log"

    def kill(self) -> None:
        self.assert_running()
        for process in self.running:
            process.kill()
        assert {process.wait() for process in self.running} == {-signal.SIGKILL}


def enrol_writers() -> None:
    now = datetime.now(UTC)
    today = (now + timedelta(hours=8)).date()
    for number in range(1, WRITERS + 1):
        person = new_participant(number, transplant_on=today - timedelta(days=20), enrolled_on=today)
        with transaction() as session:
            enrolment.register_participant(session, actor=SYSTEM, person=person, now=now)


def stored(session: Session) -> dict[str, list[str]]:
    """The reports in the database, in their order, by who wrote them."""
    found: dict[str, list[str]] = defaultdict(list)
    for client_id in session.scalars(select(Diary.client_id).order_by(Diary.id)):
        found[client_id[:6]].append(client_id)
    return found


def assert_whole(session: Session) -> None:
    """No report without its line in the trail and what it raised, and a chain that holds."""
    reports = set(map(str, session.scalars(select(Diary.id))))
    told = select(AuditChange.entity_id).where(AuditChange.entity == "diary", AuditChange.verb == "insert")
    assert set(session.scalars(told)) == reports
    raised = set(map(str, session.scalars(select(Flag.diary_id).distinct())))
    red = select(Diary.id).where(Diary.severity.is_not(None))
    assert raised == set(map(str, session.scalars(red)))
    assert chain.verify_chain(session).broken is None
    if session.get_bind().dialect.name == "sqlite":
        assert session.execute(text("PRAGMA integrity_check")).scalar_one() == "ok"


def assert_kept(told: Mapping[str, Iterable[str]], found: Mapping[str, list[str]], deaths: int) -> None:
    """Everything that was acknowledged, and at most one report a death that was stored and not yet told."""
    for number, reports in told.items():
        assert set(reports) <= set(found[number])
        assert len(found[number]) - len(list(reports)) <= deaths


def round_of(drill: Drill, reports: int) -> None:
    drill.wait_for(reports)
    time.sleep(random.uniform(0, 0.2))  # anywhere within a transaction: what is asserted holds at any moment
    drill.kill()
    db.session.rollback()


def restored(app: Flask, url: str) -> Flask:
    from portal import configure
    from portal.extensions import init_database

    other = Flask("restored")
    configure(other, replace(app.config["PORTAL"], database_url=url))
    init_database(other)
    return other


def back_up(core: Flask, folder: Path) -> backup.Backup:
    config = core.config["PORTAL"]
    now = datetime.now(UTC)
    return backup.create_backup(
        database_url=config.database_url, files=config.files_dir, folder=folder, key=KEY, now=now
    )


def test_after_kill_nine_of_all_four_everything_acknowledged_is_there(
    core: Flask, start: Start, tmp_path: Path, empty_url: str
) -> None:
    told = tmp_path / "told"
    told.mkdir()
    enrol_writers()
    drill = Drill(start, told)
    drill.wait_for(2)
    before = drill.acknowledged()
    made = back_up(core, tmp_path / "kept")
    round_of(drill, 3)
    assert_kept(drill.acknowledged(), stored(db.session), deaths=1)
    again = Drill(start, told)
    round_of(again, 1)
    found = stored(db.session)
    assert_kept(again.acknowledged(), found, deaths=2)
    with transaction() as session:
        chain.seal_events(session, now=datetime.now(UTC))
    assert_whole(db.session)
    assert chain.verify_chain(db.session).unsealed == 0
    assert_a_state_that_existed(core, made.path, empty_url, before, found)


def assert_a_state_that_existed(
    core: Flask, path: Path, url: str, before: Mapping[str, list[str]], after: Mapping[str, list[str]]
) -> None:
    """Of every writer the first reports without a gap, and no fewer than were acknowledged before it was taken."""
    assert backup.restore_backup(path, database_url=url, files=path.parent / "back", key=KEY).faults == ()
    other = restored(core, url)
    with other.app_context():
        found = stored(db.session)
        for number in NUMBERS:
            assert found[number] == after[number][: len(found[number])]
            assert set(before[number]) <= set(found[number])
        assert_whole(db.session)
        assert db.session.scalar(select(func.count()).select_from(Diary)) == sum(map(len, found.values()))
        db.session.close()
        db.engine.dispose()


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_thirty_deaths_in_a_row(core: Flask, start: Start, tmp_path: Path) -> None:
    told = tmp_path / "told"
    told.mkdir()
    enrol_writers()
    for death in range(1, 31):
        drill = Drill(start, told)
        round_of(drill, 1)
        assert_kept(drill.acknowledged(), stored(db.session), deaths=death)
        made = back_up(core, tmp_path / "kept")
        assert made.tables["diary"] == sum(map(len, stored(db.session).values()))
    with transaction() as session:
        chain.seal_events(session, now=datetime.now(UTC), limit=1_000_000)
    assert_whole(db.session)
