"""The inspection pack: one archive that can be read without the portal."""

import io
import json
import zipfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pyotp
import pytest
import time_machine
from sqlalchemy import select

from portal.domain.access import Role
from portal.extensions import db
from portal.models.audit import AuditEvent
from portal.models.people import Staff
from tests.answers import BLOODY
from tests.people import NOW, enrol
from tests.services.test_diary_correcting import correct
from tests.services.test_diary_submit import send
from tests.web.conftest import PASSWORD
from tests.web.visitor import Visitor


def ask(visitor: Visitor, **changes: Any):  # type: ignore[no-untyped-def]
    secret = db.session.scalars(select(Staff.totp_secret)).one()
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
    monkeypatch.setattr("portal.adapters.secrets.STEPS_EITHER_SIDE", 400)


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


def test_a_pack_without_names_names_nobody(doctor: Visitor) -> None:
    words, _ = opened(ask(doctor))
    assert [one for one in ("王小明", "1992-03-14", "a secret", "ticked") if one in words] == []


def test_a_pack_stands_in_the_participants_trail(doctor: Visitor) -> None:
    opened(ask(doctor))
    statement = select(AuditEvent.action).where(AuditEvent.participant_id == 1).order_by(AuditEvent.id.desc())
    assert db.session.scalars(statement).first() == "pack:make"


@pytest.mark.parametrize("number", ["RJ-999", "RJ-002"])
def test_another_sites_participant_is_answered_like_nobody(doctor: Visitor, number: str) -> None:
    answer = ask(doctor, study_number=number)
    assert answer.status_code == 422
    assert "There is no such participant at your sites." in answer.text


def test_a_statistician_has_no_packs(staff_of: Callable[[Role], Visitor]) -> None:
    assert staff_of(Role.STATISTICIAN).get("/staff/data/pack").status_code == 403
