from datetime import UTC, datetime, time, timedelta

import pytest
from flask import Flask

from portal.domain.access import SYSTEM
from portal.extensions import transaction
from portal.models.infusions import Infusion
from portal.services import audit, messages
from tests.support.messages import SEVEN, add_all, change_accounts, infusion_row, ledger, only, plan, reachable, replan
from tests.support.people import NOW, TODAY


def test_the_reminder_is_due_at_the_persons_hour(core: Flask) -> None:
    reachable()
    plan()
    row = only()
    assert (row.kind, row.dedupe_key, row.state, row.not_before_at) == (
        "diary-reminder",
        "2026-11-23",
        "planned",
        SEVEN,
    )


def test_it_is_stale_at_midnight_or_after_five_hours(core: Flask) -> None:
    reachable(1)
    person = reachable(2)
    change_accounts(person.id, reminder_at=time(12, 0))
    plan()
    assert [row.expires_at - row.not_before_at for row in ledger()] == [timedelta(hours=5)] * 2


def test_planning_again_adds_nothing(core: Flask) -> None:
    reachable()
    assert (plan() > 0, plan(), plan(NOW + timedelta(minutes=1))) == (True, 0, 0)


def test_each_token_is_its_own(core: Flask) -> None:
    for number in (1, 2, 3):
        reachable(number)
    plan()
    assert len({row.token for row in ledger()}) == 3
    assert {len(row.token) for row in ledger()} == {32}


def test_tomorrows_is_planned_as_soon_as_it_is_a_day_away(core: Flask) -> None:
    reachable()
    plan()
    plan(SEVEN + timedelta(minutes=1))
    assert ledger()[-1].dedupe_key == "2026-11-24"


def test_who_was_not_reminded_while_the_machine_was_down_is_reminded_within_the_window(core: Flask) -> None:
    reachable()
    plan(SEVEN + timedelta(hours=3))
    assert sorted(row.dedupe_key for row in ledger()) == ["2026-11-23", "2026-11-24"]


@pytest.mark.parametrize(
    "change",
    [{"reminders_on": False}, {"phone": None}, {"activated_at": None}],
    ids=["texts-off", "no-phone", "no-card"],
)
def test_who_cannot_or_will_not_be_texted_gets_no_row(core: Flask, change: dict[str, object]) -> None:
    person = reachable()
    change_accounts(person.id, **change)
    assert plan() == 0


@pytest.mark.parametrize(("day", "rows"), [(5, 0), (6, 0), (7, 1), (100, 1), (101, 0)])
def test_reminders_follow_the_days_of_the_diary(core: Flask, day: int, rows: int) -> None:
    reachable(day=day)
    plan()
    assert len(ledger("diary-reminder")) == rows


def test_each_time_zone_has_its_own_hour(core: Flask) -> None:
    reachable(1, timezone="Asia/Kathmandu")
    plan()
    assert only().not_before_at == datetime(2026, 11, 23, 13, 15, tzinfo=UTC)


def test_an_infusion_is_announced_the_evening_before_and_that_morning(core: Flask) -> None:
    person = reachable(day=5)
    at = datetime(2026, 11, 24, 1, 30, tzinfo=UTC)  # Tuesday 09:30 in Shanghai
    add_all(infusion_row(person.id, at))
    plan()
    assert [(row.kind, row.not_before_at, row.dedupe_key) for row in sorted(ledger(), key=lambda row: row.kind)] == [
        ("infusion-evening", datetime(2026, 11, 23, 10, 0, tzinfo=UTC), "1:2026-11-24T01:30Z"),
        ("infusion-morning", datetime(2026, 11, 24, 0, 0, tzinfo=UTC), "1:2026-11-24T01:30Z"),
    ]


@pytest.mark.parametrize("state", ["held", "missed", "cancelled", "given"])
def test_an_infusion_that_is_not_ahead_is_not_announced(core: Flask, state: str) -> None:
    person = reachable(day=5)
    add_all(infusion_row(person.id, NOW + timedelta(days=1), state=state))
    assert plan() == 0


def test_a_moved_infusion_takes_its_texts_with_it(core: Flask) -> None:
    person = reachable(day=5)
    moving = infusion_row(person.id, NOW + timedelta(hours=23))
    add_all(moving)
    plan()
    with transaction() as session:
        audit.begin(session, actor=SYSTEM, action="infusion:move", now=NOW)
        session.get_one(Infusion, moving.id).planned_at = NOW + timedelta(hours=24)
        messages.replan_reminders(session, participant_id=person.id, now=NOW)
    assert [(row.state, row.reason) for row in ledger()] == [("suppressed", "date-changed")] * 2 + [
        ("planned", None)
    ] * 2


def test_another_hour_moves_the_reminder_and_does_not_double_it(core: Flask) -> None:
    person = reachable()
    plan()
    change_accounts(person.id, reminder_at=time(20, 0))
    replan(person.id)
    assert (only().state, only().not_before_at) == ("planned", SEVEN + timedelta(hours=1))


def test_another_language_changes_the_words_to_come(core: Flask) -> None:
    person = reachable()
    plan()
    change_accounts(person.id, language="en")
    replan(person.id)
    assert only().language == "en"


def test_texts_switched_off_and_on_again_leave_one_reminder(core: Flask) -> None:
    person = reachable()
    plan()
    change_accounts(person.id, reminders_on=False)
    replan(person.id)
    assert (only().state, only().reason) == ("suppressed", "texts-off")
    change_accounts(person.id, reminders_on=True)
    replan(person.id)
    assert (only().state, only().reason, only().final_at) == ("planned", None, None)


def test_a_diary_cancels_its_reminder_for_good(core: Flask) -> None:
    person = reachable()
    plan()
    with transaction() as session:
        audit.begin(session, actor=SYSTEM, action="diary:submit", now=NOW)
        assert messages.cancel_diary_reminder(session, participant_id=person.id, diary_on=TODAY, now=NOW) == 2
    replan(person.id)
    assert (only().state, only().reason) == ("suppressed", "diary-sent")
