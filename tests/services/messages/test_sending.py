from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from portal.adapters.sms import Accepted, ListedMessage, Rejected, Retryable, Unknown
from portal.domain.access import SYSTEM
from portal.domain.messages import MessageReason, SendPace
from portal.extensions import db, transaction
from portal.models.infusions import Infusion
from portal.models.people import Participant
from portal.services import audit
from tests.support.messages import (
    SEVEN,
    TellingSender,
    add_all,
    alert,
    change_accounts,
    change_row,
    coordinator,
    diary_row,
    infusion_row,
    ledger,
    only,
    plan,
    reachable,
    send,
)
from tests.support.people import NOW

MINUTE = timedelta(minutes=1)


def test_a_due_text_is_handed_over_once(core: Flask, sender: TellingSender) -> None:
    reachable()
    plan()
    send(SEVEN)
    send(SEVEN + MINUTE)
    assert sender.sent == [("+8613800130001", "您好，请您方便时登录平台，完成今天的记录，约需2分钟。谢谢！")]
    row = only()
    assert (row.state, row.provider_id, row.provider_status) == ("sent", "SM1", "queued")
    assert (row.phone, row.destination) == ("+8613800130001", "86")


def test_the_callback_url_carries_the_rows_own_token(core: Flask, sender: TellingSender) -> None:
    reachable()
    plan()
    send(SEVEN)
    assert sender.urls == [f"http://here/status?token={only().token}"]


def test_no_connection_is_held_while_the_provider_is_called(core: Flask, sender: TellingSender) -> None:
    held: list[int] = []
    pool = db.engine.pool

    def look(number: int) -> Accepted:
        held.append(pool.checkedout())  # type: ignore[attr-defined]
        return Accepted(f"SM{number}", "queued")

    sender.answer = look
    reachable()
    plan()
    send(SEVEN, pace=SendPace(threads=1))
    assert held == [0]


def test_nothing_goes_before_its_time(core: Flask, sender: TellingSender) -> None:
    reachable()
    plan()
    send(SEVEN - MINUTE)
    assert (only().state, sender.sent) == ("planned", [])


def test_what_is_stale_expires_with_its_reason(core: Flask, sender: TellingSender) -> None:
    reachable()
    plan()
    send(SEVEN + timedelta(hours=6))
    assert (only().state, only().reason, sender.sent) == ("expired", "window-passed", [])


def test_more_texts_than_threads_all_go(core: Flask, sender: TellingSender) -> None:
    for number in range(1, 12):
        reachable(number)
    plan()
    assert send(SEVEN)["sent"] == 11
    assert len(set(sender.sent)) == 11


def test_a_stopped_worker_claims_nothing_more(core: Flask, sender: TellingSender) -> None:
    reachable()
    plan()
    send(SEVEN, stop=lambda: True)
    assert (only().state, sender.sent) == ("planned", [])


@pytest.mark.parametrize(
    ("change", "reason"),
    [({"reminders_on": False}, "texts-off"), ({"phone": None}, "no-phone")],
    ids=["off", "no-phone"],
)
def test_a_change_after_planning_is_seen_before_the_call(
    core: Flask, sender: TellingSender, change: dict[str, object], reason: str
) -> None:
    person = reachable()
    plan()
    change_accounts(person.id, **change)
    send(SEVEN)
    assert (only().state, only().reason, only().attempts, sender.sent) == ("suppressed", reason, 0, [])


@pytest.mark.parametrize("status", ["paused", "withdrawn", "died"])
def test_nobody_who_has_left_the_study_is_texted(core: Flask, sender: TellingSender, status: str) -> None:
    person = reachable()
    plan()
    with transaction() as session:
        audit.begin(session, actor=SYSTEM, action="test:leave", now=NOW)
        session.get_one(Participant, person.id).status = status
    send(SEVEN)
    assert (only().reason, sender.sent) == ("status", [])


def test_the_text_goes_to_the_new_number(core: Flask, sender: TellingSender) -> None:
    person = reachable()
    plan()
    change_accounts(person.id, phone="+8613900139999")
    send(SEVEN)
    assert sender.sent[0][0] == "+8613900139999"


def test_a_diary_that_is_there_needs_no_reminder(core: Flask, sender: TellingSender) -> None:
    person = reachable()
    plan()
    add_all(diary_row(person))
    send(SEVEN)
    assert (only().reason, sender.sent) == ("diary-sent", [])


def test_an_infusion_moved_behind_our_back_is_not_announced(core: Flask, sender: TellingSender) -> None:
    person = reachable(day=5)
    moving = infusion_row(person.id, datetime(2026, 11, 24, 1, 30, tzinfo=UTC))
    add_all(moving)
    plan()
    with transaction() as session:
        audit.begin(session, actor=SYSTEM, action="test:move", now=NOW)
        session.get_one(Infusion, moving.id).planned_at += timedelta(days=1)
    send(SEVEN)
    assert [row.reason for row in ledger("infusion-evening")] == ["date-changed"]


def test_an_announcement_names_day_and_hour_and_nothing_else(core: Flask, sender: TellingSender) -> None:
    person = reachable(day=5)
    change_accounts(person.id, language="en")
    add_all(infusion_row(person.id, datetime(2026, 11, 24, 1, 30, tzinfo=UTC)))
    plan()
    send(SEVEN)
    assert sender.sent[0][1] == (
        "Hello. You have an appointment tomorrow, Tue 24 Nov, at 09:30. Details are in your portal."
    )


def test_quiet_hours_put_off_and_do_not_drop(core: Flask, sender: TellingSender) -> None:
    person = reachable(day=5)
    add_all(infusion_row(person.id, datetime(2026, 11, 24, 5, 30, tzinfo=UTC)))
    plan()
    change_row(not_before_at=SEVEN)
    at_ten = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
    send(at_ten)
    morning = ledger("infusion-morning")[0]
    assert (morning.state, morning.attempts) == ("planned", 0)
    assert morning.not_before_at == datetime(2026, 11, 24, 0, 0, tzinfo=UTC)
    send(morning.not_before_at)
    assert sorted(row.state for row in ledger()) == ["expired", "sent"]


def test_the_days_limit_gives_way_by_priority(
    core: Flask, sender: TellingSender, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = reachable()
    add_all(
        infusion_row(person.id, datetime(2026, 11, 23, 4, 0, tzinfo=UTC)),
        infusion_row(person.id, datetime(2026, 11, 24, 1, 30, tzinfo=UTC), number=2),
    )
    plan()
    send(NOW)
    send(SEVEN)
    states = {row.kind: (row.state, row.reason) for row in ledger()}
    assert states["diary-reminder"] == ("suppressed", "cap")
    assert states["infusion-evening"] == ("sent", None)


def test_an_alert_reaches_each_coordinator_of_the_site_at_night(core: Flask, sender: TellingSender) -> None:
    person = reachable(day=5)
    coordinator(1)
    coordinator(2, language="en")
    coordinator(3, sites=["XX"])
    coordinator(4, active=False)
    night = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
    assert (alert(person.id, night), alert(person.id, night)) == (2, 0)
    send(night)
    assert sorted(body for _, body in sender.sent) == [
        "An urgent task (no. 7-1) is waiting in the portal. Please sign in now.",
        "您好，平台有一项紧急待办（编号7-1），请您立即登录处理。",
    ]


def test_an_alert_goes_before_reminders_that_wait_longer(core: Flask, sender: TellingSender) -> None:
    coordinator()
    people = [reachable(number) for number in range(1, 6)]
    plan()
    alert(people[0].id, SEVEN + MINUTE)
    send(SEVEN + MINUTE, pace=SendPace(threads=1))
    assert "7-1" in sender.sent[0][1]


def test_a_coordinator_without_a_phone_leaves_a_visible_gap(core: Flask, sender: TellingSender) -> None:
    person = reachable(day=5)
    coordinator(phone=None)
    assert alert(person.id) == 1
    assert (only().state, only().reason) == ("suppressed", "no-phone")


def test_a_refusal_ends_the_text_with_its_code(core: Flask, sender: TellingSender) -> None:
    sender.answer = lambda _: Rejected(MessageReason.NOT_A_MOBILE, "21614")
    reachable()
    plan()
    send(SEVEN)
    send(SEVEN + timedelta(hours=1))
    assert (only().state, only().reason, only().error_code, len(sender.sent)) == ("failed", "not-a-mobile", "21614", 1)


def test_a_busy_provider_is_asked_again_after_a_while(core: Flask, sender: TellingSender) -> None:
    answers = iter([Retryable(MessageReason.PROVIDER_BUSY, "20429"), Accepted("SM2", "queued")])
    sender.answer = lambda _: next(answers)
    reachable()
    plan()
    send(SEVEN)
    waiting = only()
    assert (waiting.state, waiting.error_code) == ("planned", "20429")
    assert timedelta(seconds=10) < waiting.not_before_at - SEVEN < timedelta(minutes=1)
    send(SEVEN + MINUTE)
    assert (only().state, only().reason, only().attempts) == ("sent", None, 2)


def test_no_answer_is_not_a_reason_to_send_again(core: Flask, sender: TellingSender) -> None:
    sender.answer = lambda _: Unknown("no-answer")
    reachable()
    plan()
    send(SEVEN)
    send(SEVEN + timedelta(seconds=5))
    assert (only().state, len(sender.sent)) == ("claimed", 1)


def test_a_text_of_a_dead_worker_is_looked_for_at_the_provider(core: Flask, sender: TellingSender) -> None:
    sender.answer = lambda _: Unknown("no-answer")
    reachable()
    plan()
    send(SEVEN)
    sender.listed = (ListedMessage("SM99", "delivered", None, SEVEN),)
    counts = send(SEVEN + MINUTE)
    assert counts["adopted"] == 1
    assert (only().state, only().provider_id, len(sender.sent)) == ("delivered", "SM99", 1)


def test_a_text_that_is_not_there_is_sent_again(core: Flask, sender: TellingSender) -> None:
    answers = iter([Unknown("no-answer"), Accepted("SM2", "queued")])
    sender.answer = lambda _: next(answers)
    reachable()
    plan()
    send(SEVEN)
    send(SEVEN + MINUTE)
    assert (only().state, only().provider_id, len(sender.sent)) == ("sent", "SM2", 2)


def test_a_text_of_another_row_is_not_taken_for_this_one(core: Flask, sender: TellingSender) -> None:
    coordinator()
    person = reachable(day=5)
    alert(person.id, number=1)
    send(NOW)
    alert(person.id, number=2)
    sender.answer = lambda _: Unknown("no-answer")
    send(NOW)
    sender.listed = (ListedMessage("SM1", "sent", None, NOW),)
    sender.answer = lambda _: Accepted("SM3", "queued")
    send(NOW + MINUTE)
    assert [row.provider_id for row in ledger()] == ["SM1", "SM3"]


def test_while_the_list_cannot_be_read_nothing_is_sent(core: Flask, sender: TellingSender) -> None:
    sender.answer, sender.listed = lambda _: Unknown("no-answer"), None
    reachable()
    plan()
    send(SEVEN)
    send(SEVEN + MINUTE)
    assert (only().state, len(sender.sent)) == ("claimed", 1)


def test_a_lost_text_is_not_sent_after_its_window(core: Flask, sender: TellingSender) -> None:
    sender.answer = lambda _: Unknown("no-answer")
    reachable()
    plan()
    send(SEVEN)
    send(SEVEN + timedelta(hours=6))
    assert (only().state, only().reason, len(sender.sent)) == ("expired", "window-passed", 1)


def test_an_unforeseen_error_in_the_call_is_unknown_and_not_the_end_of_the_others(
    core: Flask, sender: TellingSender
) -> None:
    def fail_once(number: int) -> Accepted:
        if number == 1:
            raise KeyError("surprise")
        return Accepted(f"SM{number}", "queued")

    sender.answer = fail_once
    reachable(1)
    reachable(2)
    plan()
    send(SEVEN)
    assert sorted(row.state for row in ledger()) == ["claimed", "sent"]
