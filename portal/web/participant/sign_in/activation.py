"""The first time: card code and year of birth, a PIN, language and reminder hour, what is collected.

Between the steps the state travels sealed in the session; nothing is stored before the last one.
"""

from datetime import date, time
from typing import Any, Final

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import BooleanField, PasswordField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from portal.domain import credentials
from portal.extensions import db, limiter
from portal.services import accounts
from portal.web import guards, locale, tokens
from portal.web.locale import LANGUAGES
from portal.web.sign_in_session import admit

TRIES: Final = "30 per 5 minutes"
MINUTES: Final = 30
STEPS: Final = 4

blueprint = Blueprint("activation", __name__)


class CardForm(FlaskForm):  # type: ignore[misc]
    code = StringField(_l("Code on your card"), [InputRequired(_l("Enter the code on your card.")), Length(max=40)])
    birth_year = StringField(
        _l("Year of birth"), [InputRequired(_l("Enter the year of birth, for example 1985.")), Length(max=20)]
    )


class PinForm(FlaskForm):  # type: ignore[misc]
    pin = PasswordField(
        _l("PIN"), [InputRequired(_l("Enter six digits.")), Length(max=20)], description=_l("Six digits.")
    )
    again = PasswordField(_l("The same PIN again"), [InputRequired(_l("Enter the PIN a second time."))])


class ChoicesForm(FlaskForm):  # type: ignore[misc]
    language = RadioField(_l("Language"), [InputRequired(_l("Choose a language."))], choices=LANGUAGES)
    reminder_at = SelectField(
        _l("When should we remind you each day?"),
        description=_l("A short text without any details, only on days when nothing has been sent yet."),
    )


class AgreeForm(FlaskForm):  # type: ignore[misc]
    agree = BooleanField(
        _l("I have read this and agree"), [InputRequired(_l("Tick the box if you agree. Otherwise, call the ward."))]
    )


def reminder_choices() -> list[SelectChoice]:
    return [SelectChoice(f"{hour:%H:%M}", f"{hour:%H:%M}") for hour in accounts.reminder_times()]


@blueprint.get("/activate")
@guards.public
def card() -> str:
    typed = CardForm(formdata=None, code=request.args.get("code", "")[:40])
    return render_template("participant/activate_card.html", form=typed, steps=STEPS)


@blueprint.post("/activate")
@limiter.limit(TRIES)
@guards.public
@guards.writes
def open_card(unit: Any) -> ResponseReturnValue:
    typed = CardForm()
    opened = typed.validate() and accounts.check_card(
        unit, actor=guards.visitor(), code=typed.code.data, birth_year=typed.birth_year.data, now=guards.now()
    )
    if isinstance(opened, accounts.CardUsed):
        flash(_("This card has been used already. Sign in with it and your PIN."))
        return redirect(url_for("sign_in.form"))
    if not opened:
        if not typed.errors:
            typed.form_errors.append(
                _("That did not work. Check the code and the year. After five wrong tries there is a short pause.")
            )
        return render_template("participant/activate_card.html", form=typed, steps=STEPS), 422
    _keep(card_id=opened.card_id)
    return redirect(url_for(".pin"))


@blueprint.get("/activate/pin")
@guards.public
def pin() -> ResponseReturnValue:
    if not _kept("card_id"):
        return _from_the_start()
    return render_template("participant/activate_pin.html", form=PinForm(formdata=None), steps=STEPS)


@blueprint.post("/activate/pin")
@guards.public
def choose_pin() -> ResponseReturnValue:
    kept = _kept("card_id")
    if not kept:
        return _from_the_start()
    typed = PinForm()
    if typed.validate() and _will_do(typed, born_on=_opened(kept).born_on):
        _keep(**kept, pin=credentials.digits(typed.pin.data))
        return redirect(url_for(".choices"))
    return render_template("participant/activate_pin.html", form=typed, steps=STEPS), 422


def _will_do(typed: PinForm, *, born_on: date) -> bool:
    """Whether the new PIN may be used; what is wrong with it is written to its field."""
    problem = credentials.pin_problem(credentials.digits(typed.pin.data), born_on=born_on)
    if problem:
        typed.pin.errors = [_(problem)]
    elif typed.pin.data != typed.again.data:
        typed.again.errors = [_("The two PINs are not the same.")]
    return not (typed.pin.errors or typed.again.errors)


@blueprint.get("/activate/choices")
@guards.public
def choices() -> ResponseReturnValue:
    kept = _kept("card_id", "pin")
    if not kept:
        return _from_the_start()
    opened = _opened(kept)
    typed = ChoicesForm(formdata=None, language=locale.language(), reminder_at=f"{opened.reminder_at:%H:%M}")
    return _choices_page(typed)


@blueprint.post("/activate/choices")
@guards.public
def choose() -> ResponseReturnValue:
    kept = _kept("card_id", "pin")
    if not kept:
        return _from_the_start()
    typed = ChoicesForm()
    typed.reminder_at.choices = reminder_choices()
    if not typed.validate():
        return _choices_page(typed), 422
    _keep(**{**kept, "language": typed.language.data, "reminder_at": typed.reminder_at.data})
    session["language"] = typed.language.data
    return redirect(url_for(".agree"))


def _choices_page(typed: ChoicesForm) -> str:
    typed.reminder_at.choices = reminder_choices()
    return render_template("participant/activate_choices.html", form=typed, steps=STEPS)


@blueprint.get("/activate/agree")
@guards.public
def agree() -> ResponseReturnValue:
    kept = _kept("card_id", "pin", "language", "reminder_at")
    if not kept:
        return _from_the_start()
    return _agree_page(AgreeForm(formdata=None), kept)


@blueprint.post("/activate/agree")
@guards.public
@guards.writes
def activate(unit: Any) -> ResponseReturnValue:
    kept = _kept("card_id", "pin", "language", "reminder_at")
    if not kept:
        return _from_the_start()
    typed = AgreeForm()
    if not typed.validate():
        return _agree_page(typed, kept), 422
    person = accounts.activate(
        unit,
        actor=guards.visitor(),
        card_id=kept["card_id"],
        pin=kept["pin"],
        language=kept["language"],
        reminder_at=time.fromisoformat(kept["reminder_at"]),
        now=guards.now(),
    )
    admit(person)
    return redirect(url_for("patient.today"))


def _agree_page(typed: AgreeForm, kept: dict[str, Any]) -> str:
    return render_template("participant/activate_agree.html", form=typed, steps=STEPS, card=_opened(kept))


def _opened(kept: dict[str, Any]) -> accounts.Activation:
    return accounts.opened_card(db.session, card_id=kept["card_id"])


def _keep(**state: Any) -> None:
    session["activation"] = tokens.seal("activation", state)


def _kept(*needed: str) -> dict[str, Any] | None:
    """What the steps before have settled, or None when one of them is missing or half an hour has passed."""
    state = tokens.unseal("activation", session.get("activation", ""), max_age_seconds=MINUTES * 60)
    return state if state and all(name in state for name in needed) else None


def _from_the_start() -> Response:
    flash(_("Please begin again with the code on your card."))
    return redirect(url_for(".card"))
