"""Leaving the study, as easily as it was joined: what happens, one more look, done."""

from typing import Any

from flask import Blueprint, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_wtf import FlaskForm
from wtforms import BooleanField, TextAreaField
from wtforms.validators import Length

from portal.domain.errors import NotAllowed
from portal.services import participation
from portal.web import guards
from portal.web.guards import patient, public, writes

blueprint = Blueprint("leaving", __name__)


class LeaveForm(FlaskForm):  # type: ignore[misc]
    reason = TextAreaField(
        _l("Why, if you like to say"),
        [Length(max=1000, message=_l("At most 1,000 characters."))],
        description=_l("You need not give a reason."),
    )
    sure = BooleanField()


@blueprint.get("/settings/leave")
@patient
def form() -> str:
    return _page(LeaveForm(formdata=None), "participant/leave.html")


@blueprint.post("/settings/leave")
@patient
@writes
def leave(unit: Any) -> ResponseReturnValue:
    """The first time it asks once more; with ``sure`` it is done."""
    typed = LeaveForm()
    if not typed.validate():
        return _page(typed, "participant/leave.html"), 422
    if not typed.sure.data:
        return _page(typed, "participant/leave_confirm.html")
    participation.leave(unit, actor=guards.actor(), reason=typed.reason.data or "", now=guards.now())
    session.clear()
    return redirect(url_for(".left"))


@blueprint.get("/left")
@public
def left() -> str:
    return render_template("participant/left.html")


def _page(typed: LeaveForm, template: str) -> str:
    if not participation.may_leave(current_user.person.role):
        raise NotAllowed
    return render_template(template, form=typed)
