"""Correcting a report, answering a question about one, and photographs, as their pages do it."""

import io
from collections.abc import Callable

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select

from portal.domain.access import Role
from portal.extensions import db
from portal.models.audit import AuditEvent
from portal.models.diary import Diary
from portal.models.diary_questions import DiaryQuestion
from portal.models.people import Participant
from portal.models.photos import Photo
from tests.support.diaries import send_bloody
from tests.support.people import TODAY
from tests.support.web.visitor import Visitor

NO_TROUBLE = {"bowel-trouble": "no", "reason": "I ticked the wrong box"}


def jpeg() -> io.BytesIO:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(out, "JPEG")
    out.seek(0)
    return out


def test_a_topic_opens_with_what_was_sent(signed_in: Visitor, participant: Participant) -> None:
    page = signed_in.get(f"/record/{send_bloody(participant)}/correct/bowel")
    assert page.status_code == 200
    assert 'value="3"' in page.text


def test_a_correction_is_sent_and_both_versions_are_in_the_record(signed_in: Visitor, participant: Participant) -> None:
    first = send_bloody(participant)
    answer = signed_in.submit(f"/record/{first}/correct/bowel", **NO_TROUBLE)
    page = signed_in.get(answer.headers["Location"]).text
    assert "Version 1" in page
    assert "I ticked the wrong box" in page
    assert db.session.get_one(Diary, first).superseded_at is not None


def test_without_a_reason_or_a_change_the_page_says_so_at_the_field(
    signed_in: Visitor, participant: Participant
) -> None:
    first = send_bloody(participant)
    bare = signed_in.submit(f"/record/{first}/correct/bowel", **{"bowel-trouble": "no", "reason": ""})
    same = signed_in.submit(f"/record/{first}/correct/skin", **{"skin-change": "no", "reason": "Why not"})
    assert (bare.status_code, same.status_code) == (422, 422)
    assert "Please give the reason." in bare.text
    assert "Nothing has been changed yet" in same.text


def test_a_correction_that_turns_red_shows_the_red_card(signed_in: Visitor, participant: Participant) -> None:
    first = send_bloody(participant)
    signed_in.submit(f"/record/{first}/correct/bowel", **NO_TROUBLE)
    newest = db.session.scalars(select(Diary.id).where(Diary.superseded_at.is_(None))).one()
    red = {"temperature-taken": "yes", "temperature": "38.4", "warning-signs": "none", "reason": "I had a fever"}
    answer = signed_in.submit(f"/record/{newest}/correct/how-you-are", **red)
    assert "/diary/sent/" in answer.headers["Location"]


def test_staff_ask_the_participant_answers_staff_close(
    signed_in: Visitor, participant: Participant, coordinator: Visitor
) -> None:
    first = send_bloody(participant)
    page = f"/staff/participants/RJ-001/diaries/{first}"
    assert coordinator.submit(page, action=f"{page}/queries", question="Red or black?").status_code == 302
    query = db.session.scalars(select(DiaryQuestion.id)).one()
    assert f"/queries/{query}" in signed_in.get("/today").text
    assert signed_in.submit(f"/queries/{query}", answer="Red.").status_code == 302
    assert "Red." in coordinator.get(page).text
    assert coordinator.submit(page, action=f"/staff/participants/RJ-001/queries/{query}/close").status_code == 302
    assert "/queries/" not in signed_in.get("/today").text


def test_an_empty_question_or_answer_is_asked_again(
    signed_in: Visitor, participant: Participant, coordinator: Visitor
) -> None:
    page = f"/staff/participants/RJ-001/diaries/{send_bloody(participant)}"
    assert coordinator.submit(page, action=f"{page}/queries", question=" ").status_code == 422
    coordinator.submit(page, action=f"{page}/queries", question="Red or black?")
    query = db.session.scalars(select(DiaryQuestion.id)).one()
    assert signed_in.submit(f"/queries/{query}", answer=" ").status_code == 422


def test_a_photograph_is_sent_counted_and_seen_by_staff(
    app: Flask, signed_in: Visitor, participant: Participant, staff_of: Callable[[Role], Visitor]
) -> None:
    first = send_bloody(participant)
    sent = signed_in.submit(f"/photos/{TODAY}", camera=(jpeg(), "rash.jpg"))
    assert sent.status_code == 302
    assert "1 photograph of this day" in signed_in.get(f"/record/{first}").text
    photo = db.session.scalars(select(Photo.id)).one()
    seen = staff_of(Role.COORDINATOR).get(f"/staff/participants/RJ-001/photos/{photo}")
    assert (seen.status_code, seen.headers["Content-Type"], seen.headers["Cache-Control"]) == (
        200,
        "image/jpeg",
        "no-store",
    )
    assert db.session.scalars(select(AuditEvent).where(AuditEvent.action == "photo:view")).one()
    assert staff_of(Role.MONITOR).get(f"/staff/participants/RJ-001/photos/{photo}").status_code == 403


def test_a_wrong_file_is_refused_in_words_at_the_field(signed_in: Visitor) -> None:
    answer = signed_in.submit(f"/photos/{TODAY}", photo=(io.BytesIO(b"%PDF-1.7"), "scan.pdf"))
    assert answer.status_code == 422
    assert "not a photograph that can be opened here" in answer.text


def test_a_large_photograph_is_refused_in_words(signed_in: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.adapters.photos.BYTES_MAX", 1000)
    large = signed_in.submit(f"/photos/{TODAY}", photo=(io.BytesIO(b"\xff\xd8" + b"0" * 1000), "a.jpg"))
    assert large.status_code == 422
    assert "larger than 10 MB" in large.text


def test_no_other_page_takes_a_large_request(signed_in: Visitor) -> None:
    assert signed_in.post("/queries/1", data={"answer": "0" * 3_000_000}).status_code == 413
