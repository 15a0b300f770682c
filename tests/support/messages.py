"""People whom texts may reach, a sender that can be told what to answer, and short verbs for both."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from threading import Lock

import pytest
from sqlalchemy import select, update

from portal.adapters import sms
from portal.adapters.sms import Found, Outcome, Taken, Text
from portal.domain.access import SYSTEM, Role
from portal.domain.messages import Pace
from portal.extensions import db, transaction
from portal.models.messages import Message
from portal.models.people import Account, Participant, Staff
from portal.services import audit, messages
from tests.support.people import NOW, enrol

HANDED_OVER_LATE = timedelta(seconds=1)


class TellingSender:
    """Remembers every text; ``answer`` and ``listed`` are what it says."""

    name = "twilio"

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []
        self.urls: list[str] = []
        self.listed: tuple[Found, ...] | None = ()
        self.answer: Callable[[int], Outcome] = lambda number: Taken(f"SM{number}", "queued")
        self._lock = Lock()

    def send(self, text: Text, *, timeout: timedelta) -> Outcome:
        with self._lock:
            self.sent.append((text.to, text.body))
            self.urls.append(text.callback_url)
            return self.answer(len(self.sent))

    def find(self, text: Text, *, since: datetime, timeout: timedelta) -> tuple[Found, ...] | None:
        return self.listed

    def signature_is_valid(self, url: str, form: Mapping[str, str], signature: str) -> bool:
        return signature == "right"


@pytest.fixture
def sender(monkeypatch: pytest.MonkeyPatch) -> TellingSender:
    telling = TellingSender()
    monkeypatch.setitem(sms._fuse, "sender", telling)
    return telling


def reachable(number: int = 1, **changes: object) -> Participant:
    """A participant who has activated the account."""
    person = enrol(number, **changes)
    change_accounts(person.id, activated_at=NOW - timedelta(days=5))
    return person


def change_accounts(participant_id: int, **values: object) -> None:
    with transaction() as session:
        audit.act(session, actor=SYSTEM, action="test:change", now=NOW)
        session.execute(update(Account).where(Account.participant_id == participant_id).values(**values))


def add_all(*rows: object) -> None:
    with transaction() as session:
        audit.act(session, actor=SYSTEM, action="test:add", now=NOW)
        session.add_all(rows)


def coordinator(number: int = 1, **changes: object) -> Staff:
    facts = {
        "email": f"c{number}@example.org",
        "email_index": f"c{number}".encode(),
        "name": "Chen Li",
        "phone": f"+861390013{number:04}",
        "role": str(Role.COORDINATOR),
        "sites": ["RJ"],
        "language": "zh-CN",
        "password_hash": "x",
        "totp_secret": "x",
        "created_at": NOW,
    }
    person = Staff(**{**facts, **changes})
    add_all(person)
    return person


def plan(now: datetime = NOW) -> int:
    with transaction() as session:
        return messages.plan_reminders(session, now=now)


def replan(participant_id: int, now: datetime = NOW) -> None:
    with transaction() as session:
        audit.act(session, actor=SYSTEM, action="test:replan", now=now)
        messages.replan(session, participant_id=participant_id, now=now)


def send(now: datetime, **changes: object) -> dict[str, int]:
    pace = Pace(threads=4, lease=timedelta(seconds=30))
    given = {"now": now, "worker": "w1", "callback_url": "http://here/status", "pace": pace, **changes}
    return messages.send_due(transaction, **given)  # type: ignore[arg-type]


def ledger(kind: str | None = None) -> list[Message]:
    """The rows as they stand, oldest first; the nudges of later that evening apart, unless they are asked for."""
    db.session.rollback()
    db.session.expire_all()
    found = select(Message).order_by(Message.id)
    return list(
        db.session.scalars(found.where(Message.kind != "diary-nudge" if kind is None else Message.kind == kind))
    )


def only() -> Message:
    (row,) = ledger()
    return row
