"""How a participant is reached by text: each account's number and switch, and every text about the participant."""

from typing import Any, Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import IntegerField, StringField
from wtforms.validators import DataRequired, InputRequired, Length
from wtforms.widgets import HiddenInput

from portal.domain.access import Permission, can
from portal.domain.errors import Invalid
from portal.extensions import Session, db
from portal.services import accounts, messages, participants
from portal.web import guards
from portal.web.guards import staff, writes

blueprint = Blueprint("staff_reach", __name__)
WHY: Final = (DataRequired(_l("Say why, in a few words.")), Length(max=300, message=_l("At most 300 characters.")))


class SwitchForm(FlaskForm):  # type: ignore[misc]
    account_id = IntegerField(widget=HiddenInput(), validators=[InputRequired()])
    why = StringField(_l("Who asked for it, and when?"), WHY)


class NumberForm(FlaskForm):  # type: ignore[misc]
    account_id = IntegerField(widget=HiddenInput(), validators=[InputRequired()])
    phone = StringField(_l("New mobile number"), [DataRequired(_l("Enter a phone number.")), Length(max=40)])
    why_number = StringField(_l("Who said so, and when?"), WHY)


FORMS: Final[dict[str, Any]] = {"switch": SwitchForm, "number": NumberForm}


@blueprint.get("/staff/participants/<study_number>/texts")
@staff(Permission.MESSAGES_READ)
def page(study_number: str) -> str:
    return _page(study_number)


@blueprint.post("/staff/participants/<study_number>/texts/<any(on, off):way>")
@staff(Permission.MESSAGES_ACT)
@writes
def switch(session: Session, study_number: str, way: str) -> ResponseReturnValue:
    """Somebody rang and wants reminders no more, or again."""
    form = SwitchForm()
    if not form.validate():
        return _page(study_number, switch=form), 422
    messages.switch_by_staff(
        session,
        actor=guards.actor(),
        account_id=form.account_id.data,
        on=way == "on",
        reason=form.why.data,
        now=guards.now(),
    )
    flash(_("Reminders are on.") if way == "on" else _("Reminders are off."), "success")
    return redirect(url_for(".page", study_number=study_number))


@blueprint.post("/staff/participants/<study_number>/number")
@staff(Permission.MESSAGES_ACT)
@writes
def number(session: Session, study_number: str) -> ResponseReturnValue:
    form = NumberForm()
    if not form.validate():
        return _page(study_number, number=form), 422
    accounts.change_phone(
        session,
        actor=guards.actor(),
        study_number=study_number,
        account_id=form.account_id.data,
        phone=form.phone.data,
        reason=form.why_number.data,
        now=guards.now(),
    )
    flash(_("The number is changed. What has not gone yet goes to the new one."), "success")
    return redirect(url_for(".page", study_number=study_number))


def _page(study_number: str, **typed: FlaskForm) -> str:
    actor = guards.actor()
    seen = participants.page(db.session, actor=actor, study_number=study_number, now=guards.now())
    forms = {name: form(formdata=None) for name, form in FORMS.items()} | typed
    return render_template(
        "staff/messages/person.html",
        seen=seen,
        choices=messages.choices(db.session, actor=actor, study_number=study_number),
        rows=messages.for_participant(db.session, actor=actor, study_number=study_number),
        forms=forms,
        may_act=can(actor, Permission.MESSAGES_ACT, site=seen.site),
    )


@blueprint.errorhandler(Invalid)
def invalid(error: Invalid) -> ResponseReturnValue:
    """What the service found wrong, at its field, with what was typed."""
    form = NumberForm()
    for field, problem in error.problems.items():
        form[field].errors = [_(problem)]
    db.session.rollback()
    return _page(str((request.view_args or {})["study_number"]), number=form), 422
