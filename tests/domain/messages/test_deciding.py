"""Go, wait or stay."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from portal import protocols
from portal.domain.messages import (
    Defer,
    InboundMeaning,
    MessageFacts,
    MessageKind,
    MessageReason,
    Send,
    Suppress,
    decide_sending,
    read_meaning,
    within_cap,
)

REMINDERS = protocols.load_protocol().reminders
EVENING = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
NIGHT = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
FACTS = MessageFacts(kind=MessageKind.DIARY_REMINDER, zone=ZoneInfo("Asia/Shanghai"), phone="+8613800130001")


def test_a_text_with_nothing_against_it_goes() -> None:
    assert decide_sending(FACTS, now=EVENING, reminders=REMINDERS) == Send()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"wanted": False}, MessageReason.TEXTS_OFF),
        ({"in_study": False}, MessageReason.STATUS),
        ({"works_here": False}, MessageReason.INACTIVE),
        ({"phone": None}, MessageReason.NO_PHONE),
        ({"diary_sent": True}, MessageReason.DIARY_SENT),
        ({"date_holds": False}, MessageReason.DATE_CHANGED),
        ({"handed_over": (MessageKind.INFUSION_MORNING, MessageKind.INFUSION_EVENING)}, MessageReason.CAP),
    ],
)
def test_each_thing_against_it_is_named(change: dict[str, object], reason: MessageReason) -> None:
    facts = replace(FACTS, **change)  # type: ignore[arg-type]
    assert decide_sending(facts, now=EVENING, reminders=REMINDERS) == Suppress(reason)


def test_at_night_it_waits_for_the_morning() -> None:
    assert decide_sending(FACTS, now=NIGHT, reminders=REMINDERS) == Defer(datetime(2026, 11, 24, 0, 0, tzinfo=UTC))


def test_at_night_what_must_not_go_does_not_wait_either() -> None:
    assert decide_sending(replace(FACTS, wanted=False), now=NIGHT, reminders=REMINDERS) == Suppress(
        MessageReason.TEXTS_OFF
    )


def test_an_alert_to_staff_knows_no_night_and_no_limit() -> None:
    alert = replace(FACTS, kind=MessageKind.STAFF_ALERT, handed_over=(MessageKind.STAFF_ALERT,) * 9)
    assert decide_sending(alert, now=NIGHT, reminders=REMINDERS) == Send()


@pytest.mark.parametrize(
    ("kind", "gone", "ahead", "fits"),
    [
        (MessageKind.DIARY_REMINDER, [], [], True),
        (MessageKind.DIARY_REMINDER, [MessageKind.INFUSION_MORNING], [], True),
        (MessageKind.DIARY_REMINDER, [MessageKind.INFUSION_MORNING], [MessageKind.INFUSION_EVENING], False),
        (MessageKind.INFUSION_EVENING, [MessageKind.INFUSION_MORNING], [MessageKind.DIARY_REMINDER], True),
        (MessageKind.INFUSION_EVENING, [MessageKind.INFUSION_MORNING, MessageKind.DIARY_REMINDER], [], False),
        (MessageKind.DIARY_REMINDER, [MessageKind.STAFF_ALERT, MessageKind.STAFF_ALERT], [], True),
    ],
)
def test_two_a_day_and_the_infusion_comes_first(
    kind: MessageKind, gone: list[MessageKind], ahead: list[MessageKind], *, fits: bool
) -> None:
    assert within_cap(kind, handed_over=gone, still_planned=ahead, cap=2) is fits


@pytest.mark.parametrize(
    ("body", "meaning"),
    [
        ("STOP", InboundMeaning.STOP),
        (" Stop. ", InboundMeaning.STOP),
        ("退订", InboundMeaning.STOP),
        ("TD", InboundMeaning.STOP),
        ("unsubscribe", InboundMeaning.STOP),
        ("START", InboundMeaning.START),
        ("恢复", InboundMeaning.START),
        ("stop the pain", InboundMeaning.OTHER),
        ("", InboundMeaning.OTHER),
    ],
)
def test_only_the_bare_word_switches_texts(body: str, meaning: InboundMeaning) -> None:
    assert read_meaning(body) is meaning
