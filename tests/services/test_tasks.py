"""Tasks: opened once, shown by due time, closed by what they waited for or with a reason."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from portal.domain.access import Role
from portal.domain.alert_rules import Organ, Severity
from portal.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from portal.domain.tasks import TaskKind, birthday_at_age
from portal.extensions import db, transaction
from portal.models.audit import AuditEvent
from portal.models.people import Participant
from portal.models.tasks import Task
from portal.services import tasks
from tests.support.diaries import flag, hire, red, report
from tests.support.people import NOW, at_site, enrol

pytestmark = pytest.mark.usefixtures("core")
HOUR = timedelta(hours=1)


def jaundice(person: Participant, **more: object) -> None:
    report(person, [red("jaundice-red", Organ.LIVER)], **more)  # type: ignore[arg-type]


def listed() -> tuple[tasks.TaskRow, ...]:
    db.session.rollback()
    return tasks.list_open_tasks(db.session, actor=at_site("RJ"))


@pytest.mark.parametrize("rule", ["jaundice-red", "dark-urine"])
def test_jaundice_and_dark_urine_want_a_bilirubin(rule: str) -> None:
    report(enrol(), [flag(rule, Severity.AMBER, Organ.LIVER)])
    (task,) = listed()
    assert (task.kind, task.study_number, task.site) == ("bilirubin-wanted", "RJ-001", "RJ")
    assert task.due_at == NOW + timedelta(hours=7) + timedelta(hours=16)  # 8 working hours from Monday 10:00


def test_another_rule_wants_none() -> None:
    report(enrol(), [flag("pale-stools", organ=Organ.LIVER), red()])
    assert listed() == ()


def test_there_is_one_open_task_of_a_kind_however_often_it_is_reported() -> None:
    person = enrol()
    jaundice(person)
    jaundice(person, now=NOW + HOUR)
    assert len(listed()) == 1


def test_after_it_was_closed_a_new_report_opens_a_new_one() -> None:
    person, nurse = enrol(), hire()
    jaundice(person)
    with transaction() as session:
        tasks.close_task(session, actor=nurse, task_id=1, reason="Taken at the other hospital", now=NOW)
    jaundice(person, now=NOW + HOUR)
    assert [task.id for task in listed()] == [2]


def test_a_task_is_closed_with_a_reason_and_by_somebody() -> None:
    jaundice(enrol())
    nurse = hire()
    with transaction() as session:
        tasks.close_task(session, actor=nurse, task_id=1, reason=" Lamp light ", now=NOW + HOUR)
    task = tasks.get_task(db.session, actor=nurse, task_id=1)
    assert (task.closed_how, task.reason, task.closed_by, task.owner) == ("reason", "Lamp light", "Li Na", "Li Na")


def test_no_reason_no_closing() -> None:
    jaundice(enrol())
    nurse = hire()
    with pytest.raises(Invalid), transaction() as session:
        tasks.close_task(session, actor=nurse, task_id=1, reason="  ", now=NOW)
    assert len(listed()) == 1


def test_the_second_to_close_is_told() -> None:
    jaundice(enrol())
    nurse = hire()
    with transaction() as session:
        tasks.close_task(session, actor=nurse, task_id=1, reason="Done", now=NOW)
    with pytest.raises(Conflict), transaction() as session:
        tasks.close_task(session, actor=nurse, task_id=1, reason="Done", now=NOW)


def test_taking_a_task_makes_it_ones_own_and_is_in_the_trail() -> None:
    jaundice(enrol())
    nurse = hire()
    with transaction() as session:
        tasks.take_task(session, actor=nurse, task_id=1, now=NOW)
    assert listed()[0].owner == "Li Na"
    assert "task:take" in db.session.scalars(select(AuditEvent.action)).all()


def test_what_it_waited_for_closes_it() -> None:
    person = enrol()
    jaundice(person)
    with transaction() as session:
        from portal.domain.access import SYSTEM
        from portal.services import audit

        audit.begin(session, actor=SYSTEM, action="lab:enter", now=NOW, participant_id=person.id)
        assert tasks.settle_task(session, participant_id=person.id, kind=TaskKind.BILIRUBIN_WANTED, now=NOW) == 1
    assert listed() == ()
    assert db.session.scalars(select(Task.closed_how)).one() == "result"


def test_another_site_sees_and_touches_nothing() -> None:
    jaundice(enrol())
    stranger = hire("Wang Wei", sites=["XX"])
    assert tasks.list_open_tasks(db.session, actor=at_site("XX")) == ()
    with pytest.raises(NotFound), transaction() as session:
        tasks.take_task(session, actor=stranger, task_id=1, now=NOW)


def test_a_monitor_may_not_close() -> None:
    jaundice(enrol())
    monitor = hire("Mo", role=Role.MONITOR)
    with pytest.raises(NotAllowed), transaction() as session:
        tasks.close_task(session, actor=monitor, task_id=1, reason="x", now=NOW)


def test_somebody_born_on_29_february_is_of_age_on_1_march() -> None:
    assert birthday_at_age(date(2008, 2, 29), 18) == date(2026, 3, 1)
    assert birthday_at_age(date(2009, 5, 4), 18) == date(2027, 5, 4)
