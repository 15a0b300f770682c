"""The first time: card code and year of birth, a PIN, language and reminder hour, what is collected.

Between the steps the state travels sealed in the session; nothing is stored before the last one.
"""

from datetime import date, time
from typing import Any, Final

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms import BooleanField, PasswordField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from portal.domain import credentials
from portal.extensions import db, limiter
from portal.services import accounts
from portal.web import guards, locale, tokens
from portal.web.forms import Form, submits
from portal.web.locale import LANGUAGES
from portal.web.sign_in_session import begin_session

TRIES: Final = "30 per 5 minutes"
MINUTES: Final = 30
STEPS: Final = 4

blueprint = Blueprint("activation", __name__)


class CardForm(Form):
    code = StringField(_l("Code on your card"), [InputRequired(_l("Enter the code on your card.")), Length(max=40)])
    birth_year = StringField(
        _l("Year of birth"), [InputRequired(_l("Enter the year of birth, for example 1985.")), Length(max=20)]
    )


class PinForm(Form):
    pin = PasswordField(
        _l("PIN"), [InputRequired(_l("Enter six digits.")), Length(max=20)], description=_l("Six digits.")
    )
    again = PasswordField(_l("The same PIN again"), [InputRequired(_l("Enter the PIN a second time."))])


class ChoicesForm(Form):
    language = RadioField(_l("Language"), [InputRequired(_l("Choose a language."))], choices=LANGUAGES)
    reminder_at = SelectField(
        _l("When should we remind you each day?"),
        description=_l("A short text without any details, only on days when nothing has been sent yet."),
    )


class AgreeForm(Form):
    agree = BooleanField(
        _l("I have read this and agree"), [InputRequired(_l("Tick the box if you agree. Otherwise, call the ward."))]
    )


def reminder_choices() -> list[SelectChoice]:
    return [SelectChoice(f"{hour:%H:%M}", f"{hour:%H:%M}") for hour in accounts.reminder_times()]


@blueprint.get("/activate")
@guards.public_view
def show_card_form() -> str:
    return _card_page(CardForm(formdata=None, code=request.args.get("code", "")[:40]))


def _card_page(form: CardForm) -> str:
    return render_template("participant/activate_card.html", form=form, steps=STEPS)


@blueprint.post("/activate")
@limiter.limit(TRIES)
@guards.public_view
@submits(CardForm, again=_card_page)
@guards.writes
def open_card(db_session: Any, form: CardForm) -> ResponseReturnValue:
    given = {"code": form.code.data, "birth_year": form.birth_year.data}
    opened = accounts.check_card(db_session, actor=guards.visiting_actor(), now=guards.request_time(), **given)
    if isinstance(opened, accounts.CardUsed):
        flash(_("This card has been used already. Sign in with it and your PIN."))
        return redirect(url_for("sign_in.show_sign_in"))
    if not opened:
        form.form_errors.append(
            _("That did not work. Check the code and the year. After five wrong tries there is a short pause.")
        )
        return _card_page(form), 422
    _keep(card_id=opened.card_id)
    return redirect(url_for(".show_pin_form"))


@blueprint.get("/activate/pin")
@guards.public_view
def show_pin_form() -> ResponseReturnValue:
    return _pin_page(PinForm(formdata=None))


def _pin_page(form: PinForm) -> ResponseReturnValue:
    if not _kept("card_id"):
        return _from_the_start()
    return render_template("participant/activate_pin.html", form=form, steps=STEPS)


@blueprint.post("/activate/pin")
@guards.public_view
@submits(PinForm, again=_pin_page)
def choose_pin(form: PinForm) -> ResponseReturnValue:
    kept = _kept("card_id")
    if not kept:
        return _from_the_start()
    if not _will_do(form, born_on=_opened(kept).born_on):
        return render_template("participant/activate_pin.html", form=form, steps=STEPS), 422
    _keep(**{**kept, "pin": credentials.read_digits(form.pin.data)})
    return redirect(url_for(".show_choices"))


def _will_do(typed: PinForm, *, born_on: date) -> bool:
    """Whether the new PIN may be used; what is wrong with it is written to its field."""
    problem = credentials.pin_problem(credentials.read_digits(typed.pin.data), born_on=born_on)
    if problem:
        typed.pin.errors = [_(problem)]
    elif typed.pin.data != typed.again.data:
        typed.again.errors = [_("The two PINs are not the same.")]
    return not (typed.pin.errors or typed.again.errors)


@blueprint.get("/activate/choices")
@guards.public_view
def show_choices() -> ResponseReturnValue:
    kept = _kept("card_id", "pin")
    if not kept:
        return _from_the_start()
    opened = _opened(kept)
    reminder_at = f"{opened.reminder_at:%H:%M}"
    return _choices_page(_choices_form(formdata=None, language=locale.current_language(), reminder_at=reminder_at))


def _choices_form(**how: Any) -> ChoicesForm:
    form = ChoicesForm(**how)
    form.reminder_at.choices = reminder_choices()
    return form


def _choices_page(form: ChoicesForm) -> ResponseReturnValue:
    if not _kept("card_id", "pin"):
        return _from_the_start()
    return render_template("participant/activate_choices.html", form=form, steps=STEPS)


@blueprint.post("/activate/choices")
@guards.public_view
@submits(_choices_form, again=_choices_page)
def save_choices(form: ChoicesForm) -> ResponseReturnValue:
    kept = _kept("card_id", "pin")
    if not kept:
        return _from_the_start()
    _keep(**{**kept, "language": form.language.data, "reminder_at": form.reminder_at.data})
    session["language"] = form.language.data
    return redirect(url_for(".show_agreement"))


@blueprint.get("/activate/agree")
@guards.public_view
def show_agreement() -> ResponseReturnValue:
    return _agree_page(AgreeForm(formdata=None))


def _agree_page(form: AgreeForm) -> ResponseReturnValue:
    kept = _kept("card_id", "pin", "language", "reminder_at")
    if not kept:
        return _from_the_start()
    return render_template("participant/activate_agree.html", form=form, steps=STEPS, card=_opened(kept))


@blueprint.post("/activate/agree")
@guards.public_view
@submits(AgreeForm, again=_agree_page)
@guards.writes
def activate_account(db_session: Any, _form: AgreeForm) -> ResponseReturnValue:
    kept = _kept("card_id", "pin", "language", "reminder_at")
    if not kept:
        return _from_the_start()
    given = {**kept, "reminder_at": time.fromisoformat(kept["reminder_at"])}
    person = accounts.activate_account(db_session, actor=guards.visiting_actor(), now=guards.request_time(), **given)
    begin_session(person)
    return redirect(url_for("patient.show_today"))


def _opened(kept: dict[str, Any]) -> accounts.Activation:
    return accounts.get_activation(db.session, card_id=kept["card_id"])


def _keep(**state: Any) -> None:
    session["activation"] = tokens.seal_token("activation", state)


def _kept(*needed: str) -> dict[str, Any] | None:
    """What the steps before have settled, or None when one of them is missing or half an hour has passed."""
    state = tokens.open_token("activation", session.get("activation", ""), max_age_seconds=MINUTES * 60)
    return state if state and all(name in state for name in needed) else None


def _from_the_start() -> Response:
    flash(_("Please begin again with the code on your card."))
    return redirect(url_for(".show_card_form"))
