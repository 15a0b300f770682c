"""The inspection pack: one archive that can be read without the portal."""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyotp
import pytest
import time_machine
from sqlalchemy import select

from config import Config
from portal.domain.access import Role
from portal.extensions import db, transaction
from portal.models.audit import AuditEvent
from portal.models.people import Participant, Staff
from portal.services import audit, exports, photos
from tests.support.answers import BLOODY, themselves
from tests.support.diaries import correct, send
from tests.support.people import NOW, PASSWORD, TODAY, enrol
from tests.support.photos import JPEG, add, another
from tests.support.web.visitor import Visitor


def ask(visitor: Visitor, **changes: Any):  # type: ignore[no-untyped-def]
    secret = db.session.scalars(select(Staff.totp_secret)).first() or ""
    filled = {"study_number": "RJ-001", "why": "Inspection", "password": PASSWORD,
              "code": pyotp.TOTP(secret).at(NOW + timedelta(hours=3))}  # fmt: skip
    return visitor.submit("/staff/data/pack", **{**filled, **changes})


@pytest.fixture
def doctor(staff_of: Callable[[Role], Visitor], clock: time_machine.Traveller) -> Visitor:
    person = enrol()
    enrol(2, site="XX")
    correct(person, send(person, **{**BLOODY, "note": "<script>a secret</script>"}).diary_id)
    clock.shift(timedelta(hours=3))
    return staff_of(Role.INVESTIGATOR)


@pytest.fixture(autouse=True)
def fresh(clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sign-in of the fixture uses a code of NOW."""
    monkeypatch.setattr("portal.adapters.passwords.STEPS_EITHER_SIDE", 400)


def opened(answer: Any) -> tuple[str, zipfile.ZipFile]:
    with zipfile.ZipFile(io.BytesIO(answer.data)) as pack:
        words, raw = pack.read("forms.html").decode(), zipfile.ZipFile(io.BytesIO(pack.read("raw.zip")))
        assert set(json.loads(pack.read("manifest.json"))["files"]) == {"forms.html", "raw.zip"}
    answer.close()
    return words, raw


def test_a_pack_holds_forms_history_trail_and_raw_data(doctor: Visitor) -> None:
    words, raw = opened(ask(doctor, identified="y"))
    assert {"diary.csv", "audit.csv", "odm.xml", "Patient.ndjson"} <= set(raw.namelist())
    for said in ("RJ-001", "I ticked the wrong box", "diary:correct", "loose stool", "&lt;script&gt;a secret"):
        assert said.lower() in words.lower(), said
    assert "<script" not in words


def test_every_table_with_a_row_of_theirs_has_a_sheet(doctor: Visitor) -> None:
    words, raw = opened(ask(doctor, identified="y"))
    rows = {one["name"]: one["rows"] for one in json.loads(raw.read("manifest.json"))["files"]}
    held = [domain for domain in exports.load_domains() if rows[f"{domain.name}.csv"]]
    assert {"diary", "participant", "episode", "flag"} <= {domain.name for domain in held}
    assert [domain.name for domain in held if domain.words.in_("en") not in words] == []


def test_a_pack_without_names_names_nobody(doctor: Visitor) -> None:
    words, _ = opened(ask(doctor))
    assert [one for one in ("王小明", "1992-03-14", "a secret", "ticked") if one in words] == []


def test_a_pack_stands_in_the_participants_trail(doctor: Visitor) -> None:
    opened(ask(doctor))
    statement = select(AuditEvent.action).where(AuditEvent.participant_id == 1).order_by(AuditEvent.id.desc())
    assert db.session.scalars(statement).first() == "pack:make"


def illustrated(folder: Path) -> list[int]:
    """Two photographs of theirs, one of somebody else's, and one that came after the cut-off."""
    first, other = db.session.get_one(Participant, 1), enrol(3)
    taken = [add(first, folder), add(first, folder, picture=another(1))]
    add(other, folder)
    with time_machine.travel(NOW + timedelta(hours=3), tick=False), transaction() as session:
        late = {"diary_on": TODAY, "picture": another(2), "folder": folder, "now": NOW + timedelta(hours=3)}
        photos.add_photo(session, actor=themselves(session.get_one(Participant, 1)), **late)  # type: ignore[arg-type]
    return taken


def looks() -> list[str | None]:
    """Which photographs have been looked at, by the trail."""
    db.session.rollback()
    seen = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "photo:view").order_by(AuditEvent.id))
    return [audit.decrypted_reason(db.session, event) for event in seen.all()]


def test_photographs_are_in_a_pack_when_asked_for_and_each_stands_in_the_trail(doctor: Visitor, config: Config) -> None:
    taken = illustrated(config.files_dir)
    answer = ask(doctor, photographs="y")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as pack:
        pictures = {name: pack.read(name) for name in pack.namelist() if name.startswith("photographs/")}
        digests = json.loads(pack.read("manifest.json"))["files"]
    answer.close()
    shown = zip(taken, (JPEG, another(1)), strict=True)
    assert pictures == {f"photographs/{photo}.jpg": picture.jpeg for photo, picture in shown}
    assert all(digests[name] == hashlib.sha256(jpeg).hexdigest() for name, jpeg in pictures.items())
    assert looks() == [f"photo {photo}" for photo in taken]


def test_a_pack_without_them_shows_none_and_notes_none(doctor: Visitor, config: Config) -> None:
    illustrated(config.files_dir)
    opened(ask(doctor))
    assert looks() == []


@pytest.mark.parametrize("wrong", [{"password": "not the password"}, {"code": "000000"}])
def test_no_photograph_leaves_without_password_and_code(doctor: Visitor, config: Config, wrong: dict[str, str]) -> None:
    illustrated(config.files_dir)
    assert ask(doctor, photographs="y", **wrong).status_code == 422
    assert looks() == []


def test_whoever_may_see_no_photograph_gets_none_in_a_pack(
    doctor: Visitor, staff_of: Callable[[Role], Visitor], config: Config
) -> None:
    illustrated(config.files_dir)
    manager = staff_of(Role.DATA_MANAGER)
    page = manager.visit("/staff/data/pack")
    assert "photographs" not in page.form("/staff/data/pack").names
    page.form("/staff/data/pack").names.add("photographs")
    secret = db.session.scalars(select(Staff.totp_secret).where(Staff.role == Role.DATA_MANAGER)).one()
    code = pyotp.TOTP(secret).at(NOW + timedelta(hours=4))
    answer = ask(manager, page=page, photographs="y", code=code)
    assert answer.status_code == 403
    assert looks() == []


@pytest.mark.parametrize("number", ["RJ-999", "RJ-002"])
def test_another_sites_participant_is_answered_like_nobody(doctor: Visitor, number: str) -> None:
    answer = ask(doctor, study_number=number)
    assert answer.status_code == 422
    assert "There is no such participant at your sites." in answer.text


def test_a_statistician_has_no_packs(staff_of: Callable[[Role], Visitor]) -> None:
    assert staff_of(Role.STATISTICIAN).get("/staff/data/pack").status_code == 403
