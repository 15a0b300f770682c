"""What changes between planning and the call: nobody gets a text that should no longer go, however late the change."""

import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from portal.adapters import fault_injection
from portal.adapters.sms import Unknown
from portal.domain.access import SYSTEM
from portal.domain.messages import SendPace
from portal.extensions import transaction
from portal.models.people import Participant
from portal.services import audit
from tests.support.messages import (
    SEVEN,
    TellingSender,
    add_all,
    change_accounts,
    diary_row,
    only,
    plan,
    reachable,
    send,
)
from tests.support.people import NOW

Change = Callable[[Participant], object]


def status(value: str) -> Change:
    def change(person: Participant) -> None:
        with transaction() as session:
            audit.begin(session, actor=SYSTEM, action="test:leave", now=NOW)
            session.get_one(Participant, person.id).status = value

    return change


CHANGES: dict[str, tuple[Change, str]] = {
    "opted-out": (lambda person: change_accounts(person.id, reminders_on=False), "texts-off"),
    "withdrawn": (status("withdrawn"), "status"),
    "paused": (status("paused"), "status"),
    "died": (status("died"), "status"),
    "number-gone": (lambda person: change_accounts(person.id, phone=None), "no-phone"),
    "diary-sent": (lambda person: add_all(diary_row(person)), "diary-sent"),
}


def between_claim_and_call(monkeypatch: pytest.MonkeyPatch, change: Callable[[], object]) -> None:
    """The change is committed in the moment after the first claim was."""
    left = [change]

    def at(point: str) -> None:
        if point == "after-claim" and left:
            left.pop()()

    monkeypatch.setattr(fault_injection, "maybe_crash_at", at)


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_before_the_claim_leaves_no_text(core: Flask, sender: TellingSender, name: str) -> None:
    change, reason = CHANGES[name]
    person = reachable()
    plan()
    change(person)
    send(SEVEN)
    assert (sender.sent, only().state, only().reason) == ([], "suppressed", reason)


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_between_claim_and_call_leaves_no_text(
    core: Flask, sender: TellingSender, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    change, reason = CHANGES[name]
    person = reachable()
    plan()
    between_claim_and_call(monkeypatch, lambda: change(person))
    counts = send(SEVEN)
    assert counts["withheld"] == 1
    assert (sender.sent, only().state, only().reason, only().attempts) == ([], "suppressed", reason, 0)


def test_a_number_changed_between_claim_and_call_gets_no_text_at_the_old_one(
    core: Flask, sender: TellingSender, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = reachable()
    plan()
    between_claim_and_call(monkeypatch, lambda: change_accounts(person.id, phone="+8613900139999"))
    send(SEVEN)
    assert [to for to, _ in sender.sent] == ["+8613900139999"]


def test_who_opts_out_while_a_call_has_no_known_end_gets_no_second_try(core: Flask, sender: TellingSender) -> None:
    sender.answer = lambda _: Unknown("no-answer")
    person = reachable()
    plan()
    send(SEVEN)
    change_accounts(person.id, reminders_on=False)
    send(SEVEN + timedelta(minutes=1))
    assert (len(sender.sent), only().state, only().reason) == (1, "suppressed", "texts-off")


def test_a_worker_that_slept_through_its_lease_does_not_call(
    core: Flask, sender: TellingSender, monkeypatch: pytest.MonkeyPatch
) -> None:
    pace = SendPace(threads=1, call_timeout=timedelta(seconds=1), listing_delay=timedelta(), lease=timedelta(seconds=2))
    reachable()
    plan()
    naps = iter([1.2])

    def at(point: str) -> None:
        if point == "after-claim":
            time.sleep(next(naps, 0))

    monkeypatch.setattr(fault_injection, "maybe_crash_at", at)
    counts = send(SEVEN, pace=pace)
    assert (counts["withheld"], len(sender.sent), only().state) == (1, 1, "sent")


def test_a_lease_must_outlast_the_call_and_the_list() -> None:
    with pytest.raises(ValueError, match="longer"):
        SendPace(call_timeout=timedelta(seconds=5), listing_delay=timedelta(seconds=10), lease=timedelta(seconds=15))


def test_a_text_that_went_again_after_an_unknown_end_is_marked(core: Flask, sender: TellingSender) -> None:
    answers = iter([Unknown("no-answer")])
    usual = sender.answer
    sender.answer = lambda number: next(answers, None) or usual(number)
    reachable()
    plan()
    send(SEVEN)
    assert only().uncertain_at is None
    send(SEVEN + timedelta(minutes=1))
    assert (only().state, only().uncertain_at is not None, len(sender.sent)) == ("sent", True, 2)
