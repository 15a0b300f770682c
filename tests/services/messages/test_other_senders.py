"""The same ledger over another provider, and over e-mail."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from types import MappingProxyType

import pytest
from flask import Flask

from portal.adapters import message_templates, sms
from portal.adapters.sms.smtp import SmtpSender
from portal.domain.messages import Channel, MessageKind
from tests.support.messages import (
    SEVEN,
    TellingSender,
    alert,
    change_accounts,
    coordinator,
    ledger,
    only,
    plan,
    reachable,
    send,
)
from tests.support.servers.mainland import Mainland, MainlandSender, local_mainland
from tests.support.servers.smtp import LocalMail, local_mail

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

MINUTE = timedelta(minutes=1)


@pytest.fixture
def mainland(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mainland]:
    approved = {
        key: replace(one, approvals={"mainland": f"SMS_{one.kind}"})
        for key, one in message_templates.list_templates().items()
    }
    monkeypatch.setattr(message_templates, "list_templates", lambda _version=1: MappingProxyType(approved))
    with local_mainland() as provider:
        provider.templates = frozenset(f"SMS_{kind}" for kind in MessageKind)
        monkeypatch.setitem(sms._senders, "sender", MainlandSender(provider.url, "移动门户"))
        yield provider


def test_a_mainland_provider_gets_the_registered_wordings_id_and_no_words(core: Flask, mainland: Mainland) -> None:
    reachable()
    plan()
    send(SEVEN)
    (order,) = mainland.taken
    assert (order["PhoneNumbers"], order["TemplateCode"]) == ("13800130001", "SMS_diary-reminder")
    assert order["OutId"] == only().token
    assert (only().state, only().provider, only().provider_id) == ("sent", "mainland", "B0")


def test_what_it_took_without_saying_so_is_found_by_our_own_reference(core: Flask, mainland: Mainland) -> None:
    person = reachable()
    change_accounts(person.id, reminder_at=time(19, 0))
    plan()
    mainland.mute = True
    send(SEVEN)
    assert only().state == "claimed"
    change_accounts(person.id, language="en")
    assert search_since_now()["adopted"] == 1
    assert (only().state, len(mainland.taken)) == ("delivered", 1)


def search_since_now() -> dict[str, int]:
    """The local provider lives by the real clock, the ledger by the test's: the look begins long before both."""
    from tests.support.messages import change_row

    change_row(claimed_at=datetime(2020, 1, 1, tzinfo=UTC))
    return send(SEVEN + MINUTE)


def test_a_wording_that_is_not_on_file_is_refused_and_shown(core: Flask, mainland: Mainland) -> None:
    mainland.templates = frozenset()
    reachable()
    plan()
    send(SEVEN)
    assert (only().state, only().reason) == ("failed", "provider-refused")


@pytest.fixture
def mail(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalMail]:
    with local_mail() as server:
        monkeypatch.setitem(sms._senders, Channel.EMAIL, SmtpSender.of(server.url))
        yield server


def test_an_alert_goes_by_e_mail_beside_the_text(core: Flask, sender: TellingSender, mail: LocalMail) -> None:
    coordinator(language="en")
    assert alert(reachable(day=5).id) == 1
    send(SEVEN)
    assert [row.kind for row in ledger()] == ["staff-email", "staff-alert"]
    assert {row.state for row in ledger()} == {"sent"}
    assert (mail.mails[0]["To"], mail.mails[0]["Subject"]) == ("c1@example.org", "An urgent task is waiting")
    assert len(sender.sent) == 1


def test_a_mail_without_a_known_end_goes_again_under_the_same_id(
    core: Flask, sender: TellingSender, mail: LocalMail
) -> None:
    mail.hang_up = True
    coordinator()
    alert(reachable(day=5).id)
    send(SEVEN)
    mail.hang_up = False
    send(SEVEN + MINUTE)
    assert len(mail.mails) == 2
    assert len({one["Message-ID"] for one in mail.mails}) == 1
    assert len(sender.sent) == 1


def test_without_a_mail_server_no_row_pretends_that_there_is_one(core: Flask, sender: TellingSender) -> None:
    coordinator()
    alert(reachable(day=5).id)
    assert [row.kind for row in ledger()] == ["staff-alert"]
