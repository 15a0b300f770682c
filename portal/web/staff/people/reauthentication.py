"""Password and one-time code once more, within an open session: before identifiers are shown or accounts changed."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from portal.domain.access import Permission
from portal.extensions import by_person, limiter
from portal.services import team
from portal.web import guards
from portal.web.guards import staff, writes
from portal.web.locale import local_path

blueprint = Blueprint("staff_confirm", __name__)


class ConfirmForm(FlaskForm):  # type: ignore[misc]
    password = PasswordField(_l("Your password"), [InputRequired(_l("Enter your password.")), Length(max=200)])
    code = StringField(
        _l("One-time code"),
        [InputRequired(_l("Enter the code from your authenticator app.")), Length(max=20)],
        description=_l("A fresh one: the code of your sign-in does not work again."),
    )
    next = HiddenField()


@blueprint.get("/staff/confirm")
@staff(Permission.OWN_ACCOUNT)
def form() -> str:
    return _page(ConfirmForm(formdata=None, next=request.args.get("next", "")))


@blueprint.post("/staff/confirm")
@limiter.limit("30 per 5 minutes", key_func=by_person)
@staff(Permission.OWN_ACCOUNT)
@writes
def confirm(unit: Any) -> ResponseReturnValue:
    """A refused try is counted, in the trail, and says not which of the two was wrong."""
    typed = ConfirmForm()
    if not typed.validate():
        return _page(typed), 422
    given = {"password": typed.password.data, "code": typed.code.data}
    if not team.confirm_staff(unit, actor=guards.actor(), action="staff:confirm", now=guards.now(), **given):
        typed.form_errors.append(_("That did not work. Check the password, and use a fresh code; a code works once."))
        return _page(typed), 422
    session["sid"] = team.note_confirmed(unit, token=session["sid"], now=guards.now())
    flash(_("Thank you. Please go on."))
    return redirect(local_path(typed.next.data or "", url_for("staff_sign_in.home")))


def _page(typed: ConfirmForm) -> str:
    return render_template("staff/account/confirm.html", form=typed)
