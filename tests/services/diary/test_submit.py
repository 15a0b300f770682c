"""Sending a diary: one transaction that stores, stages, flags, raises, alerts and cancels."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.domain.errors import Invalid
from portal.extensions import db, transaction
from portal.models.audit import AuditEvent
from portal.models.diary import Diary, DiaryDraft
from portal.models.messages import Message
from portal.models.people import Participant
from portal.models.triage import Episode, Flag
from portal.services import audit, diary
from portal.services.diary import SubmissionReceipt
from tests.support.answers import BLOODY, STREAKS, themselves
from tests.support.diaries import send
from tests.support.people import NOW, TODAY, acting_for, enrol, hire
from tests.support.statements import counted


def count(model: Any) -> int:
    return int(db.session.execute(select(func.count()).select_from(model)).scalar_one())


def test_a_day_without_symptoms_is_stored_and_raises_nothing(core: Flask) -> None:
    receipt = send(enrol())
    assert (receipt.severity, receipt.timing, count(Flag), count(Episode)) == (None, "on-time", 0, 0)


def test_blood_in_the_stool_is_red_and_on_the_wards_list_at_once(core: Flask) -> None:
    receipt = send(enrol(), **BLOODY)
    episode = db.session.scalars(select(Episode)).one()
    assert receipt.severity == "red"
    assert (episode.organ, episode.severity, episode.state) == ("lower_gi", "red", "new")
    assert episode.acknowledge_by_at == NOW + timedelta(hours=1)


def test_a_flag_says_which_rule_which_version_and_which_protocol(core: Flask) -> None:
    send(enrol(), **BLOODY)
    rules = {flag.rule_id: flag for flag in db.session.scalars(select(Flag))}
    flag = next(flag for rule, flag in rules.items() if "blood" in rule)
    assert (flag.rule_version, flag.protocol_version, flag.severity) == (1, "1.1", "red")
    assert flag.evidence["msgid"]


def test_the_estimate_is_kept_with_the_diary(core: Flask) -> None:
    receipt = send(enrol(), bowel_trouble=True, loose_stool_count=5, stool_blood="none", abdominal_pain=0)
    estimate = db.session.get_one(Diary, receipt.diary_id).estimate
    assert (estimate["lower_gi"]["stage"], estimate["liver"]["stage"], estimate["at_least"]) == (2, None, "III")


def test_sent_twice_it_is_stored_once(core: Flask) -> None:
    person = enrol()
    first, second = send(person, **BLOODY), send(person, **BLOODY)
    assert (first.diary_id, first.again, second.again) == (second.diary_id, False, True)
    assert (count(Diary), count(Episode), count(AuditEvent)) == (1, 1, 2)


def test_two_taps_at_the_same_instant_are_stored_once(core: Flask) -> None:
    person = enrol()
    db.session.refresh(person)
    db.session.expunge(person)
    db.session.rollback()
    receipts: list[SubmissionReceipt] = []

    def tap() -> None:
        with core.app_context():
            receipts.append(send(person, **BLOODY))
            db.session.close()

    taps = [threading.Thread(target=tap) for _ in range(4)]
    for each in taps:
        each.start()
    for each in taps:
        each.join()
    assert sorted(receipt.again for receipt in receipts) == [False, True, True, True]
    assert count(Diary) == 1


def test_a_wrong_answer_changes_nothing_and_names_the_question(core: Flask) -> None:
    person = enrol()
    with pytest.raises(Invalid) as caught:
        send(person, bowel_trouble=True)
    assert {"loose-stool-count", "stool-blood", "abdominal-pain"} <= set(caught.value.problems)
    assert (count(Diary), count(AuditEvent)) == (0, 1)


def test_answers_behind_a_closed_gate_are_not_stored(core: Flask) -> None:
    receipt = send(enrol(), **{**BLOODY, "bowel-trouble": False})
    stored = db.session.get_one(Diary, receipt.diary_id)
    assert "stool-blood" not in stored.answers
    assert "stool-blood" in stored.skipped


def test_a_second_day_joins_the_episode_and_does_not_alert_again(core: Flask) -> None:
    person = enrol(day=20)
    tomorrow = NOW + timedelta(days=1)
    send(person, **STREAKS)
    send(person, client_id="c-2", diary_on=TODAY + timedelta(days=1), entered_at=tomorrow, now=tomorrow, **STREAKS)
    assert (count(Diary), count(Episode)) == (2, 1)


def test_a_later_report_of_the_day_takes_nothing_away(core: Flask) -> None:
    person = enrol()
    send(person, **BLOODY)
    send(person, client_id="c-2", now=NOW + timedelta(hours=2))
    state = diary.get_today_status(db.session, actor=acting_for(person), now=NOW)
    assert (count(Diary), state.severity) == (2, "red")


def test_free_text_is_not_readable_in_the_database(core: Flask) -> None:
    receipt = send(enrol(), note="昨晚睡得不好")
    stored = db.session.get_one(Diary, receipt.diary_id)
    assert stored.free_text == {"note": "昨晚睡得不好"}
    assert "note" not in stored.answers


def test_the_trail_has_one_field_a_question(core: Flask) -> None:
    receipt = send(enrol(), **BLOODY)
    change = audit.list_row_changes(db.session, entity="diary", entity_id=receipt.diary_id)[0]
    assert change.fields["answers.stool-blood"] == (None, "obvious")
    assert change.actor_kind == "account"


@pytest.mark.parametrize(("days", "hour", "timing"), [(1, 11, "late"), (1, 13, "beyond"), (3, 9, "beyond")])
def test_a_late_diary_is_kept_but_labelled(core: Flask, days: int, hour: int, timing: str) -> None:
    then = NOW + timedelta(days=days, hours=hour - 10)
    assert send(enrol(), now=then, entered_at=then).timing == timing


@pytest.mark.parametrize("offset", [1, -30])
def test_there_is_no_diary_for_tomorrow_or_before_enrolment(core: Flask, offset: int) -> None:
    with pytest.raises(Invalid):
        send(enrol(), diary_on=TODAY + timedelta(days=offset))
    assert count(Diary) == 0


def test_a_red_report_alerts_the_sites_coordinators(core: Flask) -> None:
    coordinator_id = hire()
    send(enrol(), **BLOODY)
    (message,) = db.session.scalars(select(Message).where(Message.kind == "staff-alert")).all()
    assert (message.staff_id, message.state) == (coordinator_id, "planned")


def test_sending_removes_the_draft(core: Flask) -> None:
    person = enrol()
    with transaction() as session:
        actor = themselves(session.get_one(Participant, person.id))
        kept = diary.save_draft_page(
            session, actor=actor, diary_on=TODAY, client_id="c-1", page="skin", raw={"skin-change": "no"}, now=NOW
        )
    assert (kept.raw, count(DiaryDraft)) == ({"skin-change": "no"}, 1)
    send(person)
    assert count(DiaryDraft) == 0


def statements_of(person: Participant, day: int) -> int:
    at = NOW + timedelta(days=day)
    with counted() as number:
        send(person, client_id=f"c-{day}", diary_on=TODAY + timedelta(days=day), entered_at=at, now=at, **STREAKS)
        return number()


def test_a_submission_is_a_fixed_number_of_statements_however_long_the_history(core: Flask) -> None:
    person = enrol(day=20)
    first, *later = (statements_of(person, day) for day in range(6))
    assert first <= 14
    assert set(later) == {later[0]}
    assert later[0] <= first
