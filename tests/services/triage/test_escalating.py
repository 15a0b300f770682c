"""Down the rota when nobody looks, each step once, weekends included."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from portal.domain.access import SYSTEM, Actor, Role
from portal.extensions import db, transaction
from portal.models.messages import Message
from portal.models.people import Participant, Staff
from portal.models.rota import Escalation
from portal.services import audit, rota, triage
from tests.support.diaries import flag, hire, red, report
from tests.support.people import NOW, at_site, enrol

pytestmark = pytest.mark.usefixtures("core")
SATURDAY = NOW + timedelta(days=5)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def team() -> list[Actor]:
    """First, second and principal, named for this week."""
    people = [hire("First"), hire("Second"), hire("Pi", role=Role.INVESTIGATOR)]
    duty = rota.Duty(*(int(person.id or 0) for person in people))
    with transaction() as session:
        rota.set_week(session, actor=people[0], site="RJ", monday_on=rota.current_week(NOW), duty=duty, now=NOW)
    return people


def escalate(now: datetime) -> int:
    return triage.escalate_episodes(transaction, now=now)


def told() -> list[int | None]:
    db.session.rollback()
    return list(db.session.scalars(select(Message.staff_id).order_by(Message.id)))


def alert(person: Participant, at: datetime) -> None:
    raised = report(person, [red()], now=at)

    with transaction() as session:
        audit.begin(session, actor=SYSTEM, action="test:alert", now=at)
        triage.alert_reds(session, raised=raised, participant=session.get_one(Participant, person.id), now=at)


def test_a_red_on_a_saturday_goes_to_first_second_and_principal_each_once(team: list[Actor]) -> None:
    alert(enrol(), SATURDAY)
    moments = [59, 60, 61, 119, 120, 121, 60 * 48]
    steps = [escalate(SATURDAY + minutes * MINUTE) for minutes in moments]
    assert steps == [0, 1, 0, 0, 1, 0, 0]
    assert told() == [person.id for person in team]


def test_a_claimed_episode_goes_no_further(team: list[Actor]) -> None:
    alert(enrol(), SATURDAY)
    with transaction() as session:
        triage.claim_episode(session, actor=team[0], episode_id=1, version=1, now=SATURDAY)
    assert escalate(SATURDAY + timedelta(hours=3)) == 0


def test_an_amber_is_told_to_the_first_only_when_its_clock_has_run_out(team: list[Actor]) -> None:
    report(enrol(), [flag()])
    assert [escalate(NOW + timedelta(hours=22)), told()] == [0, []]
    assert [escalate(NOW + timedelta(hours=24)), escalate(NOW + timedelta(hours=72))] == [1, 0]
    assert told() == [team[0].id]


def test_without_a_rota_every_coordinator_is_told_and_in_the_end_investigator_and_administrator() -> None:
    nurses = [hire("One"), hire("Two")]
    above = [hire("Pi", role=Role.INVESTIGATOR), hire("Admin", role=Role.ADMINISTRATOR)]
    hire("Elsewhere", role=Role.ADMINISTRATOR, sites=["SH"])
    alert(enrol(), SATURDAY)
    escalate(SATURDAY + timedelta(hours=2))
    assert told() == [*(nurse.id for nurse in nurses), *(nurse.id for nurse in nurses), *(one.id for one in above)]
    assert db.session.scalars(select(Escalation.step).order_by(Escalation.id)).all() == ["second", "principal"]


def test_a_week_without_names_is_uncovered(team: list[Actor]) -> None:
    assert rota.list_uncovered_sites(db.session, actor=at_site("RJ"), now=NOW) == ()
    assert rota.list_uncovered_sites(db.session, actor=at_site("RJ"), now=NOW + timedelta(days=7)) == ("RJ",)


def test_a_week_is_uncovered_when_somebody_named_has_left(team: list[Actor]) -> None:
    assert rota.list_uncovered_sites(db.session, actor=at_site("RJ"), now=NOW) == ()
    with transaction() as session:
        audit.begin(session, actor=SYSTEM, action="staff:end", now=NOW)
        session.get_one(Staff, team[1].id).active = False
    assert rota.list_uncovered_sites(db.session, actor=at_site("RJ"), now=NOW) == ("RJ",)
    assert rota.find_duty(db.session, site="RJ", now=NOW) is None
