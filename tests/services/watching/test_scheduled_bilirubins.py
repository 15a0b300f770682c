"""A bilirubin is a task each week, and twice a week while an organ is flagged."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from portal.domain.alert_rules import Organ
from portal.extensions import db, transaction
from portal.models.tasks import Task
from portal.services import assessments, watching
from tests.support.diaries import flag, hire, report
from tests.support.people import NOW, TODAY, enrol

pytestmark = pytest.mark.usefixtures("core")
DAY = timedelta(days=1)


def due(days: int = 0) -> int:
    with transaction() as session:
        return watching.open_scheduled_bilirubins(session, now=NOW + days * DAY)


def sample(days_ago: int) -> None:
    nurse, at = hire(), NOW - days_ago * DAY
    with transaction() as session:
        assessments.enter_result(
            session, actor=nurse, study_number="RJ-001", measure="bilirubin:mg/dL", value=Decimal("0.8"),
            measured_at=at, now=at, confirmed=True,
        )  # fmt: skip


@pytest.mark.parametrize(("days_ago", "opened"), [(6, 0), (7, 1)])
def test_a_week_after_the_last_the_next_is_due_once(days_ago: int, opened: int) -> None:
    enrol()
    sample(days_ago)
    assert [due(), due()] == [opened, 0]


@pytest.mark.parametrize(("days_ago", "opened"), [(2, 0), (3, 1)])
def test_while_an_organ_is_flagged_it_is_twice_a_week(days_ago: int, opened: int) -> None:
    person = enrol()
    sample(days_ago)
    report(person, [flag()])
    assert due() == opened


def test_a_missed_diary_and_a_fever_are_no_flagged_organ() -> None:
    person = enrol()
    sample(4)
    report(person, [flag("fever-amber", organ=Organ.GENERAL)])
    assert due() == 0


@pytest.mark.parametrize(("day", "opened"), [(100, 1), (101, 0)])
def test_it_ends_with_day_100(day: int, opened: int) -> None:
    enrol(day=day, enrolled_on=TODAY - 80 * DAY)
    assert due() == opened


def test_a_result_closes_it() -> None:
    enrol()
    assert due() == 1
    sample(0)
    assert db.session.scalars(select(Task.closed_how)).all() == ["result"]
