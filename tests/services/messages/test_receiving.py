from datetime import timedelta
from itertools import permutations

import pytest
from flask import Flask

from portal.adapters.sms import Unknown
from portal.services import messages
from tests.support.messages import PHONE, SEVEN, TellingSender, ledger, only, plan, reachable, receipt, receive, send


@pytest.mark.parametrize("order", list(permutations(["sent", "delivered", "sending"])))
def test_receipts_in_any_order_end_in_delivered(core: Flask, sender: TellingSender, order: tuple[str, ...]) -> None:
    reachable()
    plan()
    send(SEVEN)
    for status in order:
        receipt(status)
    assert (only().state, only().provider_status) == ("delivered", "delivered")


def test_an_undelivered_text_says_why(core: Flask, sender: TellingSender) -> None:
    reachable()
    plan()
    send(SEVEN)
    receipt("undelivered", "30005")
    receipt("sent")
    assert (only().state, only().reason, only().error_code) == ("failed", "unreachable", "30005")


def test_a_receipt_before_our_own_record_settles_the_row(core: Flask, sender: TellingSender) -> None:
    sender.answer = lambda _: Unknown("no-answer")
    reachable()
    plan()
    send(SEVEN)
    receipt("delivered")
    assert send(SEVEN + timedelta(minutes=1)) == {}
    assert (only().state, only().provider_id, len(sender.sent)) == ("delivered", "SM1", 1)


def test_a_receipt_for_somebody_elses_text_is_told_apart(core: Flask, sender: TellingSender) -> None:
    assert receipt("sent", token="nobody") is False


@pytest.mark.parametrize("word", ["STOP", " stop. ", "退订", "td"])
def test_stop_ends_the_texts_at_once(core: Flask, sender: TellingSender, word: str) -> None:
    person = reachable()
    plan()
    assert receive(word).meaning is messages.InboundMeaning.STOP
    assert (person.accounts[0].reminders_on, only().reason) == (False, "texts-off")


def test_start_brings_them_back(core: Flask, sender: TellingSender) -> None:
    reachable()
    plan()
    receive("STOP")
    assert receive("恢复", provider_id="SMin2").meaning is messages.InboundMeaning.START
    assert [row.state for row in ledger()] == ["planned"]


@pytest.mark.parametrize(
    ("phone", "body"), [(PHONE, "please stop the pain"), ("+8613800139999", "STOP"), ("?", "STOP")]
)
def test_other_words_and_other_people_change_nothing(core: Flask, sender: TellingSender, phone: str, body: str) -> None:
    person = reachable()
    assert receive(body, phone).meaning in {messages.InboundMeaning.OTHER, messages.InboundMeaning.UNKNOWN}
    assert person.accounts[0].reminders_on
