"""Visitors: somebody unknown, a participant, a guardian, and the study team. The clock stands at ``people.NOW``."""

from collections.abc import Callable, Iterator
from datetime import time
from pathlib import Path
from typing import Any

import pyotp
import pytest
import time_machine
from flask import Flask
from sqlalchemy import event

from portal.domain.access import SYSTEM, Role
from portal.extensions import db, transaction
from portal.models.people import Participant
from portal.services import accounts
from tests.support.people import NOW, enrol
from tests.support.web.visitor import Visitor

PIN = "482913"
PASSWORD = "correct horse battery staple"
PHONE = "13800130001"
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Pages are shown from SQLite, for speed: their services are tested on both. ``both_databases`` asks for both."""
    items[:] = [item for item in items if not _is_spare(item)]


def _is_spare(item: pytest.Item) -> bool:
    on_postgres = "postgresql" in getattr(getattr(item, "callspec", None), "params", {}).values()
    return on_postgres and HERE in item.path.parents and "both_databases" not in getattr(item, "fixturenames", ())


@pytest.fixture
def both_databases() -> None:
    """For the ways through that must work on PostgreSQL as well."""


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """Monday 23 November 2026, 10:00 in Shanghai; it stands still unless a test moves it."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def visitors(app: Flask, clock: time_machine.Traveller) -> Callable[[], Visitor]:
    """Makes visitors, each with cookies of their own, reading English."""
    app.test_client_class = Visitor

    def arrive() -> Visitor:
        visitor = app.test_client()
        visitor.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
        assert isinstance(visitor, Visitor)
        return visitor

    return arrive


@pytest.fixture
def client(visitors: Callable[[], Visitor]) -> Visitor:
    """Somebody who has not signed in."""
    return visitors()


@pytest.fixture
def participant(app: Flask) -> Participant:
    """Study number RJ-001, iMSC group, day +20, with an account that has no card yet."""
    return enrol()


@pytest.fixture
def card_code(participant: Participant) -> str:
    return issue_card(participant.accounts[0].id)


@pytest.fixture
def signed_in(client: Visitor, card_code: str) -> Visitor:
    """The participant, activated and signed in."""
    activate(card_code)
    return sign_in(client)


@pytest.fixture
def coordinator(visitors: Callable[[], Visitor]) -> Visitor:
    """A coordinator of RJ, signed in."""
    return sign_in_staff(visitors(), Role.COORDINATOR)


@pytest.fixture
def staff_of(visitors: Callable[[], Visitor]) -> Callable[[Role], Visitor]:
    """Makes a signed-in member of staff with a role."""
    return lambda role: sign_in_staff(visitors(), role)


@pytest.fixture
def statements(app: Flask) -> Iterator[list[str]]:
    """Every SQL statement from now on, in order."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield seen
    event.remove(db.engine, "before_cursor_execute", note)


def issue_card(account_id: int) -> str:
    with transaction() as session:
        return accounts.issue_card(session, actor=SYSTEM, account_id=account_id, now=NOW)


def activate(code: str, *, year: str = "1992", **changes: Any) -> accounts.AccountUser:
    """Use a card up, as the four steps do; English, unless told otherwise."""
    values = {"pin": PIN, "language": "en", "reminder_at": time(19), "now": NOW, **changes}
    with transaction() as session:
        card = accounts.check_card(session, actor=SYSTEM, code=code, birth_year=year, now=NOW)
        assert isinstance(card, accounts.Activation)
        return accounts.activate(session, actor=SYSTEM, card_id=card.card_id, **values)


def sign_in(visitor: Visitor, *, who: str = PHONE, pin: str = PIN) -> Visitor:
    answer = visitor.submit("/sign-in", who=who, pin=pin)
    assert answer.status_code == 302, answer.text
    return visitor


def hire(role: Role) -> accounts.NewStaff:
    with transaction() as session:
        return accounts.create_staff(
            session,
            actor=SYSTEM,
            email=f"{role}@example.org",
            name="李娜",
            role=role,
            sites=frozenset({"RJ"}),
            password=PASSWORD,
            language="en",
            now=NOW,
        )


def sign_in_staff(visitor: Visitor, role: Role) -> Visitor:
    code = pyotp.TOTP(hire(role).totp_secret).at(NOW)
    answer = visitor.submit("/staff/sign-in", email=f"{role}@example.org", password=PASSWORD, code=code)
    assert answer.status_code == 302, answer.text
    return visitor
