"""Down the rota over a whole weekend in a few seconds: two processes, one of them killed; each step exactly once."""

import signal
import sys
import time
from collections import Counter
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from portal.domain.access import SYSTEM, Role
from portal.extensions import db, transaction
from portal.models.messages import Message
from portal.models.people import Participant
from portal.models.rota import Escalation
from portal.services import audit, rota, triage
from tests.support.diaries import flag, hire, red, report
from tests.support.jobs.escalating import moved_now
from tests.support.jobs.processes import Start, wait_until
from tests.support.people import NOW, enrol

CLOCK = [sys.executable, "-m", "tests.support.jobs.escalating"]
SATURDAY = NOW + timedelta(days=5)
MONDAY_EVENING = SATURDAY + timedelta(days=2, hours=9)
FASTER = 40_000  # two days in five seconds
REDS, AMBERS = 20, 3


@pytest.fixture
def weekend() -> list[int]:
    """Reds and ambers of a Saturday that nobody claims; the rota's three people, first to last."""
    people = [hire("First"), hire("Second"), hire("Pi", role=Role.INVESTIGATOR)]
    duty = rota.Duty(*(int(one.id or 0) for one in people))
    for weeks in range(20):  # on a slow machine the fast clock has gone on for weeks before the last step is taken
        with transaction() as session:
            monday = rota.current_week(NOW) + timedelta(weeks=weeks)
            rota.set_week(session, actor=people[0], site="RJ", monday_on=monday, duty=duty, now=NOW)
    for number in range(1, REDS + AMBERS + 1):
        raise_one(enrol(number), SATURDAY, urgent=number <= REDS)
    return [int(one.id or 0) for one in people]


def raise_one(person: Participant, at: datetime, *, urgent: bool) -> None:
    raised = report(person, [red() if urgent else flag()], now=at)
    with transaction() as session:
        audit.begin(session, actor=SYSTEM, action="test:alert", now=at)
        triage.alert_reds(session, raised=raised, participant=session.get_one(Participant, person.id), now=at)


def steps() -> list[tuple[int, str]]:
    db.session.rollback()
    return [(row.episode_id, row.step) for row in db.session.scalars(select(Escalation))]


def test_each_step_of_a_weekend_is_taken_once_whoever_dies(
    core: Flask, weekend: list[int], start: Start, environment: dict[str, str]
) -> None:
    setting = environment["FAST_CLOCK"] = f"{SATURDAY.isoformat()},{time.time() + 3},{FASTER}"
    first, _second = start(CLOCK), start(CLOCK)
    wait_until(lambda: len(steps()) >= 3)
    first.kill()
    assert first.wait() == -signal.SIGKILL
    assert not complete()
    start(CLOCK)
    wait_until(lambda: moved_now(setting) > MONDAY_EVENING)
    wait_until(complete)
    taken = Counter(steps())
    assert set(taken.values()) == {1}
    assert Counter(step for _, step in taken) == {"second": REDS, "principal": REDS, "first": AMBERS}
    assert texts() == dict(zip(weekend, (REDS + AMBERS, REDS, REDS), strict=True))


def complete() -> bool:
    return len(steps()) >= 2 * REDS + AMBERS


def texts() -> dict[int | None, int]:
    """By member of staff how many texts; none of them twice about the same."""
    rows = db.session.execute(select(Message.staff_id, Message.dedupe_key, Message.kind)).all()
    assert len(rows) == len(set(rows))
    return dict(Counter(staff_id for staff_id, _, _ in rows))
