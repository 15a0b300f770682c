"""The diary by the ward: every question of a day on one page, for a participant who is in hospital."""

from datetime import date, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.domain.access import Permission
from portal.domain.errors import NotFound
from portal.domain.questionnaire import AnswerProblems, Answers
from portal.extensions import Session, db
from portal.services import diary
from portal.web import guards, locale
from portal.web.guards import staff_view, writes
from portal.web.questionnaire_form import FormPage, decode_all, read_form

blueprint = Blueprint("staff_ward_diary", __name__)
ID_LENGTH = 36


class TypedWardDiary(NamedTuple):
    """What was typed, by linkId, and what is wrong with it."""

    raw: dict[str, Any]
    problems: AnswerProblems
    client_id: str


@blueprint.get("/staff/participants/<study_number>/ward-diary")
@staff_view(Permission.DIARY_ON_WARD)
def show_diary_form(study_number: str) -> str:
    """``?day=2026-11-22`` for yesterday."""
    day = _ward_day(db.session, study_number, request.args.get("day"))
    return _page(study_number, day, TypedWardDiary({}, {}, diary.new_client_id()))


@blueprint.post("/staff/participants/<study_number>/ward-diary")
@staff_view(Permission.DIARY_ON_WARD)
@writes
def submit_diary(session: Session, study_number: str) -> ResponseReturnValue:
    day = _ward_day(session, study_number, request.form.get("day"))
    raw = {key: value for page in day.form.pages for key, value in read_form(page, request.form).items()}
    answers, problems = decode_all(day.form, raw)
    client_id = request.form.get("client-id", "")[:ID_LENGTH] or diary.new_client_id()
    if problems:
        return _page(study_number, day, TypedWardDiary(raw, problems, client_id)), 422
    receipt = diary.submit_ward_diary(
        session,
        actor=guards.current_actor(),
        study_number=study_number,
        submission=_submission(day, answers, client_id),
        now=guards.request_time(),
    )
    flash(_("The diary is stored."), "success")
    return redirect(url_for("staff_participants.show_diary", study_number=study_number, diary_id=receipt.diary_id))


def _ward_day(session: Session, study_number: str, typed: str | None) -> diary.WardDay:
    try:
        on = date.fromisoformat(typed) if typed else None
    except ValueError as error:
        raise NotFound from error
    return diary.get_ward_day(
        session, actor=guards.current_actor(), study_number=study_number, on=on, now=guards.request_time()
    )


def _page(study_number: str, day: diary.WardDay, typed: TypedWardDiary) -> str:
    pages = [FormPage(page, typed.raw, typed.problems, locale.current_language()) for page in day.form.pages]
    return render_template(
        "staff/participation/ward_diary.html",
        study_number=study_number,
        day=day,
        pages=pages,
        summary=[problem for page in pages for problem in page.summary],
        client_id=typed.client_id,
    )


def _submission(day: diary.WardDay, answers: Answers, client_id: str) -> diary.Submission:
    entered_at = guards.request_time()
    offset = entered_at.astimezone(ZoneInfo(day.timezone)).utcoffset() or timedelta()
    return diary.Submission(
        client_id=client_id,
        diary_on=day.on,
        answers=dict(answers),
        entered_at=entered_at,
        offset_minutes=int(offset.total_seconds() // 60),
        language=locale.current_language(),
    )
