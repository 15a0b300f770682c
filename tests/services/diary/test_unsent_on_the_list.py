"""What the ward reads of red answers that are not sent, and reds that meet other reds, closed data and lost keys."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete, select

from portal.domain.access import SYSTEM, Actor, ActorKind, Role
from portal.extensions import db, transaction
from portal.models.locking import DataLock
from portal.models.people import Participant, ParticipantKey
from portal.models.triage import Episode
from portal.services import audit, diary, triage
from tests.support.answers import submission
from tests.support.people import NOW, TODAY, at_site, enrol, hire
from tests.support.saved_pages import (
    CHEST_PAIN,
    FEVER,
    NOON_AFTER,
    SOON,
    actor_of,
    alerts,
    episode,
    save,
    send,
    take_back,
)

pytestmark = pytest.mark.usefixtures("core")


@pytest.fixture
def person() -> Participant:
    hire()
    return enrol()


def listed(now: datetime) -> triage.OpenEpisodeRow:
    db.session.rollback()
    (row,) = triage.list_open_episodes(db.session, actor=at_site("RJ"), now=now)
    return row


def test_the_list_says_what_is_not_sent_and_what_was_taken_back_until_it_is_claimed(person: Participant) -> None:
    (red,) = save(person, CHEST_PAIN).unsent_reds
    row = listed(NOW)
    assert (row.unsent_since_at, row.taken_back, [one.evidence.msgid for one in row.reasons]) == (
        NOW,
        (),
        ["Chest pain"],
    )
    assert row.strip[-1].level == "red"
    take_back(person, red.flag_id)
    row = listed(SOON)
    assert (row.severity, row.unsent_since_at, row.reasons, row.strip[-1].level) == ("amber", None, (), "outside")
    assert [(one.evidence.msgid, one.answered_at, one.at) for one in row.taken_back] == [("Chest pain", NOW, SOON)]
    with transaction() as session:
        nurse = Actor(ActorKind.STAFF, Role.COORDINATOR, 1, sites=frozenset({"RJ"}))
        version = session.scalars(select(Episode.version)).one()
        triage.claim_episode(session, actor=nurse, episode_id=row.episode_id, version=version, now=SOON)
    assert listed(SOON).taken_back == ()


def test_a_sent_red_is_not_called_unsent(person: Participant) -> None:
    save(person, CHEST_PAIN)
    send(person, warning_signs=("chest-pain",))
    assert listed(SOON).unsent_since_at is None


def test_a_draft_that_cannot_be_stored_keeps_no_other_back(person: Participant) -> None:
    other = enrol(2)
    save(person, CHEST_PAIN)
    save(other, CHEST_PAIN, client_id="c-2")
    with transaction() as session:
        audit.begin(session, actor=SYSTEM, action="retention:erase", now=SOON)
        session.execute(delete(ParticipantKey).where(ParticipantKey.participant_id == person.id))
    assert diary.store_overdue_drafts(transaction, now=NOON_AFTER) == 1


def test_closed_data_take_a_red_draft_and_what_is_no_diary(person: Participant) -> None:
    manager = hire(Role.DATA_MANAGER)
    with transaction() as session:
        audit.begin(session, actor=SYSTEM, action="data:freeze", now=NOW)
        session.add(DataLock(kind="freeze", site="RJ", participant_id=person.id, reason="checked", set_at=NOW,
                             set_by_id=manager))  # fmt: skip
    assert save(person, CHEST_PAIN).unsent_reds
    with transaction() as session:
        typed = diary.TypedReport("phone-1", None, {"warning-signs": ["fainting"]}, NOW, 480, "en")
        receipt = diary.keep_report(session, actor=actor_of(person), typed=typed, now=NOW)
    assert (receipt.severity, receipt.timing) == ("red", "beyond")


def test_a_page_that_is_saved_as_its_diary_is_sent_begins_a_draft_of_its_own(person: Participant) -> None:
    send(person, now=NOW)
    draft = save(person, CHEST_PAIN, client_id="c-1", now=SOON)
    assert draft.client_id != "c-1"
    assert [red.rule_id for red in draft.unsent_reds] == ["chest-pain-red"]
    assert diary.store_overdue_drafts(transaction, now=NOON_AFTER) == 1


def test_a_sent_red_that_joins_a_waiting_alert_is_told_now_and_stays_told(person: Participant) -> None:
    (red,) = save(person, CHEST_PAIN).unsent_reds
    with transaction() as session:
        guardian = actor_of(person, link=True)
        sent = submission(client_id="guardian", entered_at=SOON, warning_signs=("chest-pain",))
        diary.submit_diary(session, actor=guardian, submission=sent, now=SOON)
    assert [alert.not_before_at for alert in alerts()] == [SOON]
    take_back(person, red.flag_id, now=SOON)
    assert [alert.state for alert in alerts()] == ["planned"]
    assert episode().severity == "red"


def test_a_red_of_another_draft_keeps_the_alert_that_both_wait_for(person: Participant) -> None:
    (red,) = save(person, CHEST_PAIN).unsent_reds
    save(person, FEVER, client_id="c-2", link=True, now=SOON)
    take_back(person, red.flag_id, now=SOON + timedelta(minutes=1))
    assert [(alert.state, alert.not_before_at) for alert in alerts()] == [("planned", NOW + timedelta(minutes=10))]
    assert episode().severity == "red"


def test_a_red_answer_behind_a_hundred_unknown_names_is_judged(person: Participant) -> None:
    waiting = diary.QueuedDiary(
        client_id="c-9", diary_on=TODAY, raw={**{f"unknown-{number}": "x" for number in range(150)}, **CHEST_PAIN},
        claimed_at=NOW, offset_minutes=480, language="en", last_contact_at=None,
    )  # fmt: skip
    with transaction() as session:
        result = diary.receive_queued_diary(session, actor=actor_of(person), waiting=waiting, now=NOW)
    assert result.severity == "red"
    assert listed(NOW).severity == "red"
