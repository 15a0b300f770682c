"""Red answers of a page that is saved: on the ward's list at once, told in ten minutes, and joined by the diary."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from portal.domain.access import SYSTEM
from portal.domain.errors import Conflict, NotFound
from portal.domain.messages import MessageState
from portal.extensions import db, transaction
from portal.models.audit import AuditEvent
from portal.models.diary import Diary, DiaryDraft
from portal.models.messages import Message
from portal.models.missed_diaries import MissedDiary
from portal.models.people import Participant
from portal.models.triage import Flag
from portal.services import audit, diary, watching
from tests.support.answers import submission, themselves
from tests.support.people import NOW, TODAY, enrol, hire
from tests.support.saved_pages import (
    CHEST_PAIN,
    FEVER,
    NOON_AFTER,
    SOON,
    WELL_PAGE,
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


BLOOD = {"bowel-trouble": "yes", "loose-stool-count": "2", "stool-blood": "obvious", "abdominal-pain": "0"}


@pytest.mark.parametrize(
    ("raw", "rules"),
    [
        ({"temperature-taken": "yes", "temperature": "39.55", "warning-signs": ["none"]}, {"fever-red"}),
        ({"temperature-taken": "yes", "temperature": "73", "warning-signs": ["fainting"]}, {"fainting-red"}),
        ({"temperature": "39.5"}, {"fever-red"}),
        ({"temperature-taken": "no", "temperature": "39.5"}, set()),
        ({"warning-signs": ["chest-pain", "none", "unheard-of"]}, {"chest-pain-red"}),
        (WELL_PAGE, set()),
    ],
)  # fmt: skip
def test_every_answer_that_can_be_read_is_judged(person: Participant, raw: dict[str, Any], rules: set[str]) -> None:
    assert {red.rule_id for red in save(person, raw).unsent_reds} == rules


def test_two_ambers_of_two_pages_are_one_sign_of_no_page(person: Participant) -> None:
    save(person, {"temperature-taken": "yes", "temperature": "37.6", "warning-signs": ["none"]})
    draft = save(person, {**BLOOD, "stool-blood": "streaks"}, page="bowel")
    (red,) = draft.unsent_reds
    assert (red.rule_id, red.page) == ("two-ambers", None)
    take_back(person, red.flag_id)
    assert db.session.scalars(select(Flag).where(Flag.corrected_at.is_(None))).all() == []


def test_a_second_red_page_goes_with_the_alert_that_waits(person: Participant) -> None:
    save(person, CHEST_PAIN)
    draft = save(person, {"liver-signs": ["none"], "immunosuppressant": "not-kept-down"}, page="liver", now=SOON)
    assert {red.alert_at for red in draft.unsent_reds} == {NOW + timedelta(minutes=10)}
    assert [alert.state for alert in alerts()] == ["planned"]


def test_taking_one_of_two_back_does_not_stop_the_alert_of_the_other(person: Participant) -> None:
    draft = save(person, {**CHEST_PAIN, **FEVER, "warning-signs": ["chest-pain"]})
    chest_pain = next(red for red in draft.unsent_reds if red.rule_id == "chest-pain-red")
    take_back(person, chest_pain.flag_id)
    assert [alert.state for alert in alerts()] == ["planned"]
    assert episode().severity == "red"


def test_a_changed_answer_alone_takes_nothing_back(person: Participant) -> None:
    save(person, CHEST_PAIN)
    draft = save(person, WELL_PAGE, now=SOON)
    assert [red.rule_id for red in draft.unsent_reds] == ["chest-pain-red"]
    receipt = send(person)
    assert (receipt.severity, episode().severity) == ("red", "red")
    assert [alert.not_before_at for alert in alerts()] == [SOON]


def test_the_same_sign_again_is_red_at_once(person: Participant) -> None:
    (red,) = save(person, CHEST_PAIN).unsent_reds
    take_back(person, red.flag_id)
    again = SOON + timedelta(minutes=1)
    (red,) = save(person, CHEST_PAIN, now=again).unsent_reds
    assert (red.alert_at, red.can_be_taken_back) == (again, False)
    assert [(alert.state, alert.not_before_at) for alert in alerts()][1:] == [("planned", again)]
    found = episode()
    assert (found.severity, found.acknowledge_by_at) == ("red", again + timedelta(hours=1))
    with pytest.raises(Conflict):
        take_back(person, red.flag_id, now=again)


def test_the_second_sign_taken_back_within_a_day_is_red_at_once(person: Participant) -> None:
    (first,) = save(person, CHEST_PAIN).unsent_reds
    take_back(person, first.flag_id)
    (second,) = save(person, FEVER, now=SOON).unsent_reds
    take_back(person, second.flag_id, now=SOON + timedelta(minutes=1))
    assert episode().severity == "red"
    assert [(alert.state, alert.not_before_at) for alert in alerts()] == [
        ("suppressed", NOW + timedelta(minutes=10)),
        ("planned", SOON + timedelta(minutes=1)),
    ]
    with transaction() as session:
        assert diary.get_call_now(session, actor=actor_of(person), now=SOON + timedelta(minutes=2))


def test_once_the_time_of_the_alert_has_come_it_can_only_be_talked_about(person: Participant) -> None:
    (red,) = save(person, CHEST_PAIN).unsent_reds
    with pytest.raises(Conflict, match="only be talked about"):
        take_back(person, red.flag_id, now=NOW + timedelta(minutes=10))
    assert [alert.state for alert in alerts()] == ["planned"]
    assert episode().severity == "red"


def test_an_alert_that_was_handed_over_early_cannot_be_stopped(person: Participant) -> None:
    (red,) = save(person, CHEST_PAIN).unsent_reds
    with transaction() as session:
        audit.begin(session, actor=SYSTEM, action="message:send", now=SOON)
        session.scalars(select(Message).where(Message.kind == "staff-alert")).one().state = MessageState.SENT
    with transaction() as session:
        (shown,) = diary.list_unsent_reds(session, actor=actor_of(person), diary_on=TODAY)
    assert not shown.can_be_taken_back
    with pytest.raises(Conflict):
        take_back(person, red.flag_id)


def test_nobody_takes_back_anothers_red_nor_one_of_a_sent_diary(person: Participant) -> None:
    (red,) = save(person, CHEST_PAIN).unsent_reds
    other = enrol(2)
    with pytest.raises(NotFound), transaction() as session:
        diary.take_back_red(session, actor=actor_of(other), diary_on=TODAY, flag_id=red.flag_id, now=SOON)
    send(person, warning_signs=("chest-pain",))
    with pytest.raises(NotFound):
        take_back(person, red.flag_id)


def test_taking_back_leaves_an_older_amber_its_time(person: Participant) -> None:
    send(person, client_id="c-0", now=NOW, temperature_taken=True, temperature=Decimal("37.7"))
    before = episode().acknowledge_by_at
    (red,) = save(person, CHEST_PAIN, now=SOON).unsent_reds
    assert episode().severity == "red"
    take_back(person, red.flag_id, now=SOON + timedelta(minutes=1))
    assert (episode().severity, episode().acknowledge_by_at) == ("amber", before)


def test_taking_back_leaves_an_older_red_red(person: Participant) -> None:
    send(person, client_id="c-0", now=NOW, temperature_taken=True, temperature=Decimal("38.7"))
    (red,) = save(person, {**WELL_PAGE, "warning-signs": ["fainting"]}, now=SOON).unsent_reds
    take_back(person, red.flag_id, now=SOON + timedelta(minutes=1))
    assert (episode().severity, episode().acknowledge_by_at) == ("red", NOW + timedelta(hours=1))


def test_both_acts_are_in_the_audit_log(person: Participant) -> None:
    (red,) = save(person, CHEST_PAIN).unsent_reds
    take_back(person, red.flag_id)
    acts = db.session.scalars(select(AuditEvent.action).where(AuditEvent.action.like("red:%")).order_by(AuditEvent.id))
    assert acts.all() == ["red:answer", "red:take-back"]


def test_a_session_of_a_reminders_link_has_a_draft_and_reds_of_its_own(person: Participant) -> None:
    save(person, CHEST_PAIN)
    linked = save(person, FEVER, client_id="c-2", link=True, now=SOON)
    assert [red.rule_id for red in linked.unsent_reds] == ["fever-red"]
    with transaction() as session:
        own = diary.get_draft(session, actor=actor_of(person), diary_on=TODAY)
        card = diary.get_call_now(session, actor=actor_of(person, link=True), now=SOON)
        whole = diary.get_call_now(session, actor=actor_of(person), now=SOON)
    assert [red.rule_id for red in own.unsent_reds] == ["chest-pain-red"]
    assert (own.raw["warning-signs"], linked.raw["warning-signs"]) == (["chest-pain"], ["none"])
    assert card
    assert whole
    assert (len(card.signs), len(whole.signs)) == (1, 2)


def test_a_diary_of_a_phone_takes_over_the_reds_of_the_older_draft_and_leaves_a_newer_one(person: Participant) -> None:
    save(person, CHEST_PAIN)
    receipt = send(person, client_id="phone-1", now=SOON)
    assert receipt.severity == "red"
    assert db.session.scalars(select(Flag.diary_id)).all() == [receipt.diary_id]
    save(person, FEVER, client_id="c-3", now=SOON + timedelta(minutes=5))
    with transaction() as session:
        actor = themselves(session.get_one(Participant, person.id))
        late = submission(client_id="phone-2", entered_at=SOON)
        diary.submit_diary(session, actor=actor, submission=late, now=SOON + timedelta(minutes=6))
        assert [red.rule_id for red in diary.get_draft(session, actor=actor, diary_on=TODAY).unsent_reds] == [
            "fever-red"
        ]


def test_a_red_draft_becomes_a_stored_report_when_its_window_ends_and_is_no_silence(person: Participant) -> None:
    save(person, {**CHEST_PAIN, "a-question-of-next-year": "x"})
    before = NOON_AFTER - timedelta(seconds=1)
    assert diary.store_overdue_drafts(transaction, now=before) == 0
    assert [diary.store_overdue_drafts(transaction, now=NOON_AFTER) for _ in range(2)] == [1, 0]
    kept = db.session.execute(select(Diary)).scalar_one()
    assert (kept.diary_on, kept.timing, kept.severity, kept.entered_at) == (TODAY, "beyond", "red", NOW)
    assert (kept.answers["warning-signs"], kept.unread) == (["chest-pain"], {"a-question-of-next-year": "x"})
    assert db.session.scalars(select(Flag.diary_id)).all() == [kept.id]
    assert db.session.scalars(select(DiaryDraft)).all() == []
    assert [alert.dedupe_key for alert in alerts()] == ["episode:1:1"]
    watching.judge_missed_diaries(transaction, now=NOON_AFTER)
    assert TODAY not in db.session.scalars(select(MissedDiary.missed_on)).all()


def test_a_draft_without_a_red_stays_a_draft(person: Participant) -> None:
    save(person, WELL_PAGE)
    (red,) = save(person, FEVER, now=SOON).unsent_reds
    take_back(person, red.flag_id, now=SOON)
    assert diary.store_overdue_drafts(transaction, now=NOON_AFTER) == 0


@pytest.mark.parametrize(("minutes", "typed", "kept"), [(0, "no", False), (1, "no", True), (1, "yes", False)])
def test_a_page_that_was_shown_before_does_not_replace_a_newer_answer(
    person: Participant, minutes: int, typed: str, kept: bool
) -> None:
    shown = save(person, {"bowel-trouble": "no"}, page="bowel").saved_at
    newer = NOW + timedelta(minutes=minutes)
    save(person, {"bowel-trouble": "yes", "loose-stool-count": "6"}, page="bowel", now=newer, base=shown)
    draft = save(person, {"bowel-trouble": typed, "loose-stool-count": "6"}, page="bowel", now=SOON, base=shown)
    assert (draft.kept == {"bowel-trouble"}, draft.raw["bowel-trouble"]) == (kept, "yes" if kept else typed)
    assert "stool-red" in {red.rule_id for red in draft.unsent_reds}


def test_a_red_on_an_older_page_is_judged_although_the_newer_answer_stands(person: Participant) -> None:
    shown = save(person, WELL_PAGE, now=NOW - timedelta(minutes=5)).saved_at
    save(person, {**WELL_PAGE, "warning-signs": []}, now=NOW - timedelta(minutes=1), base=shown)
    draft = save(person, CHEST_PAIN, base=shown)
    assert draft.kept == {"warning-signs"}
    assert [red.rule_id for red in draft.unsent_reds] == ["chest-pain-red"]


def test_an_id_of_a_draft_is_of_one_account(person: Participant) -> None:
    with transaction() as session:
        draft = diary.get_draft(session, actor=actor_of(person), diary_on=TODAY)
    assert diary.belongs_to(draft.client_id, person.accounts[0].id)
    assert not diary.belongs_to(draft.client_id, person.accounts[0].id + 1)
    assert not diary.belongs_to("c-1", person.accounts[0].id)
