"""The provider down, the machine down, a row that cannot be read: nothing lost, nothing stale, no flood."""

import time
from datetime import UTC, date, datetime, timedelta
from datetime import time as wall
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import text

from portal.adapters.sms import Accepted, Retryable, Unknown
from portal.domain.messages import MessageReason, SendPace
from portal.extensions import db, transaction
from portal.models.messages import Message
from portal.services import messages
from tests.support.messages import SEVEN, TellingSender, change_accounts, ledger, only, plan, reachable, send
from tests.support.people import NOW

MINUTE = timedelta(minutes=1)


def every_half_minute(since: datetime, until: datetime) -> None:
    """Ticks of the clock, without waiting for it."""
    now = since
    while now < until:
        send(now)
        now += timedelta(seconds=30)


@pytest.mark.parametrize(
    "end", [Retryable(MessageReason.PROVIDER_BUSY, "unreachable"), Unknown("20503")], ids=["busy", "unknown"]
)
def test_half_an_hour_without_the_provider_loses_nothing(core: Flask, sender: TellingSender, end: object) -> None:
    for number in range(1, 6):
        reachable(number)
    plan()
    sender.answer, sender.listed = lambda _: end, None  # type: ignore[assignment, return-value]
    every_half_minute(SEVEN, SEVEN + 30 * MINUTE)
    tried = len(sender.sent)
    sender.answer, sender.listed = lambda number: Accepted(f"SM{number}", "queued"), ()
    every_half_minute(SEVEN + 30 * MINUTE, SEVEN + 60 * MINUTE)
    assert {row.state for row in ledger()} == {"sent"}
    assert (len(sender.sent) - tried, len({to for to, _ in sender.sent[tried:]})) == (5, 5)
    assert all(row.sent_at < row.expires_at for row in ledger() if row.sent_at)


def test_what_was_still_waiting_when_its_window_closed_is_not_sent(core: Flask, sender: TellingSender) -> None:
    change_accounts(reachable().id, reminder_at=wall(12, 0))
    plan()
    sender.answer = lambda _: Retryable(MessageReason.PROVIDER_BUSY, "unreachable")
    noon = NOW + timedelta(hours=2)
    every_half_minute(noon + timedelta(hours=4, minutes=45), noon + timedelta(hours=5, minutes=5))
    tried = len(sender.sent)
    sender.answer = lambda number: Accepted(f"SM{number}", "queued")
    send(noon + timedelta(hours=6))
    assert tried > 1
    assert (only().state, only().reason) == ("expired", "window-passed")
    assert not any("今天" in body for _, body in sender.sent[tried:])  # the nudge of that hour may go


def test_after_three_days_down_nothing_stale_goes_and_today_is_not_forgotten(
    core: Flask, sender: TellingSender
) -> None:
    for number in range(1, 21):
        reachable(number)
    plan()
    after = SEVEN + timedelta(days=3, minutes=5)
    plan(after)
    began = time.monotonic()
    send(after, pace=SendPace(threads=4, per_second=20))
    assert len(sender.sent) == 20
    assert time.monotonic() - began > (20 - 5) / 20 * 0.9  # no flood: so many a second, and a quarter saved up
    assert {(row.dedupe_key, row.state, row.reason) for row in ledger("diary-reminder")} == {
        ("2026-11-23", "expired", "window-passed"),
        ("2026-11-26", "sent", None),
        ("2026-11-27", "planned", None),
    }


def test_a_row_that_cannot_be_read_waits_and_holds_up_nobody(core: Flask, sender: TellingSender) -> None:
    poisoned, _ = reachable(1), reachable(2)
    plan()
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE account SET phone = :junk WHERE participant_id = :id"),
                           {"junk": b"junk", "id": poisoned.id})  # fmt: skip
    counts = send(SEVEN)
    assert (counts["broken"], counts["sent"]) == (1, 1)
    rows = {row.participant_id: row for row in ledger()}
    assert (rows[poisoned.id].state, rows[poisoned.id].reason) == ("planned", "internal")
    assert rows[poisoned.id].not_before_at >= SEVEN + timedelta(hours=1)


def test_without_a_receipt_sent_is_final_after_three_days_and_a_late_one_still_counts(
    core: Flask, sender: TellingSender
) -> None:
    reachable()
    plan()
    send(SEVEN)
    assert close(SEVEN + timedelta(hours=71)) == 0
    assert only().final_at is None
    assert (close(SEVEN + timedelta(hours=73)), close(SEVEN + timedelta(hours=73))) == (1, 0)
    assert (only().state, only().reason, only().final_at) == ("sent", "no-receipt", SEVEN + timedelta(hours=73))
    token = only().token
    with transaction() as session:
        messages.record_status(session, token=token, provider_id="SM1", status="delivered", error_code=None, now=NOW)
    assert (only().state, only().reason) == ("delivered", None)


def close(now: datetime) -> int:
    with transaction() as session:
        return messages.close_unreceipted(session, now=now)


ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/New_York", "Asia/Kathmandu")
CHANGEOVERS = (date(2027, 3, 28), date(2026, 10, 25), date(2027, 3, 14), date(2026, 11, 1))


@pytest.mark.parametrize("day", CHANGEOVERS, ids=str)
@pytest.mark.parametrize("at", [wall(8, 0), wall(19, 0)], ids=str)
def test_on_changeover_days_each_person_gets_one_reminder_at_the_right_local_hour(
    core: Flask, sender: TellingSender, day: date, at: wall
) -> None:
    """Planned all along the day before and the day itself; looked for a minute before, at and after each one's hour."""
    people = {}
    for number, zone in enumerate(ZONES, 1):
        person = reachable(number, timezone=zone, transplant_on=day - timedelta(days=30), enrolled_on=day)
        change_accounts(person.id, reminder_at=at)
        people[person.id] = ZoneInfo(zone)
    for now, due in ticks(people, day, at):
        plan(now)
        send(now)
        assert {row.participant_id for row in of(day) if row.state == "sent"} == due
    for row in of(day):
        assert row.sent_at is not None
        local = row.sent_at.astimezone(people[row.participant_id or 0])
        assert (local.date(), local.time().replace(second=0, microsecond=0)) == (day, at)
    assert len(of(day)) == len(people)


def ticks(people: dict[int, ZoneInfo], day: date, at: wall) -> list[tuple[datetime, set[int]]]:
    """Instants in order, each with those whose hour has come by then. Worked out apart from the portal's own code."""
    hours = {who: datetime.combine(day, at, tzinfo=zone).astimezone(UTC) for who, zone in people.items()}
    start = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=16)
    marks = [start, *(due + MINUTE * step for due in hours.values() for step in (-1, 0, 1))]
    return [(mark, {who for who, due in hours.items() if due <= mark}) for mark in sorted(marks)]


def of(day: date) -> list[Message]:
    return [row for row in ledger("diary-reminder") if row.dedupe_key == day.isoformat()]
