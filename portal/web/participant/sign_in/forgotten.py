"""PIN forgotten: phone number, code by text, new PIN. Each step says the same to everybody."""

from typing import Any, Final

from flask import Blueprint, flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from portal.domain import credentials
from portal.extensions import limiter
from portal.services import accounts
from portal.web import guards, tokens
from portal.web.sign_in_session import admit

STATE: Final = "forgotten"
MINUTES: Final = 20

blueprint = Blueprint("forgotten", __name__)


class WhoForm(FlaskForm):  # type: ignore[misc]
    who = StringField(
        _l("Mobile number or card code"),
        [InputRequired(_l("Enter your mobile number or the code on your card.")), Length(max=80)],
    )


class CodeForm(FlaskForm):  # type: ignore[misc]
    code = StringField(
        _l("Code from the text"),
        [InputRequired(_l("Enter the six digits from the text.")), Length(max=20)],
        description=_l("Six digits. The code works for 10 minutes."),
    )


class NewPinForm(FlaskForm):  # type: ignore[misc]
    pin = PasswordField(
        _l("New PIN"), [InputRequired(_l("Enter six digits.")), Length(max=20)], description=_l("Six digits.")
    )
    again = PasswordField(_l("The new PIN again"), [InputRequired(_l("Enter the PIN a second time."))])


@blueprint.get("/sign-in/forgotten")
@guards.public
def who() -> str:
    return render_template("participant/forgotten_who.html", form=WhoForm(formdata=None))


@blueprint.post("/sign-in/forgotten")
@limiter.limit("10 per 5 minutes")
@guards.public
@guards.writes
def request_code(unit: Any) -> ResponseReturnValue:
    typed = WhoForm()
    if not typed.validate():
        return render_template("participant/forgotten_who.html", form=typed), 422
    accounts.request_code(unit, actor=guards.visitor(), who=typed.who.data, now=guards.now())
    session[STATE] = tokens.seal(STATE, {"who": typed.who.data})
    return redirect(url_for(".code"))


@blueprint.get("/sign-in/code")
@guards.public
def code() -> ResponseReturnValue:
    if not _kept("who"):
        return redirect(url_for(".who"))
    return render_template("participant/forgotten_code.html", form=CodeForm(formdata=None))


@blueprint.post("/sign-in/code")
@limiter.limit("30 per 5 minutes")
@guards.public
@guards.writes
def check_code(unit: Any) -> ResponseReturnValue:
    kept, typed = _kept("who"), CodeForm()
    if not kept:
        return redirect(url_for(".who"))
    if not typed.validate():
        return render_template("participant/forgotten_code.html", form=typed), 422
    opened = accounts.check_code(unit, actor=guards.visitor(), who=kept["who"], code=typed.code.data, now=guards.now())
    if opened is None:
        typed.code.errors = [_("This code is wrong or no longer valid. After five wrong tries, ask for a new one.")]
        return render_template("participant/forgotten_code.html", form=typed), 422
    session[STATE] = tokens.seal(STATE, {"verified": [opened.account_id, opened.code_id, opened.epoch]})
    return redirect(url_for(".new_pin"))


@blueprint.get("/sign-in/new-pin")
@guards.public
def new_pin() -> ResponseReturnValue:
    if not _kept("verified"):
        return redirect(url_for(".who"))
    return render_template("participant/forgotten_pin.html", form=NewPinForm(formdata=None))


@blueprint.post("/sign-in/new-pin")
@guards.public
@guards.writes
def set_pin(unit: Any) -> ResponseReturnValue:
    kept, typed = _kept("verified"), NewPinForm()
    if not kept:
        return redirect(url_for(".who"))
    if typed.validate() and typed.pin.data != typed.again.data:
        typed.again.errors = [_("The two PINs are not the same.")]
    if typed.errors or typed.again.errors:
        return render_template("participant/forgotten_pin.html", form=typed), 422
    person = accounts.reset_pin(
        unit,
        actor=guards.visitor(),
        verified=accounts.Verified(*kept["verified"]),
        pin=credentials.digits(typed.pin.data),
        now=guards.now(),
    )
    if not isinstance(person, accounts.AccountUser):
        typed.pin.errors = [_(problem) for problem in person.values()]
        return render_template("participant/forgotten_pin.html", form=typed), 422
    admit(person)
    flash(_("Your new PIN is set. Other phones have been signed out."))
    return redirect(url_for("patient.today"))


def _kept(needed: str) -> dict[str, Any] | None:
    state = tokens.unseal(STATE, session.get(STATE, ""), max_age_seconds=MINUTES * 60)
    return state if state and needed in state else None
