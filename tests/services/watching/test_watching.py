"""Silence is judged once a day and participant; other tasks are opened by what the rows say."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from portal import protocols
from portal.domain.access import SYSTEM, Role
from portal.domain.alert_rules import Severity
from portal.extensions import db, transaction
from portal.models.infusions import Infusion
from portal.models.messages import Message
from portal.models.missed_diaries import MissedDiary
from portal.models.people import Participant
from portal.models.tasks import Task
from portal.models.triage import Episode, Flag
from portal.services import audit, enrolment, watching
from tests.support.diaries import flag, hire, report
from tests.support.people import NOW, TODAY, enrol, new_participant

pytestmark = pytest.mark.usefixtures("core")
DAY = timedelta(days=1)


def watch(now: datetime = NOW) -> int:
    return watching.judge_missed_diaries(transaction, now=now)


def sent(person: Participant, on: date, severity: Severity | None = None) -> None:
    flags = [flag(severity=severity)] if severity else []
    report(person, flags, on=on, now=NOW - (TODAY - on))


def late(**changes: object) -> Participant:
    """Enrolled two days ago: the diaries of Saturday and Sunday were the first."""
    return enrol(enrolled_on=TODAY - 2 * DAY, **changes)


def kinds() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(Task.kind).order_by(Task.id)))


def noon(days: int = 0) -> datetime:
    return NOW + days * DAY + timedelta(hours=5)


def test_a_missed_day_is_judged_once_whoever_asks() -> None:
    late()
    assert [watch(noon()), watch(noon()), watch(noon())] == [2, 0, 0]
    assert db.session.scalar(select(func.count()).select_from(MissedDiary)) == 2


def test_a_day_that_can_still_be_late_is_not_missed() -> None:
    person = late()
    sent(person, TODAY - 2 * DAY)
    before_late_until = datetime.combine(TODAY, protocols.load_protocol().diary.late_until, NOW.tzinfo) - timedelta(
        hours=9
    )
    assert watch(before_late_until) == 0
    assert watch(noon()) == 1


def test_one_missed_diary_without_cause_is_listed_and_nothing_else() -> None:
    sent(late(), TODAY - 2 * DAY)
    watch(noon())
    assert (kinds(), db.session.scalars(select(Flag.rule_id)).all()) == ([], [])


def test_two_missed_in_a_row_open_a_call() -> None:
    late()
    watch(noon())
    assert kinds() == ["call-no-diary"]


def test_three_missed_in_a_row_are_red_and_staff_are_told() -> None:
    hire()
    late()
    watch(noon())
    watch(noon(1))
    episode = db.session.scalars(select(Episode)).one()
    assert (episode.organ, episode.severity, kinds()) == ("general", "red", ["call-no-diary"])
    assert db.session.scalars(select(Message.kind)).all() == ["staff-alert"]


def test_a_missed_diary_after_an_amber_is_amber() -> None:
    sent(late(), TODAY - 2 * DAY, Severity.AMBER)
    watch(noon())
    found = db.session.execute(select(Flag.rule_id, Flag.severity, Flag.diary_id).where(Flag.diary_id.is_(None))).all()
    assert [tuple(row) for row in found] == [("missed-after-flag", "amber", None)]


def test_a_missed_diary_soon_after_an_infusion_is_amber() -> None:
    person = late()
    sent(person, TODAY - 2 * DAY)
    with transaction() as session:
        audit.begin(session, actor=SYSTEM, action="infusion:given", now=NOW)
        given_at = NOW - DAY
        session.add(
            Infusion(participant_id=person.id, number=90, planned_at=given_at, original_at=given_at, state="given",
                     started_at=given_at, protocol_version="1.0")
        )  # fmt: skip
    watch(noon())
    assert db.session.scalars(select(Flag.rule_id)).all() == ["missed-after-infusion"]


@pytest.mark.parametrize("changes", [{"status": "withdrawn"}, {"transplant_on": TODAY - 200 * DAY}])
def test_nobody_who_owes_no_diary_is_judged(changes: dict[str, object]) -> None:
    person = late()
    with transaction() as session:
        audit.begin(session, actor=SYSTEM, action="test", now=NOW)
        session.execute(update(Participant).where(Participant.id == person.id).values(**changes))
    assert watch(noon()) == 0


def test_a_failed_text_opens_a_task_once_and_again_only_for_a_newer_one() -> None:
    person = enrol()
    fail(person, 1)
    assert [unreachable(), unreachable()] == [1, 0]
    with transaction() as session:
        audit.begin(session, actor=SYSTEM, action="test", now=NOW)
        session.get_one(Task, 1).closed_at = NOW + timedelta(hours=1)
    assert unreachable() == 0
    fail(person, 2, at=NOW + timedelta(hours=2))
    assert unreachable() == 1


def fail(person: Participant, number: int, *, at: datetime = NOW) -> None:
    account_id = person.accounts[0].id
    with transaction() as session:
        audit.begin(session, actor=SYSTEM, action="message:send", now=at)
        session.add(
            Message(participant_id=person.id, account_id=account_id, recipient=f"account:{account_id}",
                    kind="diary-reminder", dedupe_key=f"2026-01-0{number}", token=f"token{number}", template_version=1,
                    language="en", state="failed", reason="unreachable", not_before_at=at, expires_at=at,
                    created_at=at, final_at=at)
        )  # fmt: skip


def unreachable() -> int:
    with transaction() as session:
        return watching.open_unreachable_tasks(session, now=NOW)


@pytest.mark.parametrize(("born_on", "opened"), [(date(2008, 12, 7), 1), (date(2008, 12, 8), 0)])
def test_a_minor_is_asked_again_at_18_from_two_weeks_before(born_on: date, opened: int) -> None:
    guardian = enrolment.NewAccount(
        role=Role.GUARDIAN, name="王母", phone="+8613800130099", language="zh-CN",
        reminder_at=new_participant().accounts[0].reminder_at,
    )  # fmt: skip
    enrol(born_on=born_on, accounts=(*new_participant().accounts, guardian))
    with transaction() as session:
        assert watching.open_reconsent_tasks(session, now=NOW) == opened
    with transaction() as session:
        assert watching.open_reconsent_tasks(session, now=NOW) == 0


def test_every_assumption_of_the_protocol_is_a_task_once() -> None:
    with transaction() as session:
        assert watching.open_assumption_tasks(session, now=NOW) == len(protocols.load_protocol().assumptions) > 0
    with transaction() as session:
        assert watching.open_assumption_tasks(session, now=NOW) == 0
    assert set(kinds()) == {"assumption"}
