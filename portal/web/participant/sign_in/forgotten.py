"""PIN forgotten: phone number, code by text, new PIN. Each step says the same to everybody."""

from typing import Any, Final

from flask import Blueprint, flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length

from portal.domain import credentials
from portal.extensions import limiter
from portal.services import accounts
from portal.web import guards, tokens
from portal.web.forms import Form, submits
from portal.web.sign_in_session import begin_session

STATE: Final = "forgotten"
MINUTES: Final = 20
SAME_PIN: Final = EqualTo("pin", message=_l("The two PINs are not the same."))

blueprint = Blueprint("forgotten", __name__)


class WhoForm(Form):
    who = StringField(
        _l("Mobile number or card code"),
        [InputRequired(_l("Enter your mobile number or the code on your card.")), Length(max=80)],
    )


class CodeForm(Form):
    code = StringField(
        _l("Code from the text"),
        [InputRequired(_l("Enter the six digits from the text.")), Length(max=20)],
        description=_l("Six digits. The code works for 10 minutes."),
    )


class NewPinForm(Form):
    pin = PasswordField(
        _l("New PIN"), [InputRequired(_l("Enter six digits.")), Length(max=20)], description=_l("Six digits.")
    )
    again = PasswordField(_l("The new PIN again"), [InputRequired(_l("Enter the PIN a second time.")), SAME_PIN])


@blueprint.get("/sign-in/forgotten")
@guards.public_view
def show_request_form() -> str:
    return _who_page(WhoForm(formdata=None))


def _who_page(form: WhoForm) -> str:
    return render_template("participant/forgotten_who.html", form=form)


@blueprint.post("/sign-in/forgotten")
@limiter.limit("10 per 5 minutes")
@guards.public_view
@submits(WhoForm, again=_who_page)
@guards.writes
def request_code(db_session: Any, form: WhoForm) -> ResponseReturnValue:
    accounts.request_code(db_session, actor=guards.visiting_actor(), who=form.who.data, now=guards.request_time())
    session[STATE] = tokens.seal_token(STATE, {"who": form.who.data})
    return redirect(url_for(".show_code_form"))


@blueprint.get("/sign-in/code")
@guards.public_view
def show_code_form() -> ResponseReturnValue:
    return _code_page(CodeForm(formdata=None))


def _code_page(form: CodeForm) -> ResponseReturnValue:
    """From the start, where the step before is missing or too long ago."""
    return (
        render_template("participant/forgotten_code.html", form=form)
        if _kept("who")
        else redirect(url_for(".show_request_form"))
    )


@blueprint.post("/sign-in/code")
@limiter.limit("30 per 5 minutes")
@guards.public_view
@submits(CodeForm, again=_code_page)
@guards.writes
def check_code(db_session: Any, form: CodeForm) -> ResponseReturnValue:
    kept = _kept("who")
    if not kept:
        return redirect(url_for(".show_request_form"))
    opened = accounts.check_code(
        db_session, actor=guards.visiting_actor(), who=kept["who"], code=form.code.data, now=guards.request_time()
    )
    if opened is None:
        form.code.errors = [_("This code is wrong or no longer valid. After five wrong tries, ask for a new one.")]
        return render_template("participant/forgotten_code.html", form=form), 422
    session[STATE] = tokens.seal_token(STATE, {"verified": [opened.account_id, opened.code_id, opened.epoch]})
    return redirect(url_for(".show_pin_form"))


@blueprint.get("/sign-in/new-pin")
@guards.public_view
def show_pin_form() -> ResponseReturnValue:
    return _pin_page(NewPinForm(formdata=None))


def _pin_page(form: NewPinForm) -> ResponseReturnValue:
    """From the start, where the step before is missing or too long ago."""
    if not _kept("verified"):
        return redirect(url_for(".show_request_form"))
    return render_template("participant/forgotten_pin.html", form=form)


@blueprint.post("/sign-in/new-pin")
@guards.public_view
@submits(NewPinForm, again=_pin_page)
@guards.writes
def set_pin(db_session: Any, form: NewPinForm) -> ResponseReturnValue:
    kept = _kept("verified")
    if not kept:
        return redirect(url_for(".show_request_form"))
    verified, pin = accounts.VerifiedCode(*kept["verified"]), credentials.read_digits(form.pin.data)
    person = accounts.reset_pin(
        db_session, actor=guards.visiting_actor(), verified=verified, pin=pin, now=guards.request_time()
    )
    if not isinstance(person, accounts.AccountUser):
        form.take(person)
        return render_template("participant/forgotten_pin.html", form=form), 422
    begin_session(person)
    flash(_("Your new PIN is set. Other phones have been signed out."))
    return redirect(url_for("patient.show_today"))


def _kept(needed: str) -> dict[str, Any] | None:
    state = tokens.open_token(STATE, session.get(STATE, ""), max_age_seconds=MINUTES * 60)
    return state if state and needed in state else None
