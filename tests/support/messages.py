"""People whom texts may reach, a sender that can be told what to answer, and short verbs for both."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from threading import Lock

from sqlalchemy import select, update

from portal.adapters.sms import Accepted, ListedMessage, OutgoingMessage, SendOutcome
from portal.domain.access import SYSTEM, Role
from portal.domain.messages import SendPace
from portal.extensions import db, transaction
from portal.models.diary import Diary
from portal.models.infusions import Infusion
from portal.models.messages import Message
from portal.models.people import Account, Participant, Staff
from portal.services import audit, messages
from tests.support.people import NOW, TODAY, enrol

HANDED_OVER_LATE = timedelta(seconds=1)
SEVEN = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)  # 19:00 in Shanghai
NIGHT = SEVEN + timedelta(hours=6)
PHONE = "+8613800130001"
FAILED = {"state": "failed", "reason": "unreachable", "error_code": "30003", "phone": "+8613800130001", "body": "Hi."}


class TellingSender:
    """Remembers every text; ``answer`` and ``listed`` are what it says."""

    name = "twilio"

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []
        self.urls: list[str] = []
        self.listed: tuple[ListedMessage, ...] | None = ()
        self.answer: Callable[[int], SendOutcome] = lambda number: Accepted(f"SM{number}", "queued")
        self._lock = Lock()

    def send(self, text: OutgoingMessage, *, timeout: timedelta) -> SendOutcome:
        with self._lock:
            self.sent.append((text.to, text.body))
            self.urls.append(text.callback_url)
            return self.answer(len(self.sent))

    def find(self, text: OutgoingMessage, *, since: datetime, timeout: timedelta) -> tuple[ListedMessage, ...] | None:
        return self.listed

    def signature_is_valid(self, url: str, form: Mapping[str, str], signature: str) -> bool:
        return signature == "right"


def reachable(number: int = 1, **changes: object) -> Participant:
    """A participant who has activated the account."""
    person = enrol(number, **changes)
    change_accounts(person.id, activated_at=NOW - timedelta(days=5))
    return person


def change_accounts(participant_id: int, **values: object) -> None:
    with transaction() as session:
        audit.begin(session, actor=SYSTEM, action="test:change", now=NOW)
        session.execute(update(Account).where(Account.participant_id == participant_id).values(**values))


def add_all(*rows: object) -> None:
    with transaction() as session:
        audit.begin(session, actor=SYSTEM, action="test:add", now=NOW)
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
        audit.begin(session, actor=SYSTEM, action="test:replan", now=now)
        messages.replan_reminders(session, participant_id=participant_id, now=now)


def send(now: datetime, **changes: object) -> dict[str, int]:
    pace = SendPace(threads=4, lease=timedelta(seconds=30))
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


def infusion_row(participant_id: int, at: datetime, number: int = 1, state: str = "planned") -> Infusion:
    return Infusion(
        participant_id=participant_id, number=number, planned_at=at, original_at=at, state=state, protocol_version="1.0"
    )


def ask_for_code(person: Participant, code: str = "135790") -> int:
    with transaction() as session:
        audit.begin(session, actor=SYSTEM, action="account:code", now=NIGHT)
        account_id = session.scalars(select(Account.id).where(Account.participant_id == person.id)).one()
        return messages.enqueue_code(session, account_id=account_id, code=code, now=NIGHT)


def receipt(status: str, error_code: str | None = None, token: str | None = None) -> bool:
    token = token or only().token
    with transaction() as session:
        return messages.record_status(
            session, token=token, provider_id="SM1", status=status, error_code=error_code, now=SEVEN
        )


def receive(body: str, phone: str = PHONE, *, provider_id: str = "SMin", now: datetime = NOW) -> messages.InboundResult:
    with transaction() as session:
        return messages.record_inbound(session, phone=phone, body=body, provider_id=provider_id, now=now)


def alert(participant_id: int, now: datetime = NOW, number: int = 1) -> int:
    with transaction() as session:
        audit.begin(session, actor=SYSTEM, action="test:alert", now=now)
        return messages.enqueue_staff_alert(
            session, episode_id=7, alert_number=number, participant_id=participant_id, site="RJ", now=now
        )


def change_row(**values: object) -> None:
    with transaction() as session:
        audit.begin(session, actor=SYSTEM, action="test:change", now=NOW)
        session.execute(update(Message).values(**values))


def diary_row(person: Participant) -> Diary:
    return Diary(
        participant_id=person.id, account_id=person.accounts[0].id, answered_by="participant", client_id="c1",
        diary_on=TODAY, study_day=20, questionnaire="q", protocol_version="1.0", language="en", entered_at=SEVEN,
        entered_offset_minutes=480, received_at=SEVEN, timing="on-time", answers={}, skipped=[], estimate={},
    )  # fmt: skip


def add_text(participant: Participant, due_at: datetime, state: str = "delivered") -> None:
    with transaction() as session:
        audit.begin(session, actor=SYSTEM, action="message:test", now=NOW, participant_id=participant.id)
        session.add(
            Message(
                participant_id=participant.id,
                recipient=f"account:{participant.id}",
                kind="diary-reminder",
                dedupe_key=due_at.isoformat(),
                token=due_at.isoformat(),
                template_version=1,
                language="en",
                state=state,
                not_before_at=due_at,
                expires_at=due_at + timedelta(days=1),
                created_at=NOW,
            )
        )


def add_planned(person: Participant, *dedupe_keys: str, **changes: object) -> None:
    facts = {
        "participant_id": person.id, "account_id": person.accounts[0].id, "recipient": f"account:{person.id}",
        "kind": "diary-reminder", "template_version": 1, "language": "en", "state": "planned", "not_before_at": NOW,
        "expires_at": NOW + timedelta(hours=5), "created_at": NOW, "attempts": 0,
    }  # fmt: skip
    with transaction() as session:
        audit.begin(session, actor=SYSTEM, action="test:add", now=NOW)
        for dedupe_key in dedupe_keys:
            key = {"dedupe_key": dedupe_key, "token": f"{person.id}-{dedupe_key}"}
            session.add(Message(**{**facts, **key, **changes}))
