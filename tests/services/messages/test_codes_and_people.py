"""Codes, goodbyes, opting out by every way, and what people write back."""

from datetime import time as wall
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text

from portal.adapters.sms import Rejected, Unknown
from portal.domain.access import SYSTEM, Actor, Role
from portal.domain.errors import Invalid, NotFound
from portal.domain.messages import MessageReason
from portal.extensions import db, transaction
from portal.models.base import get_cipher
from portal.models.messages import InboundText, Message
from portal.models.people import Account, Participant
from portal.services import audit, messages
from tests.support.messages import (
    NIGHT,
    SEVEN,
    TellingSender,
    ask_for_code,
    change_accounts,
    ledger,
    only,
    plan,
    reachable,
    receipt,
    send,
)
from tests.support.messages import receive as texts_us
from tests.support.people import NOW

ABROAD = "+4915112345678"


def abroad(number: int = 1) -> Participant:
    """Somebody whose phone can be answered."""
    person = reachable(number)
    change_accounts(person.id, phone=ABROAD, phone_index=get_cipher().blind_index("phone", ABROAD))
    return person


def account() -> Account:
    db.session.rollback()
    return db.session.scalars(select(Account)).one()


def test_a_code_goes_at_night_with_texts_off_to_somebody_paused(core: Flask, sender: TellingSender) -> None:
    person = reachable()
    change_accounts(person.id, reminders_on=False)
    with transaction() as session:
        audit.begin(session, actor=SYSTEM, action="test:pause", now=NOW)
        session.get_one(Participant, person.id).status = "paused"
    ask_for_code(person)
    send(NIGHT)
    assert sender.sent == [("+8613800130001", "您好，您的登录验证码是135790，10分钟内有效，请您不要告诉任何人。")]


@pytest.mark.parametrize("answer", [None, Rejected(MessageReason.OPTED_OUT, "21610")], ids=["taken", "refused"])
def test_the_words_of_a_code_are_dropped_when_it_has_ended(
    core: Flask, sender: TellingSender, answer: Rejected | None
) -> None:
    if answer:
        sender.answer = lambda _: answer
    ask_for_code(reachable())
    with db.engine.connect() as connection:
        stored = connection.execute(text('SELECT "values" FROM message'))
        assert b"135790" not in bytes(stored.scalar_one())
    send(NIGHT)
    assert (only().values, only().body) == (None, None)


def test_a_code_that_nobody_knows_the_end_of_keeps_its_words_until_it_is_stale(
    core: Flask, sender: TellingSender
) -> None:
    sender.answer, sender.listed = lambda _: Unknown("no-answer"), ()
    ask_for_code(reachable())
    send(NIGHT)
    assert only().body is not None
    send(NIGHT + timedelta(minutes=11))
    assert (only().state, only().values, only().body) == ("expired", None, None)


def test_codes_do_not_count_towards_the_days_limit(core: Flask, sender: TellingSender) -> None:
    person = reachable()
    for code in ("111222", "333444", "555666"):
        ask_for_code(person, code)
    send(NIGHT)
    assert len(sender.sent) == 3


def test_the_last_word_goes_although_the_participant_has_left(core: Flask, sender: TellingSender) -> None:
    person = reachable()
    change_accounts(person.id, reminders_on=False, language="en")
    with transaction() as session:
        audit.begin(session, actor=SYSTEM, action="participant:withdraw", now=SEVEN)
        session.get_one(Participant, person.id).status = "withdrawn"
        messages.enqueue_withdrawal(session, account_id=person.accounts[0].id, now=SEVEN)
        messages.enqueue_withdrawal(session, account_id=person.accounts[0].id, now=SEVEN)
    send(SEVEN)
    assert [body[:15] for _, body in sender.sent] == ["Hello. As you a"]


@pytest.mark.parametrize("late", [False, True], ids=["answer", "receipt"])
def test_21610_switches_texts_off_for_good(core: Flask, sender: TellingSender, late: bool) -> None:
    if not late:
        sender.answer = lambda _: Rejected(MessageReason.OPTED_OUT, "21610")
    reachable()
    plan()
    send(SEVEN)
    if late:
        receipt("undelivered", "21610")
    assert (only().state, only().reason) == ("failed", "opted-out")
    assert (account().reminders_on, account().reminders_set_by) == (False, "provider")
    assert {row.reason for row in ledger("diary-nudge") if row.final_at} <= {"texts-off", "window-passed"}


def staff(*sites: str) -> Actor:
    return Actor(kind="staff", role=Role.COORDINATOR, id=1, sites=frozenset(sites))


def by_phone(reason: str = "asked on the phone", *, site: str = "RJ") -> str:
    account_id = account().id
    with transaction() as session:
        return messages.switch_reminders_by_staff(
            session, actor=staff(site), account_id=account_id, on=False, reason=reason, now=NOW
        )


def test_staff_switch_texts_off_for_somebody_on_the_phone(core: Flask, sender: TellingSender) -> None:
    reachable()
    plan()
    assert by_phone() == "RJ-001"
    assert (account().reminders_on, account().reminders_set_by, account().reminders_set_at) == (False, "staff", NOW)
    assert only().reason == "texts-off"


def test_staff_must_say_why(core: Flask) -> None:
    reachable()
    with pytest.raises(Invalid):
        by_phone(" ")


def test_other_sites_accounts_are_not_there(core: Flask) -> None:
    reachable()
    with pytest.raises(NotFound):
        by_phone(site="XX")


def words() -> list[str | None]:
    db.session.rollback()
    return list(db.session.scalars(select(InboundText.words).where(InboundText.read_at.is_(None))))


def test_other_words_are_kept_for_a_coordinator(core: Flask, sender: TellingSender) -> None:
    reachable()
    received = texts_us("I feel dizzy")
    assert (received.meaning, received.reply, words()) == (messages.InboundMeaning.OTHER, None, ["I feel dizzy"])
    with db.engine.connect() as connection:
        assert b"dizzy" not in bytes(connection.execute(text("SELECT words FROM inbound_text")).scalar_one())


def test_where_answers_arrive_it_is_said_once_a_day_that_nobody_reads_at_once(
    core: Flask, sender: TellingSender
) -> None:
    change_accounts(abroad().id, language="en")
    first = texts_us("I feel dizzy", ABROAD, provider_id="SM1").reply
    assert first is not None
    assert "Nobody reads replies" in first.body
    assert texts_us("hello?", ABROAD, provider_id="SM2").reply is None
    assert texts_us("hello??", ABROAD, provider_id="SM3", now=NOW + timedelta(hours=25)).reply is not None
    assert len(words()) == 3


def test_the_providers_repeated_call_is_answered_as_before_and_kept_once(core: Flask, sender: TellingSender) -> None:
    abroad()
    first, again = (texts_us("I feel dizzy", ABROAD, provider_id="SM1") for _ in range(2))
    assert first.reply == again.reply
    assert len(words()) == 1
    assert len(ledger("reply-unread")) == 1


@pytest.mark.parametrize(
    ("body", "kind"),
    [("退订", "reply-stopped"), ("恢复", "reply-started"), ("帮助", "reply-help"), ("STOP", None), ("HELP", None)],
)
def test_what_twilio_answers_by_itself_is_left_to_it(
    core: Flask, sender: TellingSender, body: str, kind: str | None
) -> None:
    abroad()
    answered = texts_us(body, ABROAD).reply
    assert (answered is not None) is (kind is not None)
    assert [row.kind for row in ledger()] == ([kind] if kind else [])
    assert words() == []


def test_an_answers_receipt_finds_its_row(core: Flask, sender: TellingSender) -> None:
    abroad()
    answer = texts_us("帮助", ABROAD).reply
    assert answer is not None
    receipt("delivered", token=answer.token)
    assert only().state == "delivered"


def test_a_nudge_follows_three_hours_later_and_only_while_there_is_no_diary(core: Flask, sender: TellingSender) -> None:
    person = reachable()
    change_accounts(person.id, reminder_at=wall(12, 0), language="en")
    plan()
    noon = NOW + timedelta(hours=2)
    send(noon)
    send(noon + timedelta(hours=3))
    assert [body for _, body in sender.sent][1].startswith("Hello. The entry for Mon 23 Nov")


def test_a_nudge_that_would_come_at_night_waits_for_the_morning(core: Flask, sender: TellingSender) -> None:
    reachable()
    plan()
    tonight = [row for row in ledger("diary-nudge") if row.dedupe_key == "2026-11-23"]
    assert [(row.not_before_at, row.expires_at) for row in tonight] == [
        (SEVEN + timedelta(hours=13), SEVEN + timedelta(hours=17))  # 08:00 until the diary can no longer be sent
    ]
    assert db.session.scalars(select(Message.state).where(Message.id == tonight[0].id)).one() == "planned"
