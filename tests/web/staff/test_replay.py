"""Rule replay from a page: a file goes in, tables come out."""

from collections.abc import Callable
from io import BytesIO

import pytest
from sqlalchemy import select

from portal import protocols
from portal.domain.access import Role
from portal.extensions import db
from portal.models.audit import AuditEvent
from portal.models.people import Participant
from tests.support.diaries import flag, report
from tests.support.web.visitor import Page, Visitor

FILE = (protocols.FOLDER / "nct06949267.toml").read_text(encoding="utf-8")
LATER = FILE.replace("fever_red_cel = 38.0", "fever_red_cel = 38.5")


def upload(visitor: Visitor, content: bytes, since: str = "") -> tuple[int, Page]:
    form = visitor.visit("/staff/replay").form("/staff/replay")
    data = {**form.filled(since=since), "protocol": (BytesIO(content), "protocol.toml")}
    answer = visitor.post("/staff/replay", data=data, content_type="multipart/form-data")
    return answer.status_code, Page(answer.text)


@pytest.fixture
def investigator(staff_of: Callable[[Role], Visitor]) -> Visitor:
    return staff_of(Role.INVESTIGATOR)


def test_a_proposed_file_is_replayed_and_shown(investigator: Visitor, participant: Participant) -> None:
    report(participant, [flag()])
    status, page = upload(investigator, LATER.encode())
    assert status == 200
    assert page.says("1 diaries of 1 participants on 1 days")
    assert page.says("Fever, red from (°C)")
    assert page.says("New rash")


def test_a_try_is_in_the_trail_and_nothing_else(investigator: Visitor) -> None:
    upload(investigator, LATER.encode())
    actions = db.session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all()
    assert actions[-1] == "rules:replay"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (FILE.replace("score_amber = 3", "score_amber = 9").encode(), "thresholds.score_amber"),
        (b"\xff\xfe not a text", "is not TOML"),
        (b"a = " + b"[" * 20_000, "is not TOML"),
        (b"", "Choose a protocol file"),
        (b"#" * 300_000, "Choose a protocol file"),
        (b"x = '<script>'", "nct_id"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(investigator: Visitor, content: bytes, words: str) -> None:
    status, page = upload(investigator, content)
    assert status == 422
    assert page.says(words)


def test_a_day_that_is_none_is_asked_again(investigator: Visitor) -> None:
    assert upload(investigator, LATER.encode(), since="yesterday")[0] == 422


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.MONITOR, Role.STATISTICIAN, Role.ADMINISTRATOR])
def test_other_roles_may_not_replay(staff_of: Callable[[Role], Visitor], role: Role) -> None:
    assert staff_of(role).get("/staff/replay").status_code == 403
