"""How texts end badly, and that each such end is somebody's task in the same transaction; and the last word."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text

from portal.adapters.sms import Rejected, Unknown
from portal.domain.access import Role
from portal.domain.messages import PHONE_REASONS, MessageReason
from portal.domain.participation import ParticipationStepKind
from portal.extensions import db, transaction
from portal.models.participation import Stay
from portal.models.tasks import Task
from portal.services import participation
from tests.support.diaries import hire
from tests.support.messages import (
    SEVEN,
    TellingSender,
    add_all,
    alert,
    ask_for_code,
    change_accounts,
    coordinator,
    ledger,
    only,
    plan,
    reachable,
    receipt,
    replan,
    send,
)
from tests.support.people import NOW, TODAY

FAILURES = sorted(PHONE_REASONS | {MessageReason.PROVIDER_REFUSED})


def tasks() -> list[tuple[str, str]]:
    return [(row.kind, row.dedupe_key) for row in db.session.scalars(select(Task).order_by(Task.id))]


@pytest.mark.parametrize("reason", FAILURES)
def test_every_failure_is_a_task_at_once(core: Flask, sender: TellingSender, reason: MessageReason) -> None:
    sender.answer = lambda _: Rejected(reason, "1")
    reachable()
    plan()
    send(SEVEN)
    kind = "unreachable-phone" if reason in PHONE_REASONS else "text-failed"
    assert (only().state, tasks()) == ("failed", [(kind, f"message:{only().id}")])


def test_a_receipt_that_fails_a_text_opens_one_task_however_often_it_comes(core: Flask, sender: TellingSender) -> None:
    reachable()
    plan()
    send(SEVEN)
    for status in ("failed", "undelivered", "undelivered"):
        receipt(status, "30005")
    assert tasks() == [("unreachable-phone", f"message:{only().id}")]


def test_an_alert_that_fails_is_a_task_about_its_participant(core: Flask, sender: TellingSender) -> None:
    sender.answer = lambda _: Rejected(MessageReason.UNREACHABLE, "30005")
    coordinator()
    alert(reachable(day=5).id)
    send(NOW)
    assert tasks() == [("text-failed", f"message:{only().id}")]


def test_a_row_that_could_never_be_read_has_failed_when_its_window_closes(core: Flask, sender: TellingSender) -> None:
    reachable()
    plan()
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE account SET phone = :junk"), {"junk": b"junk"})
    send(SEVEN)
    send(SEVEN + timedelta(hours=6))
    assert (only().state, only().reason, tasks()) == ("failed", "internal", [("text-failed", f"message:{only().id}")])


def test_a_list_that_cannot_be_read_for_days_ends_in_a_failure(core: Flask, sender: TellingSender) -> None:
    sender.answer, sender.listed = lambda _: Unknown("no-answer"), None
    reachable()
    plan()
    for hours in (0, 5, 70, 78):
        assert only().state in {"planned", "claimed"}
        send(SEVEN + timedelta(hours=hours))
    assert (only().state, only().reason, len(sender.sent)) == ("failed", "no-answer", 1)


def on_ward(participant_id: int) -> None:
    stay = Stay(participant_id=participant_id, diary="ward", since_on=TODAY, until_on=TODAY + timedelta(days=3),
                reason="x", recorded_by=hire().id, recorded_at=NOW)  # fmt: skip
    add_all(stay)


def test_who_comes_to_the_ward_is_not_reminded_however_late(core: Flask, sender: TellingSender) -> None:
    person = reachable()
    plan()
    on_ward(person.id)
    send(SEVEN)
    assert (sender.sent, only().state, only().reason) == ([], "suppressed", "on-ward")


def test_planning_anew_says_that_the_ward_keeps_the_diary(core: Flask) -> None:
    person = reachable()
    plan()
    on_ward(person.id)
    replan(person.id)
    assert only().reason == "on-ward"


def test_planning_anew_takes_no_code_and_no_text_sent_again_off(core: Flask) -> None:
    from portal.models.messages import Message

    person = reachable(day=5)
    ask_for_code(person)
    again = Message(
        participant_id=person.id, account_id=person.accounts[0].id, recipient="account:1", kind="infusion-evening",
        dedupe_key="1:2026-11-24T01:30Z~2", token="t", template_version=1, language="en", state="planned",
        not_before_at=NOW, expires_at=SEVEN, created_at=NOW, attempts=0, again_of=only().id,
    )  # fmt: skip
    add_all(again)
    change_accounts(person.id, language="en")
    replan(person.id)
    assert [row.state for row in ledger()] == ["planned", "planned"]


def step(which: ParticipationStepKind) -> None:
    doctor = hire(f"Dr {which}", role=Role.INVESTIGATOR)
    with transaction() as session:
        participation.take_participation_step(
            session, actor=doctor, study_number="RJ-001", step=which, reason="r", now=SEVEN
        )


@pytest.mark.parametrize(
    ("which", "said"),
    [
        (ParticipationStepKind.WITHDRAW, 1),
        (ParticipationStepKind.DIE, 0),
        (ParticipationStepKind.COMPLETE, 0),
        (ParticipationStepKind.LOSE, 0),
    ],
)
def test_only_who_withdraws_is_told_that_it_was_the_last_text(
    core: Flask, sender: TellingSender, which: ParticipationStepKind, said: int
) -> None:
    change_accounts(reachable().id, reminders_on=False)
    step(which)
    send(SEVEN)
    assert (len(sender.sent), len(ledger("withdrawal"))) == (said, said)


def test_who_was_withdrawn_by_mistake_is_not_told_goodbye(core: Flask, sender: TellingSender) -> None:
    reachable()
    step(ParticipationStepKind.WITHDRAW)
    step(ParticipationStepKind.REINSTATE)
    send(SEVEN)
    assert (sender.sent, [row.reason for row in ledger("withdrawal")]) == ([], ["status"])


def test_somebody_who_was_never_let_in_is_not_told_either(core: Flask) -> None:
    person = reachable()
    change_accounts(person.id, activated_at=None)
    step(ParticipationStepKind.WITHDRAW)
    assert ledger("withdrawal") == []
