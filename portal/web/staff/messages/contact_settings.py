"""How a participant is reached by text: each account's number and switch, and every text about the participant."""

from typing import Any, ClassVar, Final

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, StringField
from wtforms.validators import DataRequired, InputRequired, Length
from wtforms.widgets import HiddenInput

from portal.domain.access import Permission, is_allowed
from portal.extensions import Session, db
from portal.services import accounts, messages, participants
from portal.web import guards
from portal.web.forms import Form, reason_field, submits
from portal.web.guards import staff_view, writes

blueprint = Blueprint("staff_reach", __name__)
LONGEST_REASON: Final = 300


class SwitchForm(Form):
    NAMES: ClassVar = {"reason": "why"}

    account_id = IntegerField(widget=HiddenInput(), validators=[InputRequired()])
    why = reason_field(_l("Who asked for it, and when?"), longest=LONGEST_REASON, kind=StringField)


class NumberForm(Form):
    account_id = IntegerField(widget=HiddenInput(), validators=[InputRequired()])
    phone = StringField(_l("New mobile number"), [DataRequired(_l("Enter a phone number.")), Length(max=40)])
    why_number = reason_field(_l("Who said so, and when?"), longest=LONGEST_REASON, kind=StringField)


FORMS: Final[dict[str, Any]] = {"switch": SwitchForm, "number": NumberForm}


@blueprint.get("/staff/participants/<study_number>/texts")
@staff_view(Permission.MESSAGES_READ)
def show_contact_settings(study_number: str) -> str:
    return _page(study_number)


def _page(study_number: str, form: Form | None = None, **_where: str) -> str:
    """``form``: the one that was sent and has something to mend."""
    actor = guards.current_actor()
    seen = participants.get_participant_page(
        db.session, actor=actor, study_number=study_number, now=guards.request_time()
    )
    return render_template(
        "staff/messages/person.html",
        seen=seen,
        choices=messages.list_reminder_choices(db.session, actor=actor, study_number=study_number),
        rows=messages.list_participant_messages(db.session, actor=actor, study_number=study_number),
        forms={name: form if type(form) is kind else kind(formdata=None) for name, kind in FORMS.items()},
        may_act=is_allowed(actor, Permission.MESSAGES_ACT, site=seen.site),
    )


@blueprint.post("/staff/participants/<study_number>/texts/<any(on, off):way>")
@staff_view(Permission.MESSAGES_ACT)
@submits(SwitchForm, again=_page)
@writes
def switch_reminders(session: Session, form: SwitchForm, study_number: str, way: str) -> ResponseReturnValue:
    """Somebody rang and wants reminders no more, or again."""
    actor, account_id, on = guards.current_actor(), form.account_id.data, way == "on"
    messages.switch_reminders_by_staff(
        session, actor=actor, account_id=account_id, on=on, reason=form.why.data, now=guards.request_time()
    )
    flash(_("Reminders are on.") if on else _("Reminders are off."), "success")
    return redirect(url_for(".show_contact_settings", study_number=study_number))


@blueprint.post("/staff/participants/<study_number>/number")
@staff_view(Permission.MESSAGES_ACT)
@submits(NumberForm, again=_page)
@writes
def change_number(session: Session, form: NumberForm, study_number: str) -> ResponseReturnValue:
    accounts.change_phone(
        session,
        actor=guards.current_actor(),
        study_number=study_number,
        account_id=form.account_id.data,
        phone=form.phone.data,
        reason=form.why_number.data,
        now=guards.request_time(),
    )
    flash(_("The number is changed. What has not gone yet goes to the new one."), "success")
    return redirect(url_for(".show_contact_settings", study_number=study_number))
