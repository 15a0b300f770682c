"""Moving an infusion: first what it would do to the others, then the move itself."""

from datetime import datetime
from typing import Final

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, TextAreaField, TimeField
from wtforms.validators import InputRequired

from portal import protocols
from portal.domain.access import Permission
from portal.domain.errors import NotFound
from portal.domain.infusions import InfusionStep
from portal.extensions import Session, db
from portal.services import infusions
from portal.services.infusions import CourseSeen, Preview
from portal.web import guards
from portal.web.guards import staff, writes
from portal.web.staff.infusions.hall import (
    ENTER_A_DAY,
    ENTER_A_TIME,
    LONG,
    Problems,
    again,
    blueprint,
    instant,
    mark,
    recorded,
)
from portal.web.staff.infusions.reading import version_of, wants

NAMES: Final = {"to": "on"}


class MoveForm(FlaskForm):  # type: ignore[misc]
    on = DateField(_l("New day"), [InputRequired(ENTER_A_DAY)])
    at = TimeField(_l("Time"), [InputRequired(ENTER_A_TIME)])
    reason = TextAreaField(_l("Reason (needed where a rule is broken)"), [LONG])


@blueprint.get("/staff/infusions/<int:infusion_id>/move")
@staff(Permission.INFUSIONS_ACT)
def move_form(infusion_id: int) -> str:
    seen = _movable(db.session, infusion_id)
    at = seen.infusion(infusion_id).at.astimezone(seen.zone)
    return _page(seen, infusion_id, MoveForm(formdata=None, on=at.date(), at=at.time()))


@blueprint.post("/staff/infusions/<int:infusion_id>/move")
@staff(Permission.INFUSIONS_ACT)
@writes
def move(session: Session, infusion_id: int) -> ResponseReturnValue:
    """Carried out only where the very same time was looked at before; anything else shows what it would do."""
    form, seen = MoveForm(), _movable(session, infusion_id)
    if not form.validate():
        return _page(seen, infusion_id, form), 422
    to = instant(form.on.data, form.at.data, seen.timezone)
    if not (wants("move") and request.form.get("looked_at") == to.isoformat()):
        return _page(seen, infusion_id, form, to=to)
    infusions.move(
        session,
        actor=guards.actor(),
        infusion_id=infusion_id,
        to=to,
        protocol=protocols.load(),
        now=guards.now(),
        reason=form.reason.data or "",
        version=version_of(),
    )
    return recorded(seen.study_number)


@again("move")
def _again(problems: Problems, infusion_id: int) -> str:
    """A reason that is missing leaves the preview open; a time that cannot be closes it."""
    form, seen = MoveForm(), _movable(db.session, infusion_id)
    mark(form, problems, NAMES)
    to = None if "to" in problems else instant(form.on.data, form.at.data, seen.timezone)
    return _page(seen, infusion_id, form, to=to)


def _movable(session: Session, infusion_id: int) -> CourseSeen:
    seen = infusions.course_around(session, actor=guards.actor(), infusion_id=infusion_id)
    if InfusionStep.MOVE not in seen.infusion(infusion_id).steps:
        raise NotFound
    return seen


def _page(seen: CourseSeen, infusion_id: int, form: MoveForm, *, to: datetime | None = None) -> str:
    return render_template(
        "staff/infusions/move.html",
        seen=seen,
        infusion=seen.infusion(infusion_id),
        form=form,
        to=to,
        preview=_preview(infusion_id, to) if to else None,
    )


def _preview(infusion_id: int, to: datetime) -> Preview:
    return infusions.preview_move(
        db.session,
        actor=guards.actor(),
        infusion_id=infusion_id,
        to=to,
        protocol=protocols.load(),
        now=guards.now(),
    )
