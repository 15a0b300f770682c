"""Whether somebody has to call now: every red answer, sent or not, until the ward has spoken with them about it."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from portal.domain.access import Actor
from portal.extensions import db, transaction
from portal.models.people import Participant
from portal.models.triage import Episode
from portal.services import diary, triage, watching
from tests.support.diaries import correct, hire, send
from tests.support.messages import reachable
from tests.support.people import NOW, TODAY, acting_for, enrol
from tests.support.statements import counted

pytestmark = pytest.mark.usefixtures("core")
HOUR = timedelta(hours=1)
PAIN = {"warning_signs": ("chest-pain",)}
BLISTERS = {"skin_change": True, "skin_areas": {"trunk-front": "some"}, "skin_itch": 1, "skin_blisters": True,
            "skin_peeling": False}  # fmt: skip


@pytest.fixture
def person() -> Participant:
    return enrol()


@pytest.fixture
def nurse() -> Actor:
    return hire()


def card(person: Participant, now: datetime) -> diary.CallNow | None:
    db.session.rollback()
    return diary.get_call_now(db.session, actor=acting_for(person), now=now)


def report(person: Participant, number: int, now: datetime, **answers: Any) -> int:
    return send(person, client_id=f"c-{number}", now=now, entered_at=now, **answers).diary_id


def act(nurse: Actor, verb: Any, now: datetime, organ: str = "general") -> None:
    with transaction() as session:
        found = session.scalars(select(Episode).where(Episode.organ == organ)).one()
        verb(session, actor=nurse, episode_id=found.id, version=found.version, now=now)


def fever(value: str) -> dict[str, Any]:
    return {"temperature_taken": True, "temperature": Decimal(value)}


def test_nothing_red_is_no_card(person: Participant) -> None:
    report(person, 1, NOW, **fever("37.8"))
    assert card(person, NOW) is None


def test_a_red_stays_until_somebody_has_spoken_and_a_claim_is_not_that(person: Participant, nurse: Actor) -> None:
    report(person, 1, NOW, **PAIN)
    shown = card(person, NOW + HOUR)
    assert shown
    assert (shown.since_at, shown.newest_at, shown.claimed_by_at, shown.breathing_first) == (NOW, NOW, None, True)
    assert [sign["msgid"] for sign in shown.signs] == ["Chest pain"]
    act(nurse, triage.claim_episode, NOW + HOUR)
    shown = card(person, NOW + HOUR)
    assert shown
    assert shown.claimed_by_at == NOW + 2 * HOUR
    act(nurse, triage.record_contact, NOW + 2 * HOUR)
    assert card(person, NOW + 2 * HOUR) is None


def test_no_time_that_is_over_is_promised(person: Participant, nurse: Actor) -> None:
    report(person, 1, NOW, **PAIN)
    act(nurse, triage.claim_episode, NOW + HOUR)
    shown = card(person, NOW + 2 * HOUR)
    assert shown
    assert shown.claimed_by_at is None


def test_a_claim_that_is_older_than_the_newest_red_is_not_shown(person: Participant, nurse: Actor) -> None:
    report(person, 1, NOW, **PAIN)
    act(nurse, triage.claim_episode, NOW + timedelta(minutes=1))
    report(person, 2, NOW + timedelta(minutes=2), **PAIN)
    shown = card(person, NOW + timedelta(minutes=3))
    assert shown
    assert (shown.newest_at, shown.claimed_by_at) == (NOW + timedelta(minutes=2), None)


def test_a_contact_answers_only_the_reds_that_it_names(person: Participant, nurse: Actor) -> None:
    report(person, 1, NOW, **PAIN, **BLISTERS)
    for verb in (triage.claim_episode, triage.record_contact):
        act(nurse, verb, NOW + HOUR, organ="skin")
    shown = card(person, NOW + HOUR)
    assert shown
    assert [sign["msgid"] for sign in shown.signs] == ["Chest pain"]
    assert shown.claimed_by_at is None


@pytest.mark.parametrize(
    ("hours", "again", "short"),
    [
        (11, fever("38.4"), True),
        (11, fever("38.2"), True),
        (12, fever("38.4"), True),
        (13, fever("38.4"), False),
        (11, fever("38.5"), False),
        (11, {**fever("38.4"), **PAIN}, False),
        (11, PAIN, False),
    ],
)
def test_the_same_sign_not_worse_soon_after_a_contact_has_the_short_card(
    person: Participant, nurse: Actor, hours: int, again: dict[str, Any], short: bool
) -> None:
    report(person, 1, NOW, **fever("38.4"))
    contact = NOW + HOUR
    for verb in (triage.claim_episode, triage.record_contact):
        act(nurse, verb, contact)
    report(person, 2, contact + hours * HOUR, **again)
    shown = card(person, contact + hours * HOUR)
    assert shown
    assert shown.short_since_contact_at == (contact if short else None)


def test_an_unsent_red_counts_from_its_answer(person: Participant) -> None:
    with transaction() as session:
        diary.save_draft_page(session, actor=acting_for(person), diary_on=TODAY, client_id="c-1", page="how-you-are",
                              raw={"warning-signs": ["chest-pain"]}, now=NOW)  # fmt: skip
    shown = card(person, NOW)
    assert shown
    assert shown.since_at == NOW
    report(person, 1, NOW + HOUR, **PAIN)
    shown = card(person, NOW + HOUR)
    assert shown
    assert (shown.since_at, len(shown.signs)) == (NOW, 1)


def test_a_red_that_a_correction_took_away_is_still_talked_about(person: Participant) -> None:
    correct(person, report(person, 1, NOW, **PAIN))
    assert card(person, NOW + 3 * HOUR)


def test_missed_diaries_are_nothing_to_call_about() -> None:
    person = reachable()
    watching.judge_missed_diaries(transaction, now=NOW + 4 * timedelta(days=1))
    assert "red" in db.session.scalars(select(Episode.severity)).all()
    assert card(person, NOW + 4 * timedelta(days=1)) is None


def test_it_is_one_statement(person: Participant) -> None:
    report(person, 1, NOW, **PAIN, **BLISTERS)
    actor = acting_for(person)
    with counted() as statements:
        diary.get_call_now(db.session, actor=actor, now=NOW)
        assert statements() == 1


def test_nobody_is_told_of_another(person: Participant) -> None:
    report(person, 1, NOW, **PAIN)
    assert card(enrol(2), NOW) is None
