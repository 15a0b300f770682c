"""The statistician's page: importing a sealed list, its faults by line, how far it is drawn - and no participant."""

import hashlib
import io
from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from portal.domain.access import Role
from portal.extensions import db
from portal.models.enrolment import Allocation
from portal.models.people import Participant
from tests.support.web.visitor import Page, Visitor

PATH = "/staff/allocation"
LIST = "sequence,stratum,arm\n1,all,imsc\n2,all,control\n"


def rows() -> int:
    return int(db.session.scalar(select(func.count()).select_from(Allocation)) or 0)


@pytest.fixture
def statistician(staff_of: Callable[[Role], Visitor]) -> Visitor:
    return staff_of(Role.STATISTICIAN)


def send(visitor: Visitor, content: str = LIST) -> Page:
    values = visitor.visit(PATH).form(PATH).filled()
    answer = visitor.post(PATH, data={**values, "list": (io.BytesIO(content.encode()), "list.csv")})
    return visitor.visit(PATH) if answer.status_code == 302 else Page(answer.text)


def test_a_list_is_imported_with_its_checksum_and_without_an_arm(statistician: Visitor) -> None:
    page = send(statistician)
    assert page.says("2 rows are imported and sealed.")
    assert page.says("0 of 2 rows drawn")
    assert page.says(hashlib.sha256(LIST.encode()).hexdigest())
    assert (rows(), page.says("李娜")) == (2, True)


def test_the_same_file_again_says_so(statistician: Visitor) -> None:
    send(statistician)
    assert send(statistician).says("This very file was imported before.")
    assert rows() == 2


def test_every_fault_is_named_by_its_line_and_nothing_is_stored(statistician: Visitor) -> None:
    page = send(statistician, "sequence,stratum,arm\n1,all,placebo\n1,all,imsc\nx,all,imsc\n2,all\n")
    assert page.says("Line 2: Unknown arm. The arms are: control, imsc.")
    assert page.says("Line 4: The sequence must be a whole number from 1.")
    assert page.says("Line 5: A row has three values")
    assert rows() == 0


def test_a_long_list_of_faults_is_counted(statistician: Visitor) -> None:
    body = "".join(f"{number},all,placebo\n" for number in range(1, 61))
    assert send(statistician, "sequence,stratum,arm\n" + body).says("and 10 more faults")


def test_another_list_waits_until_the_first_is_used_up(statistician: Visitor) -> None:
    send(statistician)
    assert send(statistician, LIST + "3,all,imsc\n").says("Another list still has rows to draw.")


def test_no_file_is_said_at_the_field(statistician: Visitor) -> None:
    answer = statistician.submit(PATH)
    assert (answer.status_code, Page(answer.text).says("Choose the file of the list.")) == (422, True)


def test_the_statistician_sees_no_participant(statistician: Visitor, participant: Participant) -> None:
    closed = (
        "/staff/triage",
        "/staff/participants",
        "/staff/participants/RJ-001",
        "/staff/participants/RJ-001/clinical",
        "/staff/participants/RJ-001/calls",
        "/staff/participants/RJ-001/participation",
        "/staff/messages",
        "/staff/tasks",
        "/staff/screenings",
    )
    assert {path: statistician.get(path).status_code for path in closed} == dict.fromkeys(closed, 403)
    for path in (PATH, "/staff/study", "/staff/study/figures"):
        assert "RJ-001" not in statistician.get(path).text


def test_nobody_else_imports(staff_of: Callable[[Role], Visitor]) -> None:
    for role in (Role.COORDINATOR, Role.INVESTIGATOR, Role.MONITOR):
        assert staff_of(role).get(PATH).status_code == 403, role
