"""Red answers of a page that is saved: on the ward's list at once, told in ten minutes, and joined by the diary."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from portal.domain.access import Actor, Role
from portal.extensions import db, transaction
from portal.models.messages import Message
from portal.models.people import Participant
from portal.models.triage import Episode, Flag
from portal.services import diary
from tests.support.answers import submission, themselves
from tests.support.people import NOW, TODAY, enrol, hire

pytestmark = pytest.mark.usefixtures("core")
CHEST_PAIN = {"temperature-taken": "no", "warning-signs": ["chest-pain"]}
WELL_PAGE = {"temperature-taken": "no", "warning-signs": ["none"]}
SOON = NOW + timedelta(minutes=3)


@pytest.fixture
def person() -> Participant:
    hire()
    return enrol()


def save(person: Participant, raw: dict[str, Any], *, page: str = "how-you-are", now: datetime = NOW,
         on: date = TODAY, client_id: str = "c-1", link: bool = False, **more: Any) -> diary.DraftView:  # fmt: skip
    with transaction() as session:
        return diary.save_draft_page(
            session, actor=actor_of(person, link=link), diary_on=on, client_id=client_id, page=page, raw=raw, now=now,
            **more,
        )  # fmt: skip


def actor_of(person: Participant, *, link: bool = False) -> Actor:
    return Actor("account", Role.PARTICIPANT, person.accounts[0].id, person.id, day_link=link)


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


def test_a_red_page_is_on_the_list_at_once_and_told_in_ten_minutes(person: Participant) -> None:
    draft = save(person, CHEST_PAIN)
    (red,) = draft.unsent_reds
    assert (red.rule_id, red.page, red.answered_at, red.alert_at) == (
        "chest-pain-red", "how-you-are", NOW, NOW + timedelta(minutes=10),
    )  # fmt: skip
    assert red.can_be_taken_back
    found = episode()
    assert (found.severity, found.acknowledge_by_at) == ("red", NOW + timedelta(hours=1))
    (alert,) = alerts()
    assert (alert.state, alert.not_before_at) == ("planned", NOW + timedelta(minutes=10))


def test_the_diary_joins_its_red_without_a_second_alert_and_hurries_the_first(person: Participant) -> None:
    save(person, CHEST_PAIN)
    receipt = send(person, warning_signs=("chest-pain",))
    (alert,) = alerts()
    assert (receipt.severity, alert.not_before_at, episode().acknowledge_by_at) == (
        "red", SOON, NOW + timedelta(hours=1),
    )  # fmt: skip
    (flag,) = db.session.scalars(select(Flag)).all()
    assert (flag.diary_id, flag.raised_at) == (receipt.diary_id, NOW)


def test_a_red_that_is_taken_back_is_not_told_and_stays_as_amber(person: Participant) -> None:
    (red,) = save(person, CHEST_PAIN).unsent_reds
    take_back(person, red.flag_id)
    (alert,) = alerts()
    assert (alert.state, alert.reason) == ("suppressed", "red-taken-back")
    found = episode()
    assert (found.severity, found.state, found.seen_at) == ("amber", "new", None)
    assert found.acknowledge_by_at > NOW + timedelta(hours=1)
    with transaction() as session:
        draft = diary.get_draft(session, actor=actor_of(person), diary_on=TODAY)
        assert diary.get_call_now(session, actor=actor_of(person), now=SOON) is None
    assert (draft.unsent_reds, draft.pages) == ((), frozenset())
    assert "warning-signs" not in draft.raw
