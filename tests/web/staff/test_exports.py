"""The page of data out."""

import io
import json
import zipfile
from collections.abc import Callable
from datetime import timedelta

import pyotp
import pytest
import time_machine
from sqlalchemy import select

from portal.domain.access import Role
from portal.extensions import db
from portal.models.audit import AuditEvent
from portal.models.people import Staff
from tests.support.people import NOW, PASSWORD, enrol
from tests.support.web.visitor import Visitor


def ask(visitor: Visitor, **changes: object):  # type: ignore[no-untyped-def]
    secret = db.session.scalars(select(Staff.totp_secret)).one()
    filled = {"formats": ["csv"], "sites": ["RJ"], "arms": "hidden", "why": "Monitoring visit 3", "password": PASSWORD,
              "code": pyotp.TOTP(secret).at(NOW + timedelta(minutes=1))}  # fmt: skip
    return visitor.submit("/staff/data", **{**filled, **changes})


@pytest.fixture
def manager(staff_of: Callable[[Role], Visitor], clock: time_machine.Traveller) -> Visitor:
    enrol()
    visitor = staff_of(Role.DATA_MANAGER)
    clock.shift(timedelta(minutes=1))
    return visitor


def test_an_export_is_handed_over_and_stands_in_the_trail(manager: Visitor) -> None:
    answer = ask(manager)
    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    assert answer.headers["Cache-Control"] == "no-store"
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    answer.close()
    assert manifest["order"]["why"] == "Monitoring visit 3"
    actions = list(db.session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)))
    assert actions[-3:] == ["export:confirm", "export:make", "export:made"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"why": ""}, "Say what the export is for."),
        ({"password": "wrong"}, "Check the password, and use a fresh code"),
        ({"formats": []}, "Choose at least one format."),
        ({"cut_off_time": "10:00"}, "at least five minutes ago"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_handed_over(
    manager: Visitor, changes: dict[str, object], words: str
) -> None:
    answer = ask(manager, **changes)
    assert answer.status_code == 422
    assert words in answer.text


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.MONITOR, Role.STATISTICIAN, Role.ADMINISTRATOR])
def test_others_have_no_such_page(staff_of: Callable[[Role], Visitor], role: Role) -> None:
    assert staff_of(role).get("/staff/data").status_code == 403
