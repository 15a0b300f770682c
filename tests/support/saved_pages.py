"""Pages of a diary that are saved, taken back and sent, and what the ward then has."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from portal.domain.access import Actor, ActorKind, Role
from portal.extensions import db, transaction
from portal.models.messages import Message
from portal.models.people import Participant
from portal.models.triage import Episode
from portal.services import diary
from tests.support.answers import submission, themselves
from tests.support.people import NOW, TODAY

CHEST_PAIN = {"temperature-taken": "no", "warning-signs": ["chest-pain"]}
FEVER = {"temperature-taken": "yes", "temperature": "38.4", "warning-signs": ["none"]}
WELL_PAGE = {"temperature-taken": "no", "warning-signs": ["none"]}
NOON_AFTER = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
SOON = NOW + timedelta(minutes=3)


def save(person: Participant, raw: dict[str, Any], *, page: str = "how-you-are", now: datetime = NOW,
         on: date = TODAY, client_id: str = "c-1", link: bool = False, **more: Any) -> diary.DraftView:  # fmt: skip
    with transaction() as session:
        return diary.save_draft_page(
            session, actor=actor_of(person, link=link), diary_on=on, client_id=client_id, page=page, raw=raw, now=now,
            **more,
        )  # fmt: skip


def actor_of(person: Participant, *, link: bool = False) -> Actor:
    return Actor(ActorKind.ACCOUNT, Role.PARTICIPANT, person.accounts[0].id, person.id, day_link=link)


def take_back(person: Participant, flag_id: int, *, now: datetime = SOON) -> None:
    with transaction() as session:
        diary.take_back_red(session, actor=actor_of(person), diary_on=TODAY, flag_id=flag_id, now=now)


def send(
    person: Participant, *, now: datetime = SOON, client_id: str = "c-1", **answers: Any
) -> diary.SubmissionReceipt:
    with transaction() as session:
        actor = themselves(session.get_one(Participant, person.id))
        sent = submission(client_id=client_id, entered_at=now, **answers)
        return diary.submit_diary(session, actor=actor, submission=sent, now=now)


def alerts() -> list[Message]:
    db.session.rollback()
    return list(db.session.scalars(select(Message).where(Message.kind == "staff-alert").order_by(Message.id)))


def episode() -> Episode:
    db.session.rollback()
    return db.session.execute(select(Episode)).scalar_one()
