"""One follow-up visit: it took place, it did not, it moves, or what was recorded was a slip."""

from typing import Any, ClassVar, Final

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from wtforms import TextAreaField, TimeField
from wtforms.validators import InputRequired

from portal.domain.access import Permission
from portal.extensions import Session, db
from portal.services import infusions
from portal.web import guards
from portal.web.forms import DayField, Form, at_most, reason_field, submits
from portal.web.guards import staff_view, writes
from portal.web.staff.infusions.shared import (
    ENTER_A_DAY,
    ENTER_A_TIME,
    LONGEST_TEXT,
    blueprint,
    local_instant,
    redirect_recorded,
)

OUTSIDE: Final = _l("Reason (needed outside the window)")


class AttendForm(Form):
    NAMES: ClassVar = {"reason": "attend_reason"}

    on = DayField(_l("Day on which it took place"), [InputRequired(ENTER_A_DAY)])
    attend_reason = TextAreaField(OUTSIDE, [at_most(LONGEST_TEXT)])


class MissForm(Form):
    NAMES: ClassVar = {"reason": "miss_reason"}

    miss_reason = reason_field(_l("Reason"), longest=LONGEST_TEXT)


class MoveVisitForm(Form):
    NAMES: ClassVar = {"reason": "move_reason", "to": "to_on"}

    to_on = DayField(_l("New day"), [InputRequired(ENTER_A_DAY)])
    to_at = TimeField(_l("Time"), [InputRequired(ENTER_A_TIME)])
    move_reason = TextAreaField(OUTSIDE, [at_most(LONGEST_TEXT)])


class TakeBackForm(Form):
    NAMES: ClassVar = {"reason": "back_reason"}

    back_reason = reason_field(_l("Reason"), longest=LONGEST_TEXT)


FORMS: Final[dict[str, Any]] = {"attend": AttendForm, "miss": MissForm, "move": MoveVisitForm, "back": TakeBackForm}


@blueprint.get("/staff/visits/<int:visit_id>")
@staff_view(Permission.INFUSIONS_ACT)
def show_visit(visit_id: int) -> str:
    return _page(visit_id)


def _page(visit_id: int, form: Form | None = None) -> str:
    """``form``: the one that was sent and has something to mend."""
    seen = infusions.get_visit(db.session, actor=guards.current_actor(), visit_id=visit_id)
    forms = {name: form if type(form) is kind else kind(formdata=None) for name, kind in FORMS.items()}
    return render_template("staff/infusions/visit.html", study_number=seen.study_number, visit=seen.visit, forms=forms)


@blueprint.post("/staff/visits/<int:visit_id>/attended")
@staff_view(Permission.INFUSIONS_ACT)
@submits(AttendForm, again=_page)
@writes
def attend_visit(session: Session, form: AttendForm, visit_id: int) -> ResponseReturnValue:
    reason = form.attend_reason.data or ""
    infusions.attend_visit(
        session,
        actor=guards.current_actor(),
        visit_id=visit_id,
        on=form.on.data,
        reason=reason,
        now=guards.request_time(),
    )
    return _recorded(session, visit_id)


@blueprint.post("/staff/visits/<int:visit_id>/missed")
@staff_view(Permission.INFUSIONS_ACT)
@submits(MissForm, again=_page)
@writes
def miss_visit(session: Session, form: MissForm, visit_id: int) -> ResponseReturnValue:
    reason = form.miss_reason.data
    infusions.miss_visit(
        session, actor=guards.current_actor(), visit_id=visit_id, reason=reason, now=guards.request_time()
    )
    return _recorded(session, visit_id)


@blueprint.post("/staff/visits/<int:visit_id>/moved")
@staff_view(Permission.INFUSIONS_ACT)
@submits(MoveVisitForm, again=_page)
@writes
def move_visit(session: Session, form: MoveVisitForm, visit_id: int) -> ResponseReturnValue:
    actor, reason = guards.current_actor(), form.move_reason.data or ""
    seen = infusions.get_visit(session, actor=actor, visit_id=visit_id)
    to = local_instant(form.to_on.data, form.to_at.data, seen.timezone)
    infusions.move_visit(session, actor=actor, visit_id=visit_id, to=to, reason=reason, now=guards.request_time())
    return _recorded(session, visit_id)


@blueprint.post("/staff/visits/<int:visit_id>/taken-back")
@staff_view(Permission.INFUSIONS_ACT)
@submits(TakeBackForm, again=_page)
@writes
def take_back_visit(session: Session, form: TakeBackForm, visit_id: int) -> ResponseReturnValue:
    reason = form.back_reason.data
    infusions.take_back_visit(
        session, actor=guards.current_actor(), visit_id=visit_id, reason=reason, now=guards.request_time()
    )
    return _recorded(session, visit_id)


def _recorded(session: Session, visit_id: int) -> ResponseReturnValue:
    return redirect_recorded(infusions.get_visit(session, actor=guards.current_actor(), visit_id=visit_id).study_number)
