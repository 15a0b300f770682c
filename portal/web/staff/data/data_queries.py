"""Queries about data: the list, one with its answer, and a new one about a participant or one of their records."""

from typing import Any, Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional
from wtforms.widgets import HiddenInput

from portal.domain.access import Permission, is_allowed
from portal.extensions import Session, db
from portal.services import data_queries, participants
from portal.web import guards
from portal.web.forms import Form, at_most, submits
from portal.web.guards import staff_view, writes

blueprint = Blueprint("staff_data_queries", __name__)
STATES: Final = {"open": _l("open"), "answered": _l("answered"), "closed": _l("closed")}
LONG: Final = at_most(1000)


@blueprint.record_once
def _filters(state: Any) -> None:
    state.app.add_template_filter(lambda word: str(STATES[word]), "data_query_state_label")


class AskForm(Form):
    """``table`` and ``row_id`` name the record that it is about, when it was asked beside one."""

    question = TextAreaField(_l("What do you ask the site?"), [DataRequired(_l("Write your question.")), LONG])
    table = StringField(widget=HiddenInput(), validators=[Length(max=30)])
    row_id = IntegerField(widget=HiddenInput(), validators=[Optional()])


class AnswerForm(Form):
    answer = TextAreaField(_l("Answer"), [DataRequired(_l("Write an answer.")), LONG])


@blueprint.get("/staff/data-queries")
@staff_view(Permission.DATA_QUERIES_READ)
def list_data_queries() -> str:
    """``?show=closed``; ``?before=`` the last one of the page before."""
    settled = request.args.get("show") == "closed"
    before = request.args.get("before", type=int)
    rows = data_queries.list_data_queries(db.session, actor=guards.current_actor(), settled=settled, before=before)
    older = rows[-1].id if len(rows) == data_queries.PAGE else None
    return render_template("staff/data_queries/index.html", rows=rows, older=older, settled=settled)


@blueprint.get("/staff/participants/<study_number>/data-queries/new")
@staff_view(Permission.DATA_QUERIES_RAISE)
def show_new_form(study_number: str) -> str:
    """``?table=`` and ``?row_id=``: the record that it is about."""
    form = AskForm(formdata=None, table=request.args.get("table"), row_id=request.args.get("row_id", type=int))
    return _new(study_number, form)


def _new(study_number: str, form: AskForm) -> str:
    page = participants.get_participant_page(
        db.session, actor=guards.current_actor(), study_number=study_number, now=guards.request_time()
    )
    return render_template("staff/data_queries/new.html", page=page, form=form)


@blueprint.post("/staff/participants/<study_number>/data-queries/new")
@staff_view(Permission.DATA_QUERIES_RAISE)
@submits(AskForm, again=_new)
@writes
def raise_data_query(session: Session, form: AskForm, study_number: str) -> ResponseReturnValue:
    made = data_queries.raise_data_query(
        session,
        actor=guards.current_actor(),
        study_number=study_number,
        question=form.question.data,
        entity=form.table.data or None,
        entity_id=form.row_id.data,
        now=guards.request_time(),
    )
    flash(_("The query waits for the site."), "success")
    return redirect(url_for(".show_data_query", data_query_id=made))


@blueprint.get("/staff/data-queries/<int:data_query_id>")
@staff_view(Permission.DATA_QUERIES_READ)
def show_data_query(data_query_id: int) -> str:
    return _one(data_query_id, AnswerForm(formdata=None))


def _one(data_query_id: int, form: AnswerForm) -> str:
    actor = guards.current_actor()
    row = data_queries.get_data_query(db.session, actor=actor, data_query_id=data_query_id)
    waits = row.state != "closed"
    return render_template(
        "staff/data_queries/one.html",
        row=row,
        form=form,
        may_answer=waits and is_allowed(actor, Permission.DATA_QUERIES_ANSWER, site=row.site),
        may_close=waits and is_allowed(actor, Permission.DATA_QUERIES_RAISE, site=row.site),
    )


@blueprint.post("/staff/data-queries/<int:data_query_id>/answer")
@staff_view(Permission.DATA_QUERIES_ANSWER)
@submits(AnswerForm, again=_one)
@writes
def answer_data_query(session: Session, form: AnswerForm, data_query_id: int) -> ResponseReturnValue:
    data_queries.answer_data_query(
        session,
        actor=guards.current_actor(),
        data_query_id=data_query_id,
        text=form.answer.data,
        now=guards.request_time(),
    )
    flash(_("The answer is kept."), "success")
    return redirect(url_for(".show_data_query", data_query_id=data_query_id))


@blueprint.post("/staff/data-queries/<int:data_query_id>/close")
@staff_view(Permission.DATA_QUERIES_RAISE)
@writes
def close_data_query(session: Session, data_query_id: int) -> ResponseReturnValue:
    data_queries.close_data_query(
        session, actor=guards.current_actor(), data_query_id=data_query_id, now=guards.request_time()
    )
    flash(_("The query is closed."), "success")
    return redirect(url_for(".list_data_queries"))
