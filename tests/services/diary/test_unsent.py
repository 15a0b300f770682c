"""Red answers of a page that is saved: on the ward's list at once, told in ten minutes, and joined by the diary."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import delete, select

from portal.domain.access import SYSTEM, Actor, ActorKind, Role
from portal.domain.errors import Conflict, NotFound
from portal.domain.messages import MessageState
from portal.extensions import db, transaction
from portal.models.audit import AuditEvent
from portal.models.diary import Diary, DiaryDraft
from portal.models.locking import DataLock
from portal.models.messages import Message
from portal.models.missed_diaries import MissedDiary
from portal.models.people import Participant, ParticipantKey
from portal.models.triage import Episode, Flag
from portal.services import audit, diary, triage, watching
from tests.support.answers import submission, themselves
from tests.support.people import NOW, TODAY, at_site, enrol, hire

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


FEVER = {"temperature-taken": "yes", "temperature": "38.4", "warning-signs": ["none"]}
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


NOON_AFTER = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)


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


def listed(now: datetime) -> triage.OpenEpisodeRow:
    db.session.rollback()
    (row,) = triage.list_open_episodes(db.session, actor=at_site("RJ"), now=now)
    return row


def test_the_list_says_what_is_not_sent_and_what_was_taken_back_until_it_is_claimed(person: Participant) -> None:
    (red,) = save(person, CHEST_PAIN).unsent_reds
    row = listed(NOW)
    assert (row.unsent_since_at, row.taken_back, [sign.msgid for sign in row.evidence]) == (NOW, (), ["Chest pain"])
    assert row.strip[-1].level == "red"
    take_back(person, red.flag_id)
    row = listed(SOON)
    assert (row.severity, row.unsent_since_at, row.evidence, row.strip[-1].level) == ("amber", None, (), "outside")
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
