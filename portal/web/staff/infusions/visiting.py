"""One follow-up visit: it took place, it did not, it moves, or what was recorded was a slip."""

from typing import Any, Final

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, TextAreaField, TimeField
from wtforms.validators import InputRequired

from portal.domain.access import Permission
from portal.extensions import Session, db
from portal.services import infusions
from portal.web import guards
from portal.web.guards import staff, writes
from portal.web.staff.infusions.hall import (
    ENTER_A_DAY,
    ENTER_A_TIME,
    LONG,
    REASON,
    Problems,
    again,
    blueprint,
    instant,
    mark,
    recorded,
)

OUTSIDE: Final = _l("Reason (needed outside the window)")


class AttendForm(FlaskForm):  # type: ignore[misc]
    on = DateField(_l("Day on which it took place"), [InputRequired(ENTER_A_DAY)])
    attend_reason = TextAreaField(OUTSIDE, [LONG])


class MissForm(FlaskForm):  # type: ignore[misc]
    miss_reason = TextAreaField(_l("Reason"), [REASON, LONG])


class MoveVisitForm(FlaskForm):  # type: ignore[misc]
    to_on = DateField(_l("New day"), [InputRequired(ENTER_A_DAY)])
    to_at = TimeField(_l("Time"), [InputRequired(ENTER_A_TIME)])
    move_reason = TextAreaField(OUTSIDE, [LONG])


class TakeBackForm(FlaskForm):  # type: ignore[misc]
    back_reason = TextAreaField(_l("Reason"), [REASON, LONG])


FORMS: Final[dict[str, Any]] = {"attend": AttendForm, "miss": MissForm, "move": MoveVisitForm, "back": TakeBackForm}


@blueprint.get("/staff/visits/<int:visit_id>")
@staff(Permission.INFUSIONS_ACT)
def visit(visit_id: int) -> str:
    return _page(visit_id)


@blueprint.post("/staff/visits/<int:visit_id>/attended")
@staff(Permission.INFUSIONS_ACT)
@writes
def attend(session: Session, visit_id: int) -> ResponseReturnValue:
    form, actor = AttendForm(), guards.actor()
    if not form.validate():
        return _page(visit_id, attend=form), 422
    infusions.attend(
        session, actor=actor, visit_id=visit_id, on=form.on.data, reason=form.attend_reason.data or "", now=guards.now()
    )
    return _recorded(session, visit_id)


@blueprint.post("/staff/visits/<int:visit_id>/missed")
@staff(Permission.INFUSIONS_ACT)
@writes
def miss_visit(session: Session, visit_id: int) -> ResponseReturnValue:
    form, actor = MissForm(), guards.actor()
    if not form.validate():
        return _page(visit_id, miss=form), 422
    infusions.miss_visit(session, actor=actor, visit_id=visit_id, reason=form.miss_reason.data or "", now=guards.now())
    return _recorded(session, visit_id)


@blueprint.post("/staff/visits/<int:visit_id>/moved")
@staff(Permission.INFUSIONS_ACT)
@writes
def move_visit(session: Session, visit_id: int) -> ResponseReturnValue:
    form, actor = MoveVisitForm(), guards.actor()
    if not form.validate():
        return _page(visit_id, move=form), 422
    seen = infusions.visit(session, actor=actor, visit_id=visit_id)
    infusions.move_visit(
        session,
        actor=actor,
        visit_id=visit_id,
        to=instant(form.to_on.data, form.to_at.data, seen.timezone),
        reason=form.move_reason.data or "",
        now=guards.now(),
    )
    return _recorded(session, visit_id)


@blueprint.post("/staff/visits/<int:visit_id>/taken-back")
@staff(Permission.INFUSIONS_ACT)
@writes
def take_back_visit(session: Session, visit_id: int) -> ResponseReturnValue:
    form, actor, now = TakeBackForm(), guards.actor(), guards.now()
    if not form.validate():
        return _page(visit_id, back=form), 422
    infusions.take_back_visit(session, actor=actor, visit_id=visit_id, reason=form.back_reason.data or "", now=now)
    return _recorded(session, visit_id)


@again("attend")
def _attend_again(problems: Problems, visit_id: int) -> str:
    form = AttendForm()
    mark(form, problems, {"reason": "attend_reason"})
    return _page(visit_id, attend=form)


@again("miss_visit")
def _miss_again(problems: Problems, visit_id: int) -> str:
    form = MissForm()
    mark(form, problems, {"reason": "miss_reason"})
    return _page(visit_id, miss=form)


@again("move_visit")
def _move_again(problems: Problems, visit_id: int) -> str:
    form = MoveVisitForm()
    mark(form, problems, {"reason": "move_reason", "to": "to_on"})
    return _page(visit_id, move=form)


@again("take_back_visit")
def _take_back_again(problems: Problems, visit_id: int) -> str:
    form = TakeBackForm()
    mark(form, problems, {"reason": "back_reason"})
    return _page(visit_id, back=form)


def _page(visit_id: int, **typed: FlaskForm) -> str:
    seen = infusions.visit(db.session, actor=guards.actor(), visit_id=visit_id)
    forms = {name: form(formdata=None) for name, form in FORMS.items()} | typed
    return render_template("staff/infusions/visit.html", study_number=seen.study_number, visit=seen.visit, forms=forms)


def _recorded(session: Session, visit_id: int) -> ResponseReturnValue:
    return recorded(infusions.visit(session, actor=guards.actor(), visit_id=visit_id).study_number)
