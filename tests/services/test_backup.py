"""A backup taken while people write restores to a state that existed; nobody reads it without the key."""

import io
import os
import tarfile
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, text

from portal.adapters import backup
from portal.adapters.backup.sealing import EncryptingWriter
from portal.domain.access import SYSTEM
from portal.extensions import db, transaction
from portal.models.people import Participant
from portal.models.photos import Photo
from portal.services import audit, upkeep
from tests.support.answers import BLOODY
from tests.support.diaries import send
from tests.support.every_table import NAMES, SECRET, fill, in_clear
from tests.support.people import NOW, TODAY, enrol

KEY = bytes(range(32))


def with_a_photograph(files: Path) -> None:
    person = enrol()
    send(person, **{**BLOODY, "note": "a secret of the ward"})
    files.mkdir(parents=True)
    (files / "picture").write_bytes(os.urandom(3_000_000))
    with transaction() as session:
        audit.begin(session, actor=SYSTEM, action="photo:add", now=NOW, participant_id=person.id)
        session.add(Photo(participant_id=person.id, account_id=person.accounts[0].id, diary_on=TODAY, name="picture",
                          width=1, height=1, size=3_000_000, added_at=NOW))  # fmt: skip


def make(core: Flask, tmp_path: Path) -> backup.Backup:
    config = core.config["PORTAL"]
    return backup.create_backup(
        database_url=config.database_url, files=config.files_dir, folder=tmp_path / "kept", key=KEY, now=NOW
    )


def by_socket() -> str:
    """The same database, named as ``deploy`` does: by the folder of the server's socket. An SQLite file has none."""
    url = db.engine.url
    if db.engine.dialect.name == "sqlite":
        return str(url)
    with db.engine.connect() as connection:
        folder = connection.execute(text("SELECT current_setting('unix_socket_directories')")).scalar_one()
    return f"postgresql://{url.username}@/{url.database}?host={folder}&port={url.port}"


class Load(threading.Thread):
    """Writes acts until it is told to stop; ``done`` counts what was acknowledged."""

    def __init__(self, app: Flask) -> None:
        super().__init__()
        self.app, self.done, self.enough = app, 0, threading.Event()

    def run(self) -> None:
        with self.app.app_context():
            while not self.enough.is_set():
                with transaction() as session:
                    at = NOW + timedelta(seconds=self.done)
                    upkeep.record_backup(session, actor=SYSTEM, digest=str(self.done), now=at)
                self.done += 1
            db.session.close()


def test_a_backup_under_load_restores_to_a_state_that_existed(core: Flask, tmp_path: Path, empty_url: str) -> None:
    with_a_photograph(core.config["PORTAL"].files_dir)
    load = Load(core)
    load.start()
    while load.done < 5:
        load.join(0.01)
    before = load.done
    made = make(core, tmp_path)
    after = load.done
    load.enough.set()
    load.join()
    restored = backup.restore_backup(made.path, database_url=empty_url, files=tmp_path / "back", key=KEY)
    assert (restored.faults, restored.photos, made.missing) == ((), 1, ())
    assert restored.tables == made.tables
    engine = create_engine(empty_url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        statement = text("SELECT count(*) FROM audit_event WHERE action = 'backup:made'")
        found = connection.execute(statement).scalar_one()
    engine.dispose()
    assert before <= found <= after + 1
    assert (tmp_path / "back" / "picture").read_bytes() == (core.config["PORTAL"].files_dir / "picture").read_bytes()


def test_a_database_behind_a_socket_is_copied_too(core: Flask, tmp_path: Path) -> None:
    with_a_photograph(core.config["PORTAL"].files_dir)
    made = backup.create_backup(
        database_url=by_socket(), files=core.config["PORTAL"].files_dir, folder=tmp_path / "kept", key=KEY, now=NOW
    )
    assert made.tables == make(core, tmp_path / "again").tables


def test_a_backup_shows_nothing_without_the_key(core: Flask, tmp_path: Path) -> None:
    with_a_photograph(core.config["PORTAL"].files_dir)
    fill(db.session.query(Participant).one())
    content = make(core, tmp_path).path.read_bytes()
    assert in_clear(content, SECRET, *NAMES, "a secret of the ward", "RJ-001", "participant", "picture") == []


@pytest.mark.parametrize("how", ["key", "byte", "cut", "end", "other"])
def test_what_was_changed_is_refused_before_anything_is_restored(core: Flask, tmp_path: Path, how: str) -> None:
    made = make(core, tmp_path)
    content = bytearray(made.path.read_bytes())
    if how == "byte":
        content[len(content) // 2] ^= 1
    changed = {"cut": content[:-10], "end": content[: 8 + 32], "other": b"PK" + content}.get(how, content)
    made.path.write_bytes(changed)
    target = tmp_path / "restored.sqlite3"
    with pytest.raises(backup.DamagedBackup):
        backup.restore_backup(
            made.path,
            database_url=f"sqlite:///{target}",
            files=tmp_path / "back",
            key=b"x" * 32 if how == "key" else KEY,
        )
    assert not target.exists()


@pytest.mark.parametrize("name", ["../out", "/tmp/out", "photos/../../out", "photos/.hidden", "sub/file"])
def test_what_no_backup_writes_is_not_laid_down(tmp_path: Path, name: str) -> None:
    """Even under the right key. Written by hand: tarfile's own filters are younger than Debian 12's Python."""
    path = tmp_path / "odd.backup"
    with (
        path.open("wb") as target,
        EncryptingWriter(target, KEY) as sealer,
        tarfile.open(fileobj=sealer, mode="w|") as archive,
    ):
        archive.addfile(tarfile.TarInfo(name), io.BytesIO())
    with pytest.raises(backup.DamagedBackup, match="no backup writes"):
        backup.restore_backup(
            path, database_url=f"sqlite:///{tmp_path / 'x.sqlite3'}", files=tmp_path / "back", key=KEY
        )


def test_a_place_that_is_not_empty_is_refused(core: Flask, tmp_path: Path) -> None:
    made, config = make(core, tmp_path), core.config["PORTAL"]
    with pytest.raises(backup.CopyFailed):
        backup.restore_backup(made.path, database_url=config.database_url, files=tmp_path / "back", key=KEY)


def test_a_photograph_that_is_not_there_is_named(core: Flask, tmp_path: Path) -> None:
    files = core.config["PORTAL"].files_dir
    with_a_photograph(files)
    (files / "picture").unlink()
    assert make(core, tmp_path).missing == ("picture",)
