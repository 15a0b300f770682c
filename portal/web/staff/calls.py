"""One participant's contact log: who rang whom, when, how it ended; and a call that is written down."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, TextAreaField, TimeField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from portal import protocols
from portal.domain.access import Permission, is_allowed
from portal.domain.calls import CallOutcome, CallRecipient
from portal.extensions import Session, db
from portal.services import participants
from portal.web import guards
from portal.web.forms import DayField, Form, at_most, submits
from portal.web.guards import staff_view, writes
from portal.web.labels.calls import OUTCOMES, WHOM

blueprint = Blueprint("staff_calls", __name__)


@blueprint.record_once
def _filters(state: Any) -> None:
    state.app.add_template_filter(lambda code: str(WHOM.get(code, code)), "call_recipient_label")
    state.app.add_template_filter(lambda code: str(OUTCOMES.get(code, code)), "call_outcome_label")


class CallForm(Form):
    whom = RadioField(
        _l("Whom did you ring?"),
        [InputRequired(_l("Choose whom you rang."))],
        choices=[SelectChoice(str(one), WHOM[one]) for one in CallRecipient],
    )
    outcome = RadioField(
        _l("How did it end?"),
        [InputRequired(_l("Choose how it ended."))],
        choices=[SelectChoice(str(one), OUTCOMES[one]) for one in CallOutcome],
    )
    called_on = DayField(_l("Date"), [InputRequired(_l("Enter a day, such as 2026-11-26."))])
    called_time = TimeField(_l("Time"), [InputRequired(_l("Enter a time, such as 08:30."))])
    note = TextAreaField(_l("Note (optional)"), [at_most(2000)], default="")

    def call(self) -> participants.NewCall:
        at = datetime.combine(self.called_on.data, self.called_time.data, _zone())
        return participants.NewCall(self.whom.data, self.outcome.data, self.note.data or "", at)


def _zone() -> ZoneInfo:
    return ZoneInfo(protocols.load_protocol().timezone)


@blueprint.get("/staff/participants/<study_number>/calls")
@staff_view(Permission.PARTICIPANTS_READ)
def show_calls(study_number: str) -> str:
    here = guards.request_time().astimezone(_zone())
    return _page(study_number, CallForm(formdata=None, called_on=here.date(), called_time=here.time()))


def _page(study_number: str, form: CallForm) -> str:
    actor, now = guards.current_actor(), guards.request_time()
    found = participants.get_participant_page(db.session, actor=actor, study_number=study_number, now=now)
    return render_template(
        "staff/participants/calls.html",
        page=found,
        calls=participants.list_calls(db.session, actor=actor, study_number=study_number),
        may_triage=is_allowed(actor, Permission.TRIAGE_READ, site=found.site),
        form=form if is_allowed(actor, Permission.TRIAGE_ACT, site=found.site) else None,
    )


@blueprint.post("/staff/participants/<study_number>/calls")
@staff_view(Permission.TRIAGE_ACT)
@submits(CallForm, again=_page)
@writes
def record_call(session: Session, form: CallForm, study_number: str) -> ResponseReturnValue:
    call, now = form.call(), guards.request_time()
    participants.record_call(session, actor=guards.current_actor(), study_number=study_number, call=call, now=now)
    flash(_("The call is recorded."), "success")
    return redirect(url_for(".show_calls", study_number=study_number))
