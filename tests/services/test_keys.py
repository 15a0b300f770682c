"""Field keys change while people write; afterwards the old one opens nothing; stolen files say nothing."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Connection, LargeBinary, select, text

from portal.adapters.encryption import CannotDecrypt, Vault, key_id, new_key, parse_key
from portal.domain.access import SYSTEM
from portal.extensions import db, transaction
from portal.models import Base, inject_cipher
from portal.models.audit import AuditChange, AuditEvent
from portal.models.base import Encrypted
from portal.models.people import Participant, Staff
from portal.services import allocation, audit, keys
from tests.support.answers import BLOODY
from tests.support.diaries import send
from tests.support.every_table import NAMES, SECRET, WITHOUT_SECRET, encrypted, fill, in_clear, where_it_says
from tests.support.keys import KEYS
from tests.support.people import NOW, enrol, hire
from tests.support.screenings import ADULT, nurse, screened

NEW = new_key()
NEW_ID, OLD_ID = key_id(parse_key(NEW)), key_id(parse_key(KEYS[0]))


def rotate() -> dict[str, int]:
    return dict(keys.rotate_keys(transaction, actor=SYSTEM, first=NEW_ID, now=NOW))


def used() -> set[str]:
    db.session.rollback()
    return set(keys.count_key_usage(db.session))


def some_data() -> None:
    send(enrol(), **{**BLOODY, "note": "a secret of the ward"})
    enrol(2, name="李四")
    hire()


def test_after_rotation_the_old_key_opens_nothing_and_can_go(core: Flask) -> None:
    some_data()
    inject_cipher(Vault([NEW, KEYS[0]], KEYS[1]))
    assert used() == {OLD_ID.hex()}
    changed = rotate()
    assert changed["participant_key.wrapped"] == 2
    assert used() == {NEW_ID.hex()}
    inject_cipher(Vault([NEW], KEYS[1]))
    db.session.expire_all()
    assert [one.name for one in db.session.query(Participant).order_by(Participant.id)] == ["王小明", "李四"]
    assert db.session.query(Staff).one().name == "李娜"


def test_the_whole_trail_opens_without_the_old_key(core: Flask) -> None:
    some_data()
    inject_cipher(Vault([NEW, KEYS[0]], KEYS[1]))
    rotate()
    inject_cipher(Vault([NEW], KEYS[1]))
    db.session.rollback()
    changes = db.session.query(AuditEvent, AuditChange).join(AuditChange, AuditChange.event_id == AuditEvent.id)
    assert len([audit.decrypted(db.session, event, change) for event, change in changes]) > 10
    assert [audit.decrypted_reason(db.session, event) for event in db.session.query(AuditEvent)]


def test_without_rotation_the_old_key_is_needed(core: Flask) -> None:
    some_data()
    inject_cipher(Vault([NEW], KEYS[1]))
    db.session.expire_all()
    with pytest.raises(CannotDecrypt):
        _ = db.session.query(Participant).first()


def test_a_second_rotation_has_nothing_to_do(core: Flask) -> None:
    some_data()
    inject_cipher(Vault([NEW, KEYS[0]], KEYS[1]))
    rotate()
    assert rotate() == {}


def test_people_write_while_keys_rotate(core: Flask) -> None:
    some_data()
    inject_cipher(Vault([NEW, KEYS[0]], KEYS[1]))
    enough, written = threading.Event(), []

    def write() -> None:
        with core.app_context():
            while not enough.is_set() or not written:
                with transaction() as session:
                    at = NOW + timedelta(seconds=len(written))
                    audit.begin(session, actor=SYSTEM, action="test:rename", now=at, participant_id=1)
                    session.get_one(Participant, 1).name = f"名{len(written)}"
                written.append(1)
            db.session.close()

    writer = threading.Thread(target=write)
    writer.start()
    for _ in range(3):
        rotate()
    enough.set()
    writer.join()
    assert used() == {NEW_ID.hex()}
    db.session.rollback()
    db.session.expire_all()
    assert db.session.get_one(Participant, 1).name == f"名{len(written) - 1}"


def log_position(core: Flask) -> str | None:
    """Where PostgreSQL's write-ahead log is now; None on SQLite."""
    if core.config["PORTAL"].database_url.startswith("sqlite"):
        return None
    position = str(db.session.scalar(text("SELECT pg_current_wal_insert_lsn()")))
    db.session.rollback()
    return position


def raw_files(core: Flask, *, log_since: str | None = None) -> bytes:
    """Every byte that the database has on the disk, with what PostgreSQL's write-ahead log got since ``log_since``.

    That log is of all databases of the server, those of earlier tests included.
    """
    url = core.config["PORTAL"].database_url
    db.session.rollback()
    if url.startswith("sqlite"):
        path = Path(url.removeprefix("sqlite:///"))
        return b"".join(one.read_bytes() for one in path.parent.glob(f"{path.name}*"))
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("CHECKPOINT"))
        home = Path(connection.execute(text("SHOW data_directory")).scalar_one())
        oid = connection.execute(text("SELECT oid FROM pg_database WHERE datname = current_database()")).scalar_one()
        log = list(_log_parts(connection, home, log_since)) if log_since else []
    if not home.exists():
        pytest.skip("the server's files are elsewhere")
    found = (one.read_bytes() for one in (home / "base" / str(oid)).iterdir() if one.is_file())
    return b"".join((*found, *log))


def _log_parts(connection: Connection, home: Path, since: str) -> Iterator[bytes]:
    """The bytes of each segment between two positions: a segment is used again, and holds old bytes behind its end."""
    position = text("SELECT * FROM pg_walfile_name_offset(CAST(:at AS pg_lsn))")
    first, start = connection.execute(position, {"at": since}).one()
    now = connection.execute(text("SELECT CAST(pg_current_wal_insert_lsn() AS text)")).scalar_one()
    last, end = connection.execute(position, {"at": now}).one()
    for segment in sorted(one for one in (home / "pg_wal").glob("0*") if first <= one.name <= last):
        content = segment.read_bytes()
        yield content[start if segment.name == first else 0 : end if segment.name == last else len(content)]


def test_a_stolen_file_names_nobody(core: Flask) -> None:
    before = log_position(core)
    person = enrol()
    send(person, **{**BLOODY, "note": SECRET})
    screened(nurse(), ADULT)
    fill(person)
    filled = {f"{one.table.name}.{one.name}" for one in encrypted()} - WITHOUT_SECRET
    assert where_it_says(SECRET) | where_it_says("AML") | where_it_says(ADULT["person"]["name"]) >= filled
    content = raw_files(core, log_since=before)
    assert in_clear(content, "RJ-001", "daily-diary.v1") == ["RJ-001", "daily-diary.v1"]
    assert in_clear(content, SECRET, *NAMES, "13800130077", "瑞金医院检验科") == []


def test_no_column_in_clear_tells_a_year_of_birth(core: Flask) -> None:
    screened(nurse(), ADULT)
    fill(enrol())
    plain = [column for table in Base.metadata.sorted_tables for column in table.columns
             if not isinstance(column.type, Encrypted | LargeBinary)]  # fmt: skip
    assert len(plain) > 200
    values = [(str(column), value) for column in plain for value in db.session.scalars(select(column))]
    assert [place for place, value in values if "1992" in str(value)] == []


def test_a_stolen_file_does_not_tell_the_next_arm(core: Flask) -> None:
    with transaction() as session:
        content = b"sequence,stratum,arm\n1,all,imsc\n2,all,control\n"
        allocation.import_allocation_list(session, actor=SYSTEM, content=content, now=NOW)
    assert b"imsc" not in raw_files(core)
