"""Visitors: somebody unknown, a participant, a guardian, and the study team. The clock stands at ``people.NOW``."""

from collections.abc import Callable, Iterator

import pytest
import time_machine
from flask import Flask
from sqlalchemy import event

from portal.domain.access import Role
from portal.extensions import db
from portal.models.people import Participant
from tests.support.people import NOW, enrol
from tests.support.web.sign_in import activate, issue_card, sign_in, sign_in_staff
from tests.support.web.visitor import Visitor


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
