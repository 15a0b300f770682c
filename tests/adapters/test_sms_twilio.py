"""The real client over HTTP against a local server."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from twilio.request_validator import RequestValidator

from config import Twilio
from portal.adapters.sms import Accepted, ListedMessage, OutgoingMessage, Rejected, Retryable, Unknown
from portal.adapters.sms.twilio import TwilioSender
from portal.domain.messages import MessageReason
from tests.support.servers.twilio import SID, TOKEN, LocalTwilio, local_twilio

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

TO, BODY = "+8613800130001", "您好"
SECOND = timedelta(seconds=1)


@pytest.fixture
def server() -> Iterator[LocalTwilio]:
    with local_twilio() as twilio:
        yield twilio


def sender_to(url: str, *, number: str = "+15005550006", service: str = "", token: str = TOKEN) -> TwilioSender:
    return TwilioSender(Twilio(SID, token, number, service, url))


def send(server: LocalTwilio, *, timeout: timedelta = SECOND, **changes: str) -> object:
    sender = sender_to(server.url, **changes)
    return sender.send(OutgoingMessage(TO, BODY, "t", "http://here/status?token=t"), timeout=timeout)


def test_a_text_is_taken_under_the_providers_id(server: LocalTwilio) -> None:
    assert send(server) == Accepted("SM" + "0" * 32, "queued")
    (text,) = server.texts
    assert (text["to"], text["body"], text["from"]) == (TO, BODY, "+15005550006")
    assert text["callback"] == "http://here/status?token=t"


def test_a_messaging_service_stands_in_for_a_number(server: LocalTwilio) -> None:
    send(server, number="", service="MG1")
    assert (server.texts[0]["from"], server.texts[0]["messaging_service_sid"]) == (None, "MG1")


@pytest.mark.parametrize(
    ("status", "code", "outcome"),
    [
        (400, 21211, Rejected(MessageReason.NOT_A_MOBILE, "21211")),
        (400, 21614, Rejected(MessageReason.NOT_A_MOBILE, "21614")),
        (400, 21610, Rejected(MessageReason.OPTED_OUT, "21610")),
        (403, 21408, Rejected(MessageReason.REGION_BLOCKED, "21408")),
        (400, 21617, Rejected(MessageReason.PROVIDER_REFUSED, "21617")),
        (429, 20429, Retryable(MessageReason.PROVIDER_BUSY, "20429")),
        (429, 21611, Retryable(MessageReason.PROVIDER_BUSY, "21611")),
        (500, 20500, Unknown("20500")),
        (503, 20503, Unknown("20503")),
    ],
)
def test_each_refusal_means_one_thing(server: LocalTwilio, status: int, code: int, outcome: object) -> None:
    server.refuse = lambda _form: (status, {"code": code, "message": "no", "status": status})
    assert send(server) == outcome


def test_a_wrong_token_waits_for_somebody_to_mend_it(server: LocalTwilio) -> None:
    assert send(server, token="wrong") == Retryable(MessageReason.PROVIDER_BUSY, "20003")


def test_no_answer_in_time_leaves_it_open_whether_the_text_went(server: LocalTwilio) -> None:
    server.after_seconds = 0.3
    assert send(server, timeout=timedelta(seconds=0.1)) == Unknown("no-answer")
    assert len(server.texts) == 1


def test_a_server_that_is_not_there_has_certainly_taken_nothing() -> None:
    outcome = sender_to("http://127.0.0.1:9").send(OutgoingMessage(TO, BODY, "t"), timeout=SECOND)
    assert outcome == Retryable(MessageReason.PROVIDER_BUSY, "unreachable")


def test_the_list_is_sifted_by_number_words_and_time(server: LocalTwilio) -> None:
    sender, start = sender_to(server.url), datetime.now(UTC).replace(microsecond=0)
    for to, body in ((TO, "other"), ("+8613800130002", BODY), (TO, BODY)):
        sender.send(OutgoingMessage(to, body, "t"), timeout=SECOND)
    found = sender.find(OutgoingMessage(TO, BODY, "t"), since=start, timeout=SECOND)
    assert found is not None
    assert [(one.provider_id[-1], one.status) for one in found] == [("2", "queued")]
    assert isinstance(found[0], ListedMessage)
    assert sender.find(OutgoingMessage(TO, BODY, "t"), since=start + timedelta(hours=1), timeout=SECOND) == ()


def test_a_list_that_cannot_be_read_is_not_an_empty_list() -> None:
    sender = sender_to("http://127.0.0.1:9")
    assert sender.find(OutgoingMessage(TO, BODY, "t"), since=datetime.now(UTC), timeout=SECOND) is None


def test_only_a_request_signed_with_our_token_is_believed() -> None:
    sender, url, form = (
        sender_to("http://127.0.0.1:9"),
        "https://portal.example.org/webhooks",
        {"MessageStatus": "sent"},
    )
    right = RequestValidator(TOKEN).compute_signature(url, form)
    assert sender.signature_is_valid(url, form, right)
    assert not sender.signature_is_valid(url, {"MessageStatus": "delivered"}, right)
    assert not sender.signature_is_valid(url, form, "")
