"""Leaving the study, as easily as it was joined: what happens, one more look, done."""

from typing import Any

from flask import Blueprint, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from wtforms import BooleanField, TextAreaField

from portal.domain.errors import NotAllowed
from portal.services import participation
from portal.web import guards
from portal.web.forms import Form, at_most, submits
from portal.web.guards import participant_view, public_view, writes

blueprint = Blueprint("leaving", __name__)


class LeaveForm(Form):
    reason = TextAreaField(
        _l("Why, if you like to say"),
        [at_most(1000)],
        description=_l("You need not give a reason."),
    )
    sure = BooleanField()


@blueprint.get("/settings/leave")
@participant_view
def show_withdrawal_form() -> str:
    return _page(LeaveForm(formdata=None))


def _page(form: LeaveForm, template: str = "participant/leave.html") -> str:
    if not participation.may_withdraw(current_user.person.role):
        raise NotAllowed
    return render_template(template, form=form)


@blueprint.post("/settings/leave")
@participant_view
@submits(LeaveForm, again=_page)
@writes
def withdraw_consent(db_session: Any, form: LeaveForm) -> ResponseReturnValue:
    """The first time it asks once more; with ``sure`` it is done."""
    if not form.sure.data:
        return _page(form, "participant/leave_confirm.html")
    participation.withdraw_consent(
        db_session, actor=guards.current_actor(), reason=form.reason.data or "", now=guards.request_time()
    )
    session.clear()
    return redirect(url_for(".show_goodbye"))


@blueprint.get("/left")
@public_view
def show_goodbye() -> str:
    return render_template("participant/left.html")
