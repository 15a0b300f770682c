"""E-mail over a real SMTP conversation with a local server."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from portal.adapters.sms import Accepted, OutgoingMessage, Rejected, Retryable, Unknown
from portal.adapters.sms.smtp import SmtpSender
from portal.domain.messages import MessageReason
from tests.support.servers.smtp import LocalMail, local_mail

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

SECOND = timedelta(seconds=1)
TEXT = OutgoingMessage(
    "li.na@example.org", "平台有一项紧急待办，请您立即登录处理。", "our-token", subject="有一项紧急待办"
)


@pytest.fixture
def server() -> Iterator[LocalMail]:
    with local_mail() as mail:
        yield mail


def test_a_mail_is_taken_with_its_words_and_our_own_id(server: LocalMail) -> None:
    assert SmtpSender.of(server.url).send(TEXT, timeout=SECOND) == Accepted("<our-token@example.org>", "sent")
    (mail,) = server.mails
    assert (mail["From"], mail["To"], mail["Message-ID"]) == (
        "portal@example.org",
        "li.na@example.org",
        "<our-token@example.org>",
    )
    assert bytes(mail.get_payload(decode=True)).decode().strip() == TEXT.body  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("verb", "answer", "outcome"),
    [
        ("RCPT", "550 nobody here", Rejected(MessageReason.UNREACHABLE, "550")),
        ("RCPT", "450 later", Retryable(MessageReason.PROVIDER_BUSY, "450")),
        ("DATA", "554 no", Rejected(MessageReason.PROVIDER_REFUSED, "554")),
        ("END", "451 later", Retryable(MessageReason.PROVIDER_BUSY, "451")),
    ],
)
def test_each_refusal_means_one_thing(server: LocalMail, verb: str, answer: str, outcome: object) -> None:
    server.answers[verb] = answer
    assert SmtpSender.of(server.url).send(TEXT, timeout=SECOND) == outcome


def test_a_line_that_goes_dead_leaves_it_open_whether_the_mail_went(server: LocalMail) -> None:
    server.hang_up = True
    assert SmtpSender.of(server.url).send(TEXT, timeout=SECOND) == Unknown("no-answer")
    assert len(server.mails) == 1


def test_a_server_that_is_not_there_has_certainly_taken_nothing() -> None:
    assert SmtpSender.of("smtp://127.0.0.1:9").send(TEXT, timeout=SECOND) == Retryable(
        MessageReason.PROVIDER_BUSY, "unreachable"
    )


def test_a_server_elsewhere_that_offers_no_tls_is_told_nothing(
    server: LocalMail, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.adapters.sms.smtp.LOOPBACK", frozenset())
    url = server.url.replace("smtp://", "smtp://user:secret@")
    assert SmtpSender.of(url).send(TEXT, timeout=SECOND) == Retryable(MessageReason.PROVIDER_BUSY, "unreachable")
    assert server.mails == []


@pytest.mark.parametrize(
    ("url", "port", "tls", "origin"),
    [
        ("smtp://mail.example.org", 25, False, "portal@mail.example.org"),
        ("smtps://u:p%40ss@mail.example.org", 465, True, "portal@mail.example.org"),
        ("smtp://mail.example.org:587/?from=ward@example.org", 587, False, "ward@example.org"),
    ],
)
def test_the_setting_is_read_with_its_usual_ports(url: str, port: int, tls: bool, origin: str) -> None:
    sender = SmtpSender.of(url)
    assert (sender.port, sender.tls, sender.origin) == (port, tls, origin)
