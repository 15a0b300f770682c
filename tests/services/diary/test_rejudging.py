"""Reports that are judged again: after a late day, and after an infusion that was recorded or put right afterwards."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from portal.domain.access import Actor, Role
from portal.extensions import db, transaction
from portal.models.diary import Diary
from portal.models.infusions import Infusion
from portal.models.messages import Message
from portal.models.people import Participant
from portal.models.tasks import Task
from portal.models.triage import Episode, Flag
from portal.services import assessments, diary, infusions
from tests.support.answers import submission, themselves
from tests.support.diaries import correct, hire, send
from tests.support.people import NOW, TODAY, enrol
from tests.support.plans import PROTOCOL, planned

pytestmark = pytest.mark.usefixtures("core")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def send_of(person: Participant, days_ago: int, *, at: datetime, client_id: str, **answers: Any) -> int:
    on = TODAY - days_ago * DAY
    return send(person, client_id=client_id, diary_on=on, entered_at=at, now=at, **answers).diary_id


def loose(ml: int) -> dict[str, Any]:
    return {
        "bowel_trouble": True, "loose_stool_count": 2, "stool_volume_ml": ml, "stool_unmeasured_count": 0,
        "stool_blood": "none", "abdominal_pain": 0,
    }  # fmt: skip


def rules(diary_id: int) -> set[str]:
    db.session.rollback()
    return set(db.session.scalars(select(Flag.rule_id).where(Flag.diary_id == diary_id)))


def test_a_late_day_reaches_the_estimate_of_today() -> None:
    person = enrol()
    today = send_of(person, 0, at=NOW, client_id="a", **loose(600))
    late = send_of(person, 1, at=NOW + HOUR, client_id="b", **loose(1600))
    assert "stool-red" in rules(late)
    estimate = db.session.get_one(Diary, today).estimate
    assert (estimate["lower_gi"]["stage"], estimate["lower_gi"]["days_known"], estimate["at_least"]) == (3, 2, "III")


def test_a_late_day_completes_a_run_of_days() -> None:
    person = enrol()
    sick = {"stomach_trouble": True, "appetite_loss": 0, "nausea": 1, "vomiting_count": 0, "fluids_kept": True}
    send_of(person, 2, at=NOW - 2 * DAY, client_id="a", **sick)
    today = send_of(person, 0, at=NOW, client_id="b", **sick)
    assert "nausea-days" not in rules(today)
    send_of(person, 1, at=NOW + HOUR, client_id="c", **sick)
    assert "nausea-days" in rules(today)
    assert db.session.get_one(Diary, today).severity == "amber"


def give(
    nurse: Actor, number: int, at: datetime, *, now: datetime, grade: int = 0, correction: str | None = None
) -> None:
    given = infusions.GivenInfusion(
        weight_kg=Decimal("62.5"), started_at=at, ended_at=at + HOUR / 2, lot="MSC-1", grade=grade,
        reaction="anaphylaxis" if grade else "", deviation="as it was", cells=None,
    )  # fmt: skip
    with transaction() as session:
        row = session.scalars(select(Infusion).where(Infusion.number == number)).one()
        diary.record_given_infusion(session, actor=nurse, infusion_id=row.id, given=given, protocol=PROTOCOL, now=now)


def test_an_infusion_that_is_recorded_afterwards_judges_the_reports_of_its_hours() -> None:
    person, nurse = planned(), hire()
    at = NOW + 4 * HOUR
    unasked = submission(
        client_id="a", entered_at=at, stomach_trouble=True, appetite_loss=0, nausea=1, vomiting_count=0,
        fluids_kept=True, **loose(100),
    )  # fmt: skip
    with transaction() as session:
        actor = themselves(session.get_one(Participant, person.id))
        sent = diary.submit_diary(session, actor=actor, submission=replace(unasked, infusion_check=False), now=at)
    diary_id = sent.diary_id
    assert not any(rule.startswith("infusion") for rule in rules(diary_id))
    give(nurse, 1, NOW - 2 * HOUR, now=at + HOUR)
    assert {"infusion-new-nausea", "two-ambers"} <= rules(diary_id)
    assert db.session.get_one(Diary, diary_id).severity == "red"
    assert db.session.scalars(select(Message).where(Message.kind == "staff-alert")).all()


@pytest.mark.parametrize(("grade", "reds"), [(2, 0), (3, 1), (4, 1)])
def test_a_reaction_of_grade_3_is_red_and_a_task_of_24_hours(grade: int, reds: int) -> None:
    planned()
    nurse, doctor = hire(), hire("Lu Wei", role=Role.INVESTIGATOR)
    give(nurse, 1, NOW + HOUR, now=NOW + 3 * HOUR, grade=grade)
    found = db.session.scalars(select(Episode)).all()
    assert [(one.organ, one.severity) for one in found] == [("infusion", "red")] * reds
    tasks = db.session.execute(select(Task.kind, Task.due_at)).all()
    assert tasks == [("serious-event", NOW + 27 * HOUR)] * reds
    told = set(db.session.scalars(select(Message.staff_id).where(Message.kind == "staff-alert")))
    assert told == ({nurse.id, doctor.id} if reds else set())


def test_a_correction_judges_later_reports_with_what_was_known_at_their_time() -> None:
    person, nurse = enrol(), hire()
    monday = send_of(person, 1, at=NOW - DAY, client_id="a", **loose(600))
    tuesday = send_of(person, 0, at=NOW, client_id="b", liver_signs=("yellow",))
    with transaction() as session:
        assessments.enter_result(
            session, actor=nurse, study_number="RJ-001", measure="bilirubin:mg/dL", value=Decimal("1.0"),
            measured_at=NOW + HOUR, now=NOW + HOUR, confirmed=True,
        )  # fmt: skip
    correct(person, monday, now=NOW + 2 * HOUR, **loose(700))
    assert "jaundice-red" in rules(tuesday)
    assert db.session.get_one(Diary, tuesday).severity == "red"
    assert db.session.scalars(select(Flag.corrected_at).where(Flag.diary_id == tuesday)).all() == [None]
