"""The study team's way in: e-mail address, password and one-time code on one form. ``/staff`` leads home."""

from typing import Final

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from portal.domain.access import GRANTS, ActorKind, Permission
from portal.domain.msgid import N_
from portal.extensions import limiter, transaction
from portal.services import accounts, team
from portal.web import guards, locale
from portal.web.forms import Form, submits
from portal.web.locale import local_path
from portal.web.sign_in_session import begin_session, device_label
from portal.web.staff import form_recovery

# The first grant decides which page is home.
HOMES: Final = (
    (Permission.TRIAGE_READ, "/staff/triage"),
    (Permission.PARTICIPANTS_READ, "/staff/participants"),
    (Permission.STUDY_READ, "/staff/study"),
)

NOT_SIGNED_IN: Final = N_(
    "That did not work. Check the address, the password and the code; a code works once. "
    "After five wrong tries there is a short pause."
)
blueprint = Blueprint("staff_sign_in", __name__)


class StaffSignInForm(Form):
    email = StringField(_l("E-mail address"), [InputRequired(_l("Enter your e-mail address.")), Length(max=200)])
    password = PasswordField(_l("Password"), [InputRequired(_l("Enter your password.")), Length(max=200)])
    code = StringField(
        _l("One-time code"),
        [InputRequired(_l("Enter the code from your authenticator app.")), Length(max=20)],
        description=_l("Six digits from your authenticator app. Without it, one of your recovery codes."),
    )
    next = HiddenField()
    carried = HiddenField()


@blueprint.get("/staff")
@guards.public_view
def redirect_home() -> Response:
    if not _is_staff():
        return redirect(url_for(".show_sign_in"))
    granted = GRANTS[current_user.person.role]
    return redirect(next(path for permission, path in HOMES if permission in granted))


@blueprint.get("/staff/sign-in")
@guards.public_view
def show_sign_in() -> ResponseReturnValue:
    return (
        redirect(url_for(".redirect_home"))
        if _is_staff()
        else _page(StaffSignInForm(next=request.args.get("next", "")))
    )


def _page(form: StaffSignInForm) -> str:
    return render_template("staff/sign_in.html", form=form)


@blueprint.post("/staff/sign-in")
@limiter.limit("30 per 5 minutes")
@guards.public_view
@submits(StaffSignInForm, again=_page)
def sign_in(form: StaffSignInForm) -> ResponseReturnValue:
    now, given = (
        guards.request_time(),
        {"email": form.email.data, "password": form.password.data, "code": form.code.data},
    )
    with transaction() as db_session:
        person = team.sign_in_staff(db_session, actor=guards.visiting_actor(), now=now, **given)
        token = team.open_session(db_session, person=person, label=device_label(), now=now) if person else None
        left = team.count_codes_left(db_session, actor=person.actor) if person and person.by_recovery else None
    if person is None:
        form.form_errors.append(_(NOT_SIGNED_IN))
        return _page(form), 422
    begin_session(person, token=token)
    return _way_on(form, person.id, left)


def _way_on(form: StaffSignInForm, staff_id: int, left: int | None) -> ResponseReturnValue:
    """To what was typed before, else to the page that was asked for. ``left``: recovery codes, after one was used."""
    back = form_recovery.restore_form(form.carried.data or "", staff_id=staff_id)
    if back is None and left is not None:
        flash(_("You used a recovery code; %(left)s are left. Set up your authenticator app anew here.", left=left))
        return redirect(url_for("staff_account.show_account"))
    return back or redirect(local_path(form.next.data or "", url_for(".redirect_home")))


@blueprint.post("/staff/sign-in/language")
@guards.public_view
def switch_language() -> ResponseReturnValue:
    """The same page in another language, with what it carries."""
    locale.set_page_language(request.form.get("language", ""))
    return _page(StaffSignInForm(formdata=None, next=request.form.get("next"), carried=request.form.get("carried")))


def handle_signed_out(_error: guards.SignedOut) -> ResponseReturnValue:
    """A form was sent and nobody is signed in: what was typed comes along."""
    token = form_recovery.seal_form()
    return (
        _page(StaffSignInForm(formdata=None, carried=token))
        if token
        else redirect(url_for("staff_sign_in.show_sign_in"))
    )


@blueprint.post("/staff/sign-out")
@guards.public_view
def sign_out() -> Response:
    if _is_staff():
        with transaction() as db_session:
            accounts.record_sign_out(db_session, actor=guards.current_actor(), now=guards.request_time())
            team.close_session(db_session, token=session.get("sid", ""), now=guards.request_time())
    session.clear()
    flash(_("You have signed out."))
    return redirect(url_for(".show_sign_in"))


def recover_stale_sign_in() -> ResponseReturnValue | None:
    """The sign-in page whose token had aged, with a fresh one. Else None."""
    if request.path not in (url_for("staff_sign_in.show_sign_in"), url_for("staff_sign_in.switch_language")):
        return None
    typed = StaffSignInForm()
    typed.form_errors.append(_("The page had been open for a long time. Please sign in once more."))
    return _page(typed), 400


def _is_staff() -> bool:
    return bool(current_user.is_authenticated and current_user.person.kind == ActorKind.STAFF)
