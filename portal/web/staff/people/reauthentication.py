"""Password and one-time code once more, within an open session: before identifiers are shown or accounts changed."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import HiddenField

from portal.domain.access import Permission
from portal.extensions import limiter, rate_limit_key
from portal.services import team
from portal.web import guards
from portal.web.forms import SignedForm, submits
from portal.web.guards import staff_view, writes
from portal.web.locale import local_path

blueprint = Blueprint("staff_confirm", __name__)


class ConfirmForm(SignedForm):
    next = HiddenField()


@blueprint.get("/staff/confirm")
@staff_view(Permission.OWN_ACCOUNT)
def show_confirm_form() -> str:
    return _page(ConfirmForm(formdata=None, next=request.args.get("next", "")))


def _page(form: ConfirmForm) -> str:
    return render_template("staff/account/confirm.html", form=form)


@blueprint.post("/staff/confirm")
@limiter.limit("30 per 5 minutes", key_func=rate_limit_key)
@staff_view(Permission.OWN_ACCOUNT)
@submits(ConfirmForm, again=_page)
@writes
def confirm_identity(db_session: Any, form: ConfirmForm) -> ResponseReturnValue:
    """A refused try is counted and in the audit log; the response does not say which of the two was wrong."""
    if not team.confirm_staff(
        db_session, actor=guards.current_actor(), action="staff:confirm", now=guards.request_time(), **form.signature
    ):
        form.take_refused_signature()
        return _page(form), 422
    session["sid"] = team.record_reauthentication(db_session, token=session["sid"], now=guards.request_time())
    flash(_("Thank you. Please go on."))
    return redirect(local_path(form.next.data or "", url_for("staff_sign_in.redirect_home")))
