"""What staff do about one report: look at its photographs, ask about it, close what has been answered."""

from flask import Blueprint, current_app, flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from portal.domain.access import Permission
from portal.extensions import Session, transaction
from portal.services import diary_questions, photos
from portal.web import guards
from portal.web.forms import Form, submits
from portal.web.guards import staff_view, writes

blueprint = Blueprint("staff_diary", __name__)


class QueryForm(Form):
    question = TextAreaField(
        _l("Ask the participant"),
        [DataRequired(_l("Write your question.")), Length(max=1000)],
        description=_l("The participant sees it on the page “Today”, and can correct the report while it is open."),
    )


@blueprint.get("/staff/participants/<study_number>/photos/<int:photo_id>")
@staff_view(Permission.PHOTOS_VIEW)
def show_photo(study_number: str, photo_id: int) -> ResponseReturnValue:
    """One photograph; viewing it is recorded in the audit log and changes nothing else."""
    with transaction() as db_session:
        jpeg = photos.view_photo(
            db_session,
            actor=guards.current_actor(),
            study_number=study_number,
            photo_id=photo_id,
            folder=current_app.config["PORTAL"].files_dir,
            now=guards.request_time(),
        )
    response = make_response(jpeg)
    response.headers.update(
        {"Content-Type": "image/jpeg", "Content-Disposition": f"inline; filename=photo-{photo_id}.jpg"}
    )
    return response


def _page(form: QueryForm, study_number: str, diary_id: int) -> str:
    return render_template("staff/participants/query.html", form=form, number=study_number, diary_id=diary_id)


@blueprint.post("/staff/participants/<study_number>/diaries/<int:diary_id>/queries")
@staff_view(Permission.QUERIES_ASK)
@submits(QueryForm, again=_page)
@writes
def ask_diary_question(session: Session, form: QueryForm, study_number: str, diary_id: int) -> ResponseReturnValue:
    diary_questions.ask_diary_question(
        session,
        actor=guards.current_actor(),
        study_number=study_number,
        diary_id=diary_id,
        question=form.question.data,
        now=guards.request_time(),
    )
    flash(_("The question waits for the participant."))
    return redirect(url_for("staff_participants.show_diary", study_number=study_number, diary_id=diary_id))


@blueprint.post("/staff/participants/<study_number>/queries/<int:question_id>/close")
@staff_view(Permission.QUERIES_ASK)
@writes
def close_diary_question(session: Session, study_number: str, question_id: int) -> ResponseReturnValue:
    diary_id = diary_questions.close_diary_question(
        session,
        actor=guards.current_actor(),
        study_number=study_number,
        question_id=question_id,
        now=guards.request_time(),
    )
    flash(_("The question is closed."))
    return redirect(url_for("staff_participants.show_diary", study_number=study_number, diary_id=diary_id))
