"""Correcting a report, one topic at a time, and answering what the study team asks about one."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from portal.domain.errors import NotFound
from portal.domain.questionnaire import AnswerProblems, Answers, QuestionnairePage
from portal.extensions import Session, db
from portal.services import diary, diary_questions
from portal.web import guards, locale
from portal.web.forms import Form, reason_field, submits
from portal.web.guards import participant_view, writes
from portal.web.questionnaire_form import FormPage, decode_page, read_form, refill_answers

UNCHANGED: Final = _l("Nothing has been changed yet. Change an answer, then send it.")

blueprint = Blueprint("correcting", __name__)


class ReasonForm(Form):
    reason = reason_field(
        _l("Why do you correct this?"),
        longest=500,
        description=_l("For example: I ticked the wrong box. What you sent before stays in the record beside it."),
    )


class AnswerForm(Form):
    answer = TextAreaField(_l("Your answer"), [DataRequired(_l("Write an answer.")), Length(max=1000)])


@blueprint.get("/record/<int:diary_id>/correct")
@participant_view
def show_topics(diary_id: int) -> str:
    """The report's topics, each with its answers and a way to change them."""
    report = _report(diary_id)
    written = diary.answer_sections(report.form, report.answers, language=locale.current_language())
    return render_template(
        "participant/correct_topics.html",
        diary_id=diary_id,
        sections=[(report.form.page(section.page_id).name, section) for section in written],
    )


@blueprint.get("/record/<int:diary_id>/correct/<name>")
@participant_view
def show_topic(diary_id: int, name: str) -> str:
    """What was sent, ready to be changed."""
    report = _report(diary_id)
    page = _page(report, name)
    shown = FormPage(page, refill_answers(page, report.answers), {}, locale.current_language())
    return _show(diary_id, shown, ReasonForm(formdata=None))


class Sent(NamedTuple):
    """A topic as it was sent: its page, what was typed, the report's answers with it, problems by question."""

    page: QuestionnairePage
    raw: Mapping[str, Any]
    answers: Answers
    problems: AnswerProblems


def _read(report: diary.CorrectableReport, name: str) -> Sent:
    page = _page(report, name)
    raw = read_form(page, request.form)
    here = {item.link_id for item in page.items}
    others = {link_id: value for link_id, value in report.answers.items() if link_id not in here}
    answers, problems = decode_page(page, raw, others)
    return Sent(page, raw, {**others, **answers}, problems)


def _topic_again(form: ReasonForm, diary_id: int, name: str) -> str:
    report = _report(diary_id)
    sent = _read(report, name)
    same = not sent.problems and sent.answers == dict(report.answers)
    shown = FormPage(sent.page, sent.raw, sent.problems, locale.current_language())
    return _show(diary_id, shown, form, problem=form.conflict or (str(UNCHANGED) if same else None))


@blueprint.post("/record/<int:diary_id>/correct/<name>")
@participant_view
@submits(ReasonForm, again=_topic_again)
@writes
def correct_topic(session: Session, form: ReasonForm, diary_id: int, name: str) -> ResponseReturnValue:
    report, actor = _report(diary_id), guards.current_actor()
    sent = _read(report, name)
    if sent.problems or sent.answers == dict(report.answers):
        return _topic_again(form, diary_id, name), 422
    reason, now = form.reason.data, guards.request_time()
    newest = diary.correct_report(session, actor=actor, diary_id=diary_id, answers=sent.answers, reason=reason, now=now)
    return _corrected(diary.get_submission_outcome(session, actor=actor, diary_id=newest))


def _corrected(outcome: diary.SubmissionOutcome) -> ResponseReturnValue:
    newest = outcome.row.id
    if outcome.row.severity is not None or outcome.row.version == 1:  # 1: kept as a report, the day's data are closed
        return redirect(url_for("diary.show_result", diary_id=newest))
    flash(_("Your correction has been stored. The study team sees both versions."))
    return redirect(url_for("patient.show_report", diary_id=newest))


def restore_correction(_session: Session, fields: MultiDict[str, str], *, diary_id: int, name: str) -> str:
    """The topic with what was typed before the sign-in, to be looked over and sent."""
    report = _report(diary_id)
    page = _page(report, name)
    shown = FormPage(page, read_form(page, fields), {}, locale.current_language())
    return _show(diary_id, shown, ReasonForm(formdata=None, reason=fields.get("reason")))


def _query_page(question_id: int, form: AnswerForm) -> str:
    waiting = diary_questions.list_unanswered_questions(db.session, actor=guards.current_actor())
    for asked in waiting:
        if asked.id == question_id:
            return render_template("participant/query.html", query=asked, form=form)
    raise NotFound


@blueprint.get("/queries/<int:question_id>")
@participant_view
def show_question(question_id: int) -> str:
    return _query_page(question_id, AnswerForm(formdata=None))


@blueprint.post("/queries/<int:question_id>")
@participant_view
@submits(AnswerForm, again=_query_page)
@writes
def answer_question(session: Session, form: AnswerForm, question_id: int) -> ResponseReturnValue:
    diary_questions.answer_diary_question(
        session, actor=guards.current_actor(), question_id=question_id, text=form.answer.data, now=guards.request_time()
    )
    flash(_("Your answer has been sent. Thank you."))
    return redirect(url_for("patient.show_today"))


def restore_answer(_session: Session, fields: MultiDict[str, str], *, question_id: int) -> str:
    """The question with what was typed before the sign-in."""
    return _query_page(question_id, AnswerForm(formdata=None, answer=fields.get("answer")))


def _report(diary_id: int) -> diary.CorrectableReport:
    return diary.get_correctable_report(
        db.session, actor=guards.current_actor(), diary_id=diary_id, now=guards.request_time()
    )


def _page(report: diary.CorrectableReport, name: str) -> QuestionnairePage:
    for page in report.form.pages:
        if page.name == name:
            return page
    raise NotFound


def _show(diary_id: int, shown: FormPage, reason: ReasonForm, *, problem: str | None = None) -> str:
    summary: list[tuple[Any, str]] = [
        *shown.summary,
        *((field.id, field.errors[0]) for field in reason if field.errors),
    ]
    return render_template(
        "participant/correct_topic.html",
        diary_id=diary_id,
        form=shown,
        reason=reason,
        summary=[(None, problem), *summary] if problem else summary,
    )
