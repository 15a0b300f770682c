"""Results alert: a bilirubin raises the liver and settles only when it is normal, a fever that staff measure is red."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from portal.domain.access import Actor, Role
from portal.extensions import db, transaction
from portal.models.messages import Message
from portal.models.triage import Episode, Flag
from portal.services import assessments, triage
from tests.support.diaries import hire, red, report, send
from tests.support.people import NOW, TODAY, enrol

pytestmark = pytest.mark.usefixtures("core")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
YELLOW = {"liver_signs": ("yellow",)}


def enter(nurse: Actor, value: str, measure: str = "bilirubin:mg/dL", *, at: datetime = NOW) -> None:
    with transaction() as session:
        assessments.enter_result(
            session, actor=nurse, study_number="RJ-001", measure=measure, value=Decimal(value), measured_at=at,
            now=at, confirmed=True,
        )  # fmt: skip


def episode(organ: str) -> Episode:
    db.session.rollback()
    return db.session.scalars(select(Episode).where(Episode.organ == organ)).one()


@pytest.mark.parametrize(
    ("values", "severities"),
    [
        (["1.9"], []),
        (["2.0"], ["amber"]),
        (["3.0"], ["amber"]),
        (["3.1"], ["red"]),
        (["2.0", "2.9"], ["amber", "amber"]),
        (["1.0", "2.0"], ["red"]),
    ],
)
def test_a_bilirubin_raises_the_liver_by_its_stage_and_by_its_rise(values: list[str], severities: list[str]) -> None:
    enrol()
    nurse = hire()
    for hours, value in enumerate(values):
        enter(nurse, value, at=NOW + hours * HOUR)
    assert list(db.session.scalars(select(Flag.severity).order_by(Flag.id))) == severities


def test_a_high_bilirubin_alerts_the_coordinator_and_the_investigator() -> None:
    enrol()
    nurse, doctor = hire(), hire("Lu Wei", role=Role.INVESTIGATOR)
    enter(nurse, "8.2")
    found = episode("liver")
    assert (found.severity, found.stage, found.acknowledge_by_at) == ("red", 3, NOW + HOUR)
    assert set(db.session.scalars(select(Message.staff_id))) == {nurse.id, doctor.id}


def test_a_result_that_confirms_the_jaundice_does_not_settle_it() -> None:
    person, nurse = enrol(), hire()
    send(person, **YELLOW)
    enter(nurse, "8.2", at=NOW + HOUR)
    assert not triage.is_liver_settled(db.session, participant_id=person.id, now=NOW + HOUR)
    again = send(person, client_id="c-2", diary_on=TODAY + DAY, entered_at=NOW + DAY, now=NOW + DAY, **YELLOW)
    assert again.severity == "red"


@pytest.mark.parametrize(("value", "days", "settled"), [("1.9", 1, True), ("2.0", 1, False), ("1.9", 7, False)])
def test_only_a_normal_bilirubin_settles_the_sign_and_for_a_week(value: str, days: int, settled: bool) -> None:
    person = enrol()
    send(person, **YELLOW)
    enter(hire(), value, at=NOW + HOUR)
    assert triage.is_liver_settled(db.session, participant_id=person.id, now=NOW + days * DAY) is settled


def test_a_bilirubin_is_the_liver_stage_of_the_estimate() -> None:
    person, nurse = enrol(), hire()
    (raised,) = report(person, [red()])
    page = triage.get_episode(db.session, episode_id=raised.episode_id, actor=nurse, now=NOW)
    assert page.estimate is not None
    assert page.estimate.at_least == "II"
    enter(nurse, "8.2")
    page = triage.get_episode(db.session, episode_id=raised.episode_id, actor=nurse, now=NOW)
    assert page.estimate is not None
    assert {one.organ: one.stage for one in page.estimate.organs}["liver"] == 3
    assert page.estimate.at_least == "III"


def test_an_older_result_that_is_entered_later_is_no_news() -> None:
    enrol()
    nurse = hire()
    enter(nurse, "1.0")
    with transaction() as session:
        assessments.enter_result(
            session, actor=nurse, study_number="RJ-001", measure="bilirubin:mg/dL", value=Decimal("8.2"),
            measured_at=NOW - DAY, now=NOW + HOUR, confirmed=True,
        )  # fmt: skip
    assert db.session.scalars(select(Episode)).all() == []


@pytest.mark.parametrize(("value", "severity"), [("37.9", None), ("38.0", "red")])
def test_a_fever_that_staff_measure_is_red(value: str, severity: str | None) -> None:
    enrol()
    nurse = hire()
    enter(nurse, value, "temperature:Cel")
    found = db.session.scalars(select(Episode)).all()
    assert [(one.organ, one.severity) for one in found] == ([("general", severity)] if severity else [])
    assert len(db.session.scalars(select(Message)).all()) == (1 if severity else 0)


def test_a_bilirubin_of_a_higher_stage_alerts_again_an_episode_in_hand() -> None:
    enrol()
    nurse = hire()
    enter(nurse, "4.0")
    with transaction() as session:
        triage.claim_episode(
            session, actor=nurse, episode_id=episode("liver").id, version=episode("liver").version, now=NOW
        )
    enter(nurse, "4.1", at=NOW + HOUR)
    assert episode("liver").state == "claimed"
    enter(nurse, "7", at=NOW + 2 * HOUR)
    assert (episode("liver").state, episode("liver").stage) == ("new", 3)
