"""After the retention period nobody knows any more who it was; what happened to them stays."""

import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update

from portal.domain.access import SYSTEM, Actor, Role
from portal.domain.errors import Conflict, NotFound
from portal.domain.exports import ExportFormat
from portal.domain.retention import IdentifiersErased
from portal.extensions import db, transaction
from portal.models.audit import AuditChange, AuditEvent
from portal.models.enrolment import Consent, Screening
from portal.models.locking import DataLock
from portal.models.people import Account, Participant, ParticipantKey
from portal.models.photos import Photo
from portal.services import audit, exports, participants, retention, screening
from portal.services.audit import chain
from tests.support.answers import BLOODY
from tests.support.diaries import send
from tests.support.every_table import SECRET, WITHOUT_SECRET, encrypted, fill, where_it_says
from tests.support.exports import order
from tests.support.people import NOW, enrol
from tests.support.screenings import ADULT, nurse, screened

pytestmark = pytest.mark.usefixtures("core")
AFTER = datetime(2058, 4, 1, 2, tzinfo=UTC)  # the registered end is 2028-03-31, and names are kept for 30 years
LAST_DAY = AFTER - timedelta(days=1)


def end(number: int = 1, status: str = "completed") -> None:
    with transaction() as session:
        audit.begin(session, actor=SYSTEM, action="test:end", now=NOW, participant_id=number)
        session.execute(update(Participant).where(Participant.id == number).values(status=status))


def erase(number: str = "RJ-001", now: datetime = AFTER) -> tuple[str, ...]:
    with transaction() as session:
        return retention.erase_identifiers(session, actor=SYSTEM, number=number, now=now)


def run(folder: Path, now: datetime = AFTER, only: str | None = None) -> tuple[str, ...]:
    return retention.erase_due(transaction, actor=SYSTEM, files=folder, now=now, only=only)


@pytest.mark.parametrize("status", ["active", "paused"])
def test_who_takes_part_is_never_erased(tmp_path: Path, status: str) -> None:
    enrol()
    end(status=status)
    with pytest.raises(Conflict, match="still takes part"):
        erase()
    assert run(tmp_path) == ()
    assert where_it_says("王小明") >= {"participant.name", "account.name"}


def test_nobody_is_erased_on_the_last_day(tmp_path: Path) -> None:
    enrol()
    end()
    with pytest.raises(Conflict, match="has not ended"):
        erase(now=LAST_DAY)
    assert run(tmp_path, now=LAST_DAY) == ()
    assert run(tmp_path) == ("RJ-001",)


def test_who_is_asked_for_by_number_is_refused_all_the_same(tmp_path: Path) -> None:
    enrol()
    with pytest.raises(Conflict):
        run(tmp_path, only="RJ-001")
    with pytest.raises(NotFound):
        run(tmp_path, only="RJ-404")


def test_every_encrypted_value_about_the_person_goes_but_for_signed_findings() -> None:
    fill(enrol())
    end()
    assert where_it_says(SECRET) >= {f"{one.table.name}.{one.name}" for one in encrypted()} - WITHOUT_SECRET
    erase()
    of_staff = {one for one in where_it_says(SECRET) if one.startswith("staff")}
    assert where_it_says(SECRET) - of_staff == retention.KEPT - WITHOUT_SECRET
    assert where_it_says("王小明") == set()


def test_a_locked_record_is_erased_like_any_other(tmp_path: Path) -> None:
    person = enrol()
    send(person, **{**BLOODY, "note": SECRET})
    end()
    by = nurse(Role.DATA_MANAGER).id
    with transaction() as session:
        audit.begin(session, actor=SYSTEM, action="test:lock", now=NOW)
        session.add(
            DataLock(kind="lock", site="RJ", participant_id=person.id, reason="The end", set_at=NOW, set_by_id=by)
        )
    assert run(tmp_path) == ("RJ-001",)
    assert where_it_says(SECRET) == set()


def test_no_number_card_session_or_provider_leads_back() -> None:
    fill(enrol())
    end()
    before = tables()
    erase()
    account = db.session.query(Account).one()
    assert [account.phone, account.phone_index, account.pin_hash, account.feed_index] == [None] * 4
    for place in ("access_card.code_index", "remembered_phone.token_hash", "inbound_text.provider_id"):
        assert tables()[place] != before[place]
    assert tables()["message.provider_id"] == [None]
    assert tables()["diary_draft.client_id"] == []


def tables() -> dict[str, list[object]]:
    db.session.rollback()
    places = ("access_card.code_index", "remembered_phone.token_hash", "inbound_text.provider_id",
              "message.provider_id", "diary_draft.client_id")  # fmt: skip
    metadata = Participant.metadata.tables
    parts = [place.split(".") for place in places]
    return {f"{table}.{name}": list(db.session.scalars(select(metadata[table].c[name]))) for table, name in parts}


def test_photographs_go_from_the_disk(core: Flask) -> None:
    folder = core.config["PORTAL"].files_dir
    folder.mkdir()
    fill(enrol())
    end()
    name = db.session.scalars(select(Photo.name)).one()
    (folder / name).write_bytes(b"ciphertext")
    (folder / "another").write_bytes(b"ciphertext")
    run(folder)
    assert [one.name for one in folder.iterdir()] == ["another"]
    assert db.session.query(Photo).count() == 1


def pseudonymous(folder: Path) -> dict[str, str]:
    """Every table of an export of today's state, without names and without the trail."""
    folder.mkdir()
    asked = replace(order(formats=(ExportFormat.CSV,)), cut_off_at=AFTER + timedelta(days=1))
    made = exports.write_export(db.session, order=asked, actor=SYSTEM, folder=folder, now=AFTER + timedelta(days=2))
    db.session.rollback()
    with zipfile.ZipFile(made.path) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist() if name.endswith(".csv")}


@pytest.mark.usefixtures("trial")
def test_the_pseudonymous_record_stays_to_the_last_value(tmp_path: Path) -> None:
    end()
    end(2, "withdrawn")
    before = pseudonymous(tmp_path / "before")
    assert run(tmp_path) == ("RJ-001", "RJ-002")
    after = pseudonymous(tmp_path / "after")
    trail = list(csv.DictReader(io.StringIO(after.pop("audit.csv"), newline="")))
    assert {name: after[name] for name in after} == {name: before[name] for name in after}
    assert len(after["diary.csv"].splitlines()) == 3
    about = [row for row in trail if row["study_number"] == "RJ-001" and row["entity"] == "diary"]
    assert {row["old"] for row in about} == {'"[erased]"'}


@pytest.mark.usefixtures("trial")
def test_nothing_of_the_trail_opens_and_the_chain_still_holds() -> None:
    end()
    with transaction() as session:
        chain.seal_events(session, now=AFTER)
    erase()
    with transaction() as session:
        chain.seal_events(session, now=AFTER)
    rows = db.session.execute(select(AuditEvent, AuditChange).join(AuditChange, AuditChange.event_id == AuditEvent.id))
    opened = [audit.decrypted(db.session, event, change) for event, change in rows if change.participant_id == 1]
    assert len(opened) > 10
    assert [one.fields for one in opened if one.fields] == []
    assert chain.verify_chain(db.session).broken is None


def test_the_erasure_is_in_the_trail_and_the_second_one_is_refused() -> None:
    enrol()
    end()
    erase()
    last = db.session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc()).limit(2)).all()
    assert [(event.action, event.participant_id) for event in last] == [
        ("retention:erase", 1),
        ("retention:erase", None),
    ]
    assert audit.decrypted_reason(db.session, last[1]) == "RJ-001, kept until 2058-03-31"
    with pytest.raises(IdentifiersErased):
        erase()


def test_what_was_erased_is_not_shown_and_the_record_is_closed() -> None:
    enrol()
    end()
    erase()
    doctor = Actor("staff", Role.INVESTIGATOR, 1, sites=frozenset({"RJ"}))
    with pytest.raises(IdentifiersErased), transaction() as session:
        participants.reveal_identifiers(session, actor=doctor, study_number="RJ-001", now=AFTER)
    with pytest.raises(IdentifiersErased):
        rename()
    assert db.session.get(ParticipantKey, 1) is None


def rename() -> None:
    with transaction() as session:
        audit.begin(session, actor=SYSTEM, action="test:rename", now=AFTER, participant_id=1)
        session.get_one(Participant, 1).name = "王小明"


def test_a_screening_without_an_enrolment_is_erased_with_its_trail(tmp_path: Path) -> None:
    li_na = nurse()
    number = screened(li_na, ADULT)
    version = screening.get_screening(db.session, actor=li_na, number=number, now=NOW).version
    with transaction() as session:
        screening.fail_screening(
            session, actor=li_na, number=number, reason="Told us 王小明 moved", version=version, now=NOW
        )
    assert run(tmp_path, now=LAST_DAY) == ()
    assert len(screening_trail()) > 6
    assert run(tmp_path) == ("RJ-S001",)
    row = db.session.query(Screening).one()
    assert {"name", "phone"} & set(row.answers) == set()
    assert (row.answers["map_first"], row.answers["born_on"]) == ("0.14", "1992-11-23")
    assert set(db.session.scalars(select(Consent.signer))) == {None}
    assert screening_trail() == []
    assert "王小明" not in str(row.decision)
    doctor = Actor("staff", Role.INVESTIGATOR, li_na.id, sites=frozenset({"RJ"}))
    with pytest.raises(IdentifiersErased), transaction() as session:
        screening.reopen_screening(session, actor=doctor, number=number, reason="A mistake", now=AFTER)


def screening_trail() -> list[dict[str, object]]:
    db.session.rollback()
    rows = db.session.execute(select(AuditEvent, AuditChange).join(AuditChange, AuditChange.event_id == AuditEvent.id))
    about: Iterator[audit.RowChange] = (
        audit.decrypted(db.session, event, change)
        for event, change in rows
        if change.entity in {"screening", "consent"}
    )
    return [one.fields for one in about if one.fields]


def test_the_trail_of_a_screening_is_under_its_own_key(core: Flask) -> None:
    screened(nurse(), ADULT)
    assert any("王小明" in str(fields) for fields in screening_trail())
    from portal.models.base import get_cipher

    study = get_cipher().study_cipher()
    for change in db.session.scalars(select(AuditChange).where(AuditChange.entity.in_(["screening", "consent"]))):
        context = f"audit.{change.entity}.{change.entity_id}".encode()
        with pytest.raises(ValueError, match="key"):
            study.decrypt(change.fields, context)
