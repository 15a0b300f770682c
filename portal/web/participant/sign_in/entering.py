"""``/``, ``/sign-in`` and ``/sign-out``."""

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms import BooleanField, HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from portal.domain.access import ActorKind
from portal.domain.msgid import N_
from portal.extensions import limiter, login_manager, transaction
from portal.services import accounts
from portal.web import guards, locale
from portal.web.forms import Form, submits
from portal.web.locale import local_path
from portal.web.participant import form_recovery
from portal.web.participant.sign_in import remembering
from portal.web.sign_in_session import begin_session

TRIES = "30 per 5 minutes"
NOT_SIGNED_IN = N_(
    "That did not work. Check the number or code and the PIN. After five wrong tries there is a short pause."
)

blueprint = Blueprint("sign_in", __name__)


class SignInForm(Form):
    who = StringField(
        _l("Mobile number or card code"),
        [InputRequired(_l("Enter your mobile number or the code on your card.")), Length(max=80)],
        description=_l("For example 138 0013 8000. A number from outside China begins with + and its country code."),
    )
    pin = PasswordField(_l("PIN"), [InputRequired(_l("Enter your six-digit PIN.")), Length(max=40)])
    remember = BooleanField(
        _l("Remember this phone for 30 days"), description=_l("Only if nobody else uses this phone.")
    )
    next = HiddenField()
    carried = HiddenField()


@blueprint.get("/")
@guards.public_view
def redirect_home() -> Response:
    return redirect(_home() if current_user.is_authenticated else url_for("sign_in.show_sign_in"))


@blueprint.get("/sign-in")
@guards.public_view
def show_sign_in() -> ResponseReturnValue:
    if current_user.is_authenticated and not guards.limited_day():
        return redirect(_home())
    return render_sign_in(SignInForm(next=request.args.get("next", "")))


def render_sign_in(form: SignInForm) -> str:
    return render_template("participant/sign_in.html", form=form)


@blueprint.post("/sign-in")
@limiter.limit(TRIES)
@guards.public_view
@submits(SignInForm, again=render_sign_in)
def sign_in(form: SignInForm) -> ResponseReturnValue:
    given = {"who": form.who.data, "pin": form.pin.data}
    with transaction() as db_session:
        person = accounts.sign_in_account(db_session, actor=guards.visiting_actor(), now=guards.request_time(), **given)
    if person is None:
        form.form_errors.append(_(NOT_SIGNED_IN))
        return render_sign_in(form), 422
    begin_session(person)
    with transaction() as db_session:
        if form.remember.data:
            remembering.remember_this_phone(db_session, person)
        back = form_recovery.restore_form(db_session, form.carried.data or "", account_id=person.id)
    return back or redirect(local_path(form.next.data or "", url_for("patient.show_today")))


@blueprint.post("/sign-in/language")
@guards.public_view
def switch_language() -> ResponseReturnValue:
    """The same page in another language, with what it carries."""
    locale.set_page_language(request.form.get("language", ""))
    typed = SignInForm(formdata=None, next=request.form.get("next"), carried=request.form.get("carried"))
    return (
        render_sign_in(typed)
        if typed.carried.data
        else redirect(url_for("sign_in.show_sign_in", next=typed.next.data or None))
    )


@blueprint.post("/sign-out")
@guards.public_view
def sign_out() -> Response:
    if current_user.is_authenticated:
        with transaction() as db_session:
            if current_user.person.kind == ActorKind.ACCOUNT:
                remembering.forget_this_phone(db_session)
                guards.revoke_current_session(db_session)
            accounts.record_sign_out(db_session, actor=guards.current_actor(), now=guards.request_time())
    session.clear()
    flash(_("You have signed out."))
    return redirect(url_for("sign_in.show_sign_in"))


@login_manager.unauthorized_handler  # type: ignore[untyped-decorator]
def handle_signed_out() -> ResponseReturnValue:
    """A participant's page and nobody signed in: a GET comes back after signing in, a diary comes along.

    A photograph stays behind: it is chosen again, on its page.
    """
    if request.endpoint == "photos.add_photo":
        flash(_("The photograph has not been sent, because you had been signed out. Sign in and choose it again."))
    if request.method == "GET" or request.endpoint == "photos.add_photo":
        return redirect(url_for("sign_in.show_sign_in", next=request.full_path.rstrip("?")))
    token = form_recovery.seal_form()
    if token is None:
        return redirect(url_for("sign_in.show_sign_in"))
    return render_sign_in(SignInForm(formdata=None, carried=token))


def recover_stale_sign_in() -> ResponseReturnValue | None:
    """The sign-in page whose token had aged, with what was typed but the PIN, and a fresh token. Else None."""
    if request.path not in (url_for("sign_in.show_sign_in"), url_for("sign_in.switch_language")):
        return None
    typed = SignInForm()
    typed.form_errors.append(_("The page had been open for a long time. Please enter your PIN again."))
    return render_sign_in(typed), 400


def _home() -> str:
    return (
        url_for("patient.show_today")
        if current_user.person.kind == ActorKind.ACCOUNT
        else url_for("staff_sign_in.redirect_home")
    )
