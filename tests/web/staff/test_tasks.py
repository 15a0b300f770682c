"""Tasks on the ward's list, and a bilirubin that closes one."""

from collections.abc import Callable
from datetime import timedelta

import pyotp
import pytest
import time_machine
from sqlalchemy import select

from portal.domain.access import Role
from portal.domain.alert_rules import Organ
from portal.extensions import db
from portal.models.assessments import Signature
from portal.models.people import Participant, Staff
from portal.models.tasks import Task
from tests.support.diaries import red, report
from tests.support.people import NOW, PASSWORD
from tests.support.web.visitor import Visitor

CLINICAL = "/staff/participants/RJ-001/clinical"
RESULTS = "/staff/participants/RJ-001/results"
NEW = "/staff/participants/RJ-001/assessments/new"
FOUND = {
    "skin": "2",
    "upper_gi": "0",
    "lower_gi": "0",
    "liver": "2",
    "certainty": "confirmed",
    "onset_on": "2026-11-22",
}


@pytest.fixture(autouse=True)
def jaundice(participant: Participant) -> None:
    report(participant, [red("jaundice-red", Organ.LIVER)])


def test_a_task_stands_on_the_list_with_its_due_time_and_owner(coordinator: Visitor) -> None:
    page = coordinator.visit("/staff/triage")
    assert all(page.says(words) for words in ("Bilirubin wanted", "RJ-001", "nobody yet", "14 h 0 min left"))


def test_a_task_is_taken_and_closed_with_a_reason(coordinator: Visitor) -> None:
    coordinator.submit("/staff/tasks/1", action="/staff/tasks/1/take")
    assert coordinator.visit("/staff/tasks/1").says("李娜")
    assert coordinator.submit("/staff/tasks/1", action="/staff/tasks/1/close", reason="").status_code == 422
    coordinator.submit("/staff/tasks/1", action="/staff/tasks/1/close", reason="Seen by the ward")
    assert coordinator.visit("/staff/tasks/1").says("Seen by the ward")
    assert not coordinator.visit("/staff/triage").says("Bilirubin wanted")


def enter(visitor: Visitor, value: str, measure: str = "bilirubin:umol/L", **typed: str):  # type: ignore[no-untyped-def]
    return visitor.submit(CLINICAL, action=RESULTS, measure=measure, value=value, **typed)


def test_a_bilirubin_in_umol_shows_the_liver_stage_and_closes_the_task(coordinator: Visitor) -> None:
    assert enter(coordinator, "60").status_code == 302
    page = coordinator.visit(CLINICAL)
    assert page.says("60 µmol/Lliver stage 2")
    assert page.says("14631-6")
    db.session.rollback()
    assert db.session.scalars(select(Task.closed_how)).one() == "result"


def test_an_unlikely_value_is_asked_about_and_kept_when_confirmed(coordinator: Visitor) -> None:
    asked = enter(coordinator, "60", "bilirubin:mg/dL")
    assert asked.status_code == 422
    assert "Is the unit perhaps umol/L?" in asked.text
    assert coordinator.visit(CLINICAL).says("No result has been entered.")
    data = {"measure": "bilirubin:mg/dL", "value": "60", "measured_on": "2026-11-23", "measured_time": "10:00"}
    token = dict(coordinator.visit(CLINICAL).form(RESULTS).values)["csrf_token"]
    coordinator.post(RESULTS, data={**data, "confirmed": "y", "csrf_token": token})
    assert coordinator.visit(CLINICAL).says("unusual, confirmed when entered")


def sign(visitor: Visitor, path: str, code: str, password: str = PASSWORD):  # type: ignore[no-untyped-def]
    return visitor.submit(path, action=f"{path}/sign", meaning="assessed", password=password, code=code)


def test_an_assessment_is_graded_signed_changed_and_its_signature_void(
    staff_of: Callable[[Role], Visitor], clock: time_machine.Traveller
) -> None:
    doctor = staff_of(Role.INVESTIGATOR)
    assert doctor.submit(NEW, **FOUND).status_code == 302
    page = doctor.visit("/staff/assessments/1")
    assert page.says("GradeIII")
    assert page.says("not signed")
    totp = pyotp.TOTP(db.session.scalars(select(Staff.totp_secret)).one())
    assert sign(doctor, "/staff/assessments/1", totp.at(NOW)).status_code == 422  # the code of the sign-in
    later = NOW + timedelta(seconds=30)
    clock.move_to(later)
    assert sign(doctor, "/staff/assessments/1", totp.at(later)).status_code == 302
    assert doctor.visit(CLINICAL).says("signed李娜")
    changed = "/staff/assessments/1/change"
    assert doctor.submit(changed, change_reason="Looked again", skin="3").status_code == 302
    assert doctor.visit("/staff/assessments/1").says("signature void: changed since")
    db.session.rollback()
    assert len(db.session.scalars(select(Signature)).all()) == 1


def test_a_finding_that_cannot_be_is_named_at_its_field(staff_of: Callable[[Role], Visitor]) -> None:
    answer = staff_of(Role.INVESTIGATOR).submit(NEW, **{**FOUND, "onset_on": ""})
    assert answer.status_code == 422
    assert "Enter the day of onset." in answer.text


def test_a_coordinator_enters_results_but_assesses_nothing(coordinator: Visitor) -> None:
    assert coordinator.get(NEW).status_code == 403
    assert NEW not in coordinator.visit(CLINICAL).links


@pytest.mark.parametrize("path", ["/staff/participants/RJ-999/clinical", "/staff/tasks/99", "/staff/assessments/99"])
def test_what_is_not_there_is_not_found(coordinator: Visitor, path: str) -> None:
    assert coordinator.get(path).status_code == 404


def test_the_title_of_a_task_names_the_participant_alone(coordinator: Visitor) -> None:
    task_id = db.session.scalars(select(Task.id)).one()
    assert coordinator.visit(f"/staff/tasks/{task_id}").title == "RJ-001 - Follow-up portal"
