"""The page "I feel unwell": the 24-hour number first, the warning signs as ticks, then today's diary."""

from datetime import date

from flask import Blueprint, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.domain.diary import local_day
from portal.domain.questionnaire import Questionnaire
from portal.extensions import Session, db
from portal.services import diary
from portal.web import guards, locale
from portal.web.guards import participant_view, writes
from portal.web.participant import red_answers
from portal.web.questionnaire_form import WARNING_SIGNS, warning_signs_field

blueprint = Blueprint("unwell", __name__)


@blueprint.get("/unwell")
@participant_view
def show_unwell() -> str:
    field = warning_signs_field(_form(), locale.current_language())
    return render_template("participant/unwell.html", field=field, call=red_answers.find_call_now())


@blueprint.post("/unwell")
@participant_view
@writes
def tell_unwell(session: Session) -> Response:
    """Ticked signs become answers of today's draft, and are judged at once; the first page of the diary follows."""
    draft, form = _draft(), _form()
    ticked = request.form.getlist(WARNING_SIGNS)
    if ticked:
        draft = _keep_signs(session, draft, form, ticked)
    shown = ".".join(map(str, red_answers.list_new_reds(draft))) or None
    return redirect(url_for("diary.show_diary_page", day=draft.diary_on, name=form.pages[0].name, red=shown))


def _keep_signs(session: Session, draft: diary.DraftView, form: Questionnaire, ticked: list[str]) -> diary.DraftView:
    """Beside the signs that were answered before."""
    alone = form.item(WARNING_SIGNS).exclusive
    before = [code for code in draft.raw.get(WARNING_SIGNS) or () if code not in alone]
    return diary.save_draft_page(
        session,
        actor=guards.current_actor(),
        diary_on=draft.diary_on,
        client_id=draft.client_id,
        page=form.pages[0].name,
        raw={WARNING_SIGNS: list(dict.fromkeys([*before, *ticked]))},
        now=guards.request_time(),
        questionnaire=" ".join(form.sources),
    )


def _form() -> Questionnaire:
    who, at = guards.current_actor(), guards.request_time()
    return diary.form_of_draft(db.session, actor=who, draft=_draft(), at=at)


def _draft() -> diary.DraftView:
    return diary.get_draft(db.session, actor=guards.current_actor(), diary_on=_today())


def _today() -> date:
    return local_day(guards.request_time(), current_user.person.timezone)
