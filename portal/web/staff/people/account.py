"""One's own account: open sessions, password, authenticator app, recovery codes."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms import PasswordField
from wtforms.validators import EqualTo, InputRequired, Length

from portal.domain.access import Permission
from portal.domain.recovery import format_code
from portal.extensions import db, limiter, rate_limit_key
from portal.services import team
from portal.web import guards
from portal.web.forms import Form, submits
from portal.web.guards import requires_reauthentication, staff_view, writes

blueprint = Blueprint("staff_account", __name__, url_prefix="/staff/account")


class PasswordForm(Form):
    old = PasswordField(_l("Your present password"), [InputRequired(_l("Enter your password.")), Length(max=200)])
    new = PasswordField(
        _l("New password"),
        [InputRequired(_l("Enter a password.")), Length(max=400)],
        description=_l("At least 12 characters. Four words that do not belong together are easy to keep."),
    )
    again = PasswordField(
        _l("The password again"),
        [
            InputRequired(_l("Enter the password a second time.")),
            EqualTo("new", message=_l("The two passwords are not the same.")),
        ],
    )


@blueprint.get("")
@staff_view(Permission.OWN_ACCOUNT)
def show_account() -> str:
    return _page(PasswordForm(formdata=None))


def _page(form: PasswordForm) -> str:
    actor = guards.current_actor()
    mine = int(actor.id or 0)
    return render_template(
        "staff/account/page.html",
        form=form,
        sessions=team.list_sessions(db.session, actor=actor, staff_id=mine, now=guards.request_time()),
        here=current_user.person.session_id,
        left=team.count_codes_left(db.session, actor=actor),
    )


@blueprint.post("/password")
@limiter.limit("30 per 5 minutes", key_func=rate_limit_key)
@staff_view(Permission.OWN_ACCOUNT)
@requires_reauthentication
@submits(PasswordForm, again=_page)
@writes
def change_password(db_session: Any, form: PasswordForm) -> ResponseReturnValue:
    given = {"old": form.old.data, "new": form.new.data}
    form.take(team.change_password(db_session, actor=guards.current_actor(), now=guards.request_time(), **given))
    return (_page(form), 422) if form.problems else _leave(_("Your new password is set. Please sign in with it."))


@blueprint.post("/device")
@staff_view(Permission.OWN_ACCOUNT)
@requires_reauthentication
@writes
def renew_device(db_session: Any) -> Response:
    """A new phone: the page that sets everything up anew, for a quarter of an hour."""
    token = team.renew_own_access(db_session, actor=guards.current_actor(), now=guards.request_time())
    return redirect(url_for("staff_invitation.show_invitation", token=token))


@blueprint.post("/codes")
@staff_view(Permission.OWN_ACCOUNT)
@requires_reauthentication
@writes
def renew_codes(db_session: Any) -> str:
    made = team.renew_recovery_codes(db_session, actor=guards.current_actor(), now=guards.request_time())
    return render_template("staff/account/codes.html", codes=[format_code(code) for code in made], fresh=False)


@blueprint.post("/sessions/<int:session_id>/end")
@staff_view(Permission.OWN_ACCOUNT)
@requires_reauthentication
@writes
def end_session(db_session: Any, session_id: int) -> Response:
    mine = guards.current_actor()
    team.end_session(
        db_session, actor=mine, staff_id=int(mine.id or 0), session_id=session_id, now=guards.request_time()
    )
    flash(_("That session has ended."))
    return redirect(url_for(".show_account"))


@blueprint.post("/sessions/end")
@staff_view(Permission.OWN_ACCOUNT)
@writes
def end_sessions(db_session: Any) -> Response:
    """End all own sessions, without re-authentication: a person who fears misuse must not be delayed."""
    mine = guards.current_actor()
    team.end_sessions(db_session, actor=mine, staff_id=int(mine.id or 0), now=guards.request_time())
    return _leave(_("You have signed out everywhere."))


def _leave(words: str) -> Response:
    session.clear()
    flash(words)
    return redirect(url_for("staff_sign_in.show_sign_in"))
