"""Corrections and queries: nothing is overwritten, and a red that a correction removes does not vanish."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal.domain.access import Actor, Role
from portal.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from portal.extensions import db, transaction
from portal.models.audit import AuditEvent
from portal.models.diary import Diary
from portal.models.people import Participant
from portal.models.triage import Episode, EpisodeStep, Flag
from portal.services import audit, diary, diary_questions
from tests.support.answers import BLOODY, themselves
from tests.support.diaries import LATER, correct, hire, send
from tests.support.people import NOW, TODAY, acting_for, enrol


def flags() -> list[Flag]:
    return list(db.session.scalars(select(Flag).order_by(Flag.id)))


def test_a_correction_is_a_new_version_and_keeps_the_old_one(core: Flask) -> None:
    person = enrol()
    first = send(person, **BLOODY).diary_id
    second = correct(person, first)
    page = diary.read_diary(db.session, actor=themselves(person), diary_id=second, language="en")
    assert [(one.diary_id, one.version, one.reason, one.current) for one in page.versions] == [
        (first, 1, None, False),
        (second, 2, "I ticked the wrong box", True),
    ]
    assert db.session.get_one(Diary, first).answers["bowel-trouble"] is True


def test_only_the_newest_version_is_listed_and_stands_for_the_day(core: Flask) -> None:
    person = enrol()
    second = correct(person, send(person, **BLOODY).diary_id)
    rows = diary.list_diaries(db.session, actor=acting_for(person))
    state = diary.get_today_status(db.session, actor=acting_for(person), now=LATER)
    assert [row.id for row in rows] == [second]
    assert (state.last_diary_id, state.severity) == (second, None)


def test_a_corrected_version_keeps_its_place_and_its_times(core: Flask) -> None:
    person = enrol()
    first = db.session.get_one(Diary, send(person, **BLOODY).diary_id)
    second = db.session.get_one(Diary, correct(person, first.id))
    assert (second.entered_at, second.received_at, second.timing) == (first.entered_at, first.received_at, "on-time")
    assert second.corrected_at == LATER


def test_a_red_that_a_correction_removes_stays_in_its_episode(core: Flask) -> None:
    person = enrol()
    first = send(person, **BLOODY).diary_id
    correct(person, first)
    episode = db.session.scalars(select(Episode)).one()
    assert (episode.severity, episode.state) == ("red", "new")
    assert {(flag.diary_id, flag.corrected_at) for flag in flags()} == {(first, LATER)}
    assert [step.kind for step in db.session.scalars(select(EpisodeStep).order_by(EpisodeStep.id))] == [
        "open",
        "correct",
    ]


def test_a_red_that_a_correction_adds_opens_an_episode(core: Flask) -> None:
    person = enrol()
    second = correct(person, send(person).diary_id, **BLOODY)
    assert db.session.scalars(select(Episode)).one().severity == "red"
    assert {flag.diary_id for flag in flags()} == {second}


def test_what_still_holds_goes_over_to_the_new_version_and_alerts_nobody_again(core: Flask) -> None:
    person = enrol()
    first = send(person, **BLOODY).diary_id
    before = {(flag.rule_id, flag.severity) for flag in flags()}
    second = correct(person, first, temperature_taken=True, temperature=Decimal("36.8"), **BLOODY)
    assert {(flag.rule_id, flag.severity) for flag in flags()} == before
    assert {(flag.diary_id, flag.corrected_at) for flag in flags()} == {(second, None)}
    assert [step.kind for step in db.session.scalars(select(EpisodeStep))] == ["open"]


def test_the_same_red_reported_again_after_a_correction_alerts_again(core: Flask) -> None:
    person = enrol()
    correct(person, send(person, **BLOODY).diary_id)
    tomorrow = NOW + timedelta(days=1)
    send(person, now=tomorrow, client_id="c-2", diary_on=TODAY + timedelta(days=1), entered_at=tomorrow, **BLOODY)
    assert [step.kind for step in db.session.scalars(select(EpisodeStep).order_by(EpisodeStep.id))][-1] == "worsen"


def test_a_later_report_is_judged_again_against_the_corrected_one(core: Flask) -> None:
    person, tomorrow = enrol(), NOW + timedelta(days=1)
    rash = {"skin_change": True, "skin_areas": {"head-front": "some"}, "skin_itch": 0, "skin_blisters": False,
            "skin_peeling": False}  # fmt: skip
    first = send(person).diary_id
    send(person, now=tomorrow, client_id="c-2", diary_on=TODAY + timedelta(days=1), entered_at=tomorrow, **rash)
    assert "rash-new" in {flag.rule_id for flag in flags() if flag.corrected_at is None}
    correct(person, first, now=tomorrow + timedelta(hours=1), **rash)
    standing = [(flag.rule_id, flag.diary_id) for flag in flags() if flag.corrected_at is None]
    newest = diary.list_diaries(db.session, actor=acting_for(person))
    assert ("rash-new", newest[0].id) not in standing
    assert ("rash-new", newest[1].id) in standing


def test_a_correction_needs_a_reason_and_a_change(core: Flask) -> None:
    person = enrol()
    first = send(person).diary_id
    with pytest.raises(Invalid) as empty:
        correct(person, first, reason="  ", **BLOODY)
    with pytest.raises(Invalid) as same:
        correct(person, first)
    assert (set(empty.value.problems), set(same.value.problems)) == ({"reason"}, {"unchanged"})


def test_after_48_hours_only_a_query_opens_the_report_again(core: Flask) -> None:
    person, late = enrol(), NOW + timedelta(hours=48)
    first = send(person).diary_id
    with pytest.raises(Conflict):
        correct(person, first, now=late, **BLOODY)
    ask(first, now=late)
    assert correct(person, first, now=late, **BLOODY)


def test_in_the_last_second_of_48_hours_a_report_can_be_corrected(core: Flask) -> None:
    person = enrol()
    first = send(person).diary_id
    assert correct(person, first, now=NOW + timedelta(hours=48, seconds=-1), **BLOODY)


def test_an_old_version_cannot_be_corrected(core: Flask) -> None:
    person = enrol()
    first = send(person, **BLOODY).diary_id
    correct(person, first)
    with pytest.raises(Conflict):
        correct(person, first, skin_change=False)


def test_nobody_corrects_somebody_elses_report(core: Flask) -> None:
    first = send(enrol()).diary_id
    with pytest.raises(NotFound):
        correct(enrol(2), first, **BLOODY)


def test_a_correction_is_in_the_trail_with_its_reason(core: Flask) -> None:
    person = enrol()
    second = correct(person, send(person, **BLOODY).diary_id)
    (change,) = audit.list_row_changes(db.session, entity="diary", entity_id=second)
    assert (change.action, change.reason, change.role) == ("diary:correct", "I ticked the wrong box", "participant")


def ask(diary_id: int, *, now: datetime = LATER, by: Actor | None = None) -> int:
    by = by or hire()
    with transaction() as session:
        return diary_questions.ask_diary_question(
            session, actor=by, study_number="RJ-001", diary_id=diary_id, question="Was it red or black?", now=now
        )


def reply(person: Participant, question_id: int, text: str = "Red.") -> None:
    with transaction() as session:
        diary_questions.answer_diary_question(
            session,
            actor=themselves(session.get_one(Participant, person.id)),
            question_id=question_id,
            text=text,
            now=LATER,
        )


def test_a_query_is_asked_answered_and_closed(core: Flask) -> None:
    person, nurse = enrol(), hire()
    first = send(person, **BLOODY).diary_id
    query = ask(first, by=nurse)
    assert [
        one.question for one in diary_questions.list_unanswered_questions(db.session, actor=acting_for(person))
    ] == ["Was it red or black?"]
    reply(person, query)
    with transaction() as session:
        diary_questions.close_diary_question(session, actor=nurse, study_number="RJ-001", question_id=query, now=LATER)
    (seen,) = diary_questions.list_report_questions(db.session, actor=nurse, diary_id=first)
    assert (seen.state, seen.answer, seen.asked_by) == ("closed", "Red.", "Li Na")
    actions = list(
        db.session.scalars(
            select(AuditEvent.action).where(AuditEvent.action.like("diary-question:%")).order_by(AuditEvent.id)
        )
    )
    assert actions == ["diary-question:ask", "diary-question:answer", "diary-question:close"]


def test_a_query_follows_the_report_to_its_newest_version(core: Flask) -> None:
    person = enrol()
    first = send(person, **BLOODY).diary_id
    ask(first)
    second = correct(person, first)
    (seen,) = diary_questions.list_report_questions(db.session, actor=themselves(person), diary_id=second)
    assert (seen.diary_id, seen.newest_id) == (first, second)


def test_a_query_is_answered_once_and_only_by_its_participant(core: Flask) -> None:
    person = enrol()
    query = ask(send(person).diary_id)
    with pytest.raises(NotFound):
        reply(enrol(2), query)
    reply(person, query)
    with pytest.raises(Conflict):
        reply(person, query)


@pytest.mark.parametrize(("role", "sites", "refusal"), [
    (Role.MONITOR, ("RJ",), NotAllowed),
    (Role.COORDINATOR, ("XX",), NotFound),
])  # fmt: skip
def test_only_those_of_the_site_who_may_ask_do(core: Flask, role: Role, sites: tuple[str, ...], refusal: Any) -> None:
    first, stranger = send(enrol()).diary_id, hire(role=role, sites=sites)
    with pytest.raises(refusal):
        ask(first, by=stranger)
