"""The provider's calls: signed, answered briefly, and never more than they should be."""

from collections.abc import Mapping
from datetime import timedelta

import pytest
from flask import Flask
from twilio.request_validator import RequestValidator
from werkzeug.test import TestResponse

from config import Twilio
from portal.adapters import sms
from portal.domain.access import SYSTEM
from portal.extensions import db, transaction
from portal.models.messages import Message
from portal.models.people import Account, Participant
from portal.services import audit
from tests.support.people import NOW, enrol
from tests.support.web.visitor import Visitor

TOKEN = "webhook-token"
HOST = "http://127.0.0.1:8000"  # PUBLIC_URL, whatever name the proxy calls us by


@pytest.fixture
def twilio(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sms, "_senders", dict(sms._senders))
    sms.configure_senders("twilio", Twilio("AC1", TOKEN, "+15005550006", "", "http://127.0.0.1:9"))


@pytest.fixture
def text(participant: Participant) -> Message:
    row = Message(
        participant_id=participant.id, account_id=participant.accounts[0].id, recipient="account:1",
        kind="diary-reminder", dedupe_key="2026-11-23", token="our-token", template_version=1, language="en",
        state="claimed", not_before_at=NOW, expires_at=NOW + timedelta(hours=5), created_at=NOW, attempts=1,
    )  # fmt: skip
    with transaction() as session:
        audit.begin(session, actor=SYSTEM, action="test:add", now=NOW)
        session.add(row)
    return row


def call(client: Visitor, path: str, form: Mapping[str, str], *, token: str = TOKEN) -> TestResponse:
    signature = RequestValidator(token).compute_signature(HOST + path, dict(form))
    return client.post(path, data=form, headers={"X-Twilio-Signature": signature, "Host": "inner.proxy:8080"})


@pytest.mark.usefixtures("twilio")
def test_a_signed_receipt_moves_the_text_of_its_token(client: Visitor, text: Message) -> None:
    answer = call(
        client, "/webhooks/twilio/status?token=our-token", {"MessageSid": "SM1", "MessageStatus": "delivered"}
    )
    assert (answer.status_code, answer.data) == (204, b"")
    assert db.session.get_one(Message, text.id, populate_existing=True).state == "delivered"


@pytest.mark.usefixtures("twilio")
def test_a_receipt_for_a_text_that_is_not_ours_is_thanked_for(client: Visitor) -> None:
    assert call(client, "/webhooks/twilio/status?token=x", {"MessageStatus": "sent"}).status_code == 204


@pytest.mark.usefixtures("twilio")
@pytest.mark.parametrize("path", ["/webhooks/twilio/status?token=our-token", "/webhooks/twilio/inbound"])
def test_without_the_right_signature_nothing_happens(client: Visitor, text: Message, path: str) -> None:
    assert call(client, path, {"MessageStatus": "delivered"}, token="guessed").status_code == 403
    assert client.post(path).status_code == 403
    assert db.session.get_one(Message, text.id, populate_existing=True).state == "claimed"


def test_with_the_console_nobody_is_the_provider(client: Visitor) -> None:
    assert call(client, "/webhooks/twilio/status?token=x", {"MessageStatus": "sent"}).status_code == 403


@pytest.mark.usefixtures("twilio")
def test_stop_by_text_switches_texts_off_and_is_in_the_trail(client: Visitor) -> None:
    account = enrol().accounts[0]
    answer = call(client, "/webhooks/twilio/inbound", {"From": "+8613800130001", "Body": "退订", "MessageSid": "SM1"})
    assert answer.text.endswith("<Response />")
    assert db.session.get_one(Account, account.id, populate_existing=True).reminders_on is False
    (change,) = [
        one
        for one in audit.list_row_changes(db.session, entity="account", entity_id=account.id)
        if one.verb == "update"
    ]
    assert (change.action, change.fields["reminders_on"], change.fields["reminders_set_by"]) == (
        "texts:stop",
        (True, False),
        (None, "text"),
    )
