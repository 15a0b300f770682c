"""What a participant or guardian sets: language, reminder hour, texts, PIN, and signing out everywhere."""

from datetime import time
from typing import Any

from flask import Blueprint, flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms import BooleanField, PasswordField, RadioField, SelectField
from wtforms.validators import EqualTo, InputRequired, Length

from portal.extensions import db, limiter, rate_limit_key
from portal.services import accounts
from portal.web import guards
from portal.web.forms import Form, submits
from portal.web.guards import participant_view, writes
from portal.web.locale import LANGUAGES
from portal.web.participant.sign_in import remembering
from portal.web.participant.sign_in.activation import reminder_choices
from portal.web.sign_in_session import begin_session

blueprint = Blueprint("settings", __name__)


class RemindersForm(Form):
    language = RadioField(_l("Language"), [InputRequired(_l("Choose a language."))], choices=LANGUAGES)
    reminder_at = SelectField(
        _l("When should we remind you each day?"),
        description=_l("A short text without any details, only on days when nothing has been sent yet."),
    )
    reminders_on = BooleanField(
        _l("Send me text messages"),
        description=_l("Without texts nothing else changes. The diary stays open for you every day."),
    )


class PinChangeForm(Form):
    old = PasswordField(_l("Your present PIN"), [InputRequired(_l("Enter your present PIN.")), Length(max=20)])
    new = PasswordField(
        _l("New PIN"), [InputRequired(_l("Enter six digits.")), Length(max=20)], description=_l("Six digits.")
    )
    again = PasswordField(
        _l("The new PIN again"),
        [
            InputRequired(_l("Enter the PIN a second time.")),
            EqualTo("new", message=_l("The two PINs are not the same.")),
        ],
    )


@blueprint.get("/settings")
@participant_view
def show_settings() -> str:
    return _page()


def _page(form: Form | None = None) -> str:
    """``form``: the one that was sent and has something to mend."""
    own = accounts.get_account_settings(db.session, actor=guards.current_actor())
    return render_template(
        "participant/settings.html",
        settings=own,
        reminders=form if isinstance(form, RemindersForm) else _as_it_is(own),
        pin=form if isinstance(form, PinChangeForm) else PinChangeForm(formdata=None),
        phones=accounts.list_remembered_phones(db.session, actor=guards.current_actor(), now=guards.request_time()),
    )


def _as_it_is(own: accounts.AccountSettings) -> RemindersForm:
    return _reminders(
        formdata=None, language=own.language, reminder_at=f"{own.reminder_at:%H:%M}", reminders_on=own.reminders_on
    )


def _reminders(**how: Any) -> RemindersForm:
    form = RemindersForm(**how)
    form.reminder_at.choices = reminder_choices()
    return form


@blueprint.post("/settings")
@participant_view
@submits(_reminders, again=_page)
@writes
def change_reminders(db_session: Any, form: RemindersForm) -> ResponseReturnValue:
    actor, now, language = guards.current_actor(), guards.request_time(), form.language.data
    hour = time.fromisoformat(form.reminder_at.data)
    if language != current_user.person.language:
        accounts.set_language(db_session, actor=actor, language=language, now=now)
    accounts.set_reminders(db_session, actor=actor, reminder_at=hour, reminders_on=form.reminders_on.data, now=now)
    session["language"] = language
    flash(_("Saved."))
    return redirect(url_for(".show_settings"))


@blueprint.post("/settings/pin")
@limiter.limit("30 per 5 minutes", key_func=rate_limit_key)
@participant_view
@submits(PinChangeForm, again=_page)
@writes
def change_pin(db_session: Any, form: PinChangeForm) -> ResponseReturnValue:
    given = {"old": form.old.data, "new": form.new.data}
    form.take(accounts.change_pin(db_session, actor=guards.current_actor(), now=guards.request_time(), **given))
    if form.problems:
        return _page(form), 422
    _go_on(db_session)
    flash(_("Your new PIN is set. Other phones have been signed out."))
    return redirect(url_for(".show_settings"))


def _go_on(db_session: Any) -> None:
    """A new PIN ends every session; this one begins anew."""
    person = current_user.person
    renewed = accounts.find_user(db_session, kind="account", id_=person.id, epoch=person.epoch + 1)
    if isinstance(renewed, accounts.AccountUser):
        remembered = "phone" in session
        begin_session(renewed)
        if remembered:
            remembering.remember_this_phone(db_session, renewed)


@blueprint.post("/settings/phones/<int:phone_id>/forget")
@participant_view
@writes
def forget_phone(db_session: Any, phone_id: int) -> Response:
    accounts.forget_phone(db_session, actor=guards.current_actor(), phone_id=phone_id, now=guards.request_time())
    if session.get("phone") == phone_id:
        session.pop("phone")
        remembering.drop_phone_cookie()
    flash(_("This phone is no longer remembered."))
    return redirect(url_for(".show_settings"))


@blueprint.post("/settings/sign-out-everywhere")
@participant_view
@writes
def sign_out_everywhere(db_session: Any) -> Response:
    accounts.sign_out_everywhere(db_session, actor=guards.current_actor(), now=guards.request_time())
    session.clear()
    flash(_("You have signed out on every phone."))
    return redirect(url_for("sign_in.show_sign_in"))
