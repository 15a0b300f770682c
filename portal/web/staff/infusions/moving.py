"""Moving an infusion: first what it would do to the others, then the move itself."""

from datetime import datetime
from typing import ClassVar

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from wtforms import TextAreaField, TimeField
from wtforms.validators import InputRequired

from portal import protocols
from portal.domain.access import Permission
from portal.domain.errors import NotFound
from portal.domain.infusions import InfusionStep
from portal.extensions import Session, db
from portal.services import infusions
from portal.services.infusions import InfusionPlanView, MovePreview
from portal.web import guards
from portal.web.forms import DayField, Form, at_most, submits
from portal.web.guards import staff_view, writes
from portal.web.staff.infusions.reading import is_pressed, read_version
from portal.web.staff.infusions.shared import (
    ENTER_A_DAY,
    ENTER_A_TIME,
    LONGEST_TEXT,
    blueprint,
    local_instant,
    redirect_recorded,
)


class MoveForm(Form):
    NAMES: ClassVar = {"to": "on"}

    on = DayField(_l("New day"), [InputRequired(ENTER_A_DAY)])
    at = TimeField(_l("Time"), [InputRequired(ENTER_A_TIME)])
    reason = TextAreaField(_l("Reason (needed where a rule is broken)"), [at_most(LONGEST_TEXT)])


@blueprint.get("/staff/infusions/<int:infusion_id>/move")
@staff_view(Permission.INFUSIONS_ACT)
def show_move_form(infusion_id: int) -> str:
    seen = _movable(db.session, infusion_id)
    at = seen.infusion(infusion_id).at.astimezone(seen.zone)
    return _page(seen, infusion_id, MoveForm(formdata=None, on=at.date(), at=at.time()))


def _again(form: MoveForm, infusion_id: int) -> str:
    """A reason that is missing leaves the preview open; a time that cannot be closes it."""
    seen = _movable(db.session, infusion_id)
    stays_open = form.problems and "on" not in form.problems
    return _page(
        seen, infusion_id, form, to=local_instant(form.on.data, form.at.data, seen.timezone) if stays_open else None
    )


@blueprint.post("/staff/infusions/<int:infusion_id>/move")
@staff_view(Permission.INFUSIONS_ACT)
@submits(MoveForm, again=_again)
@writes
def move_infusion(session: Session, form: MoveForm, infusion_id: int) -> ResponseReturnValue:
    """Carried out only where the very same time was looked at before; anything else shows what it would do."""
    seen = _movable(session, infusion_id)
    to = local_instant(form.on.data, form.at.data, seen.timezone)
    if not (is_pressed("move") and request.form.get("looked_at") == to.isoformat()):
        return _page(seen, infusion_id, form, to=to)
    _carry_out(session, infusion_id, to, form.reason.data or "")
    return redirect_recorded(seen.study_number)


def _carry_out(session: Session, infusion_id: int, to: datetime, reason: str) -> None:
    infusions.move_infusion(
        session,
        actor=guards.current_actor(),
        infusion_id=infusion_id,
        to=to,
        protocol=protocols.load_protocol(),
        now=guards.request_time(),
        reason=reason,
        version=read_version(),
    )


def _movable(session: Session, infusion_id: int) -> InfusionPlanView:
    seen = infusions.get_plan_of_infusion(session, actor=guards.current_actor(), infusion_id=infusion_id)
    if InfusionStep.MOVE not in seen.infusion(infusion_id).steps:
        raise NotFound
    return seen


def _page(seen: InfusionPlanView, infusion_id: int, form: MoveForm, *, to: datetime | None = None) -> str:
    return render_template(
        "staff/infusions/move.html",
        seen=seen,
        infusion=seen.infusion(infusion_id),
        form=form,
        to=to,
        preview=_preview(infusion_id, to) if to else None,
    )


def _preview(infusion_id: int, to: datetime) -> MovePreview:
    return infusions.preview_move(
        db.session,
        actor=guards.current_actor(),
        infusion_id=infusion_id,
        to=to,
        protocol=protocols.load_protocol(),
        now=guards.request_time(),
    )
