"""The ledger of texts, for staff: each text's life in words, newest first."""

import time
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from wtforms import StringField

from portal import protocols
from portal.domain.access import ActorKind, Permission, is_allowed
from portal.extensions import Session, db
from portal.services import heartbeats, messages
from portal.web import guards
from portal.web.forms import Form, reason_field, submits
from portal.web.labels.messages import KINDS, REASONS, STATES, SWITCHED_BY

blueprint = Blueprint("staff_messages", __name__)


@blueprint.record_once
def _since(state: Any) -> None:
    state.app.extensions["pages_since"] = time.monotonic()


class ResendForm(Form):
    reason = reason_field(_l("Why should it be sent again?"), longest=300, kind=StringField)


@blueprint.get("/staff/messages")
@guards.staff_view(Permission.MESSAGES_READ)
def list_messages() -> str:
    """The message ledger, problems first. ``?before=``: the last message of the previous page."""
    actor, before = guards.current_actor(), guards.read_row_id("before")
    zone = ZoneInfo(protocols.load_protocol().timezone)
    return render_template(
        "staff/messages/index.html",
        page=messages.list_recent_messages(db.session, actor=actor, before_id=before),
        unread=messages.list_unread(db.session, actor=actor),
        unreachable=messages.list_unreachable(db.session, actor=actor),
        uncertain=messages.list_uncertain(db.session, actor=actor),
        days=messages.list_daily_figures(db.session, actor=actor, zone=zone, now=guards.request_time()),
        may_act=is_allowed(actor, Permission.MESSAGES_ACT),
    )


@blueprint.get("/staff/messages/<int:message_id>")
@guards.staff_view(Permission.MESSAGES_READ)
def show_message(message_id: int) -> str:
    return _life(message_id, ResendForm(formdata=None))


def _life(message_id: int, form: ResendForm) -> str:
    actor = guards.current_actor()
    row = messages.get_message(db.session, actor=actor, message_id=message_id)
    return render_template(
        "staff/messages/message.html",
        row=row,
        choices=()
        if row.to_staff
        else messages.list_reminder_choices(db.session, actor=actor, study_number=row.study_number),
        resending=form,
        may_resend=row.can_be_resent(guards.request_time()),
        may_act=is_allowed(guards.current_actor(), Permission.MESSAGES_ACT),
    )


@blueprint.post("/staff/messages/<int:message_id>/resend")
@guards.staff_view(Permission.MESSAGES_ACT)
@submits(ResendForm, again=_life)
@guards.writes
def resend_message(session: Session, form: ResendForm, message_id: int) -> ResponseReturnValue:
    again = messages.resend_message(
        session, actor=guards.current_actor(), message_id=message_id, reason=form.reason.data, now=guards.request_time()
    )
    flash(_("It is sent again within a few seconds, as a message of its own."), "success")
    return redirect(url_for(".show_message", message_id=again))


@blueprint.post("/staff/messages/inbound/<int:inbound_id>/read")
@guards.staff_view(Permission.MESSAGES_ACT)
@guards.writes
def mark_inbound_read(session: Session, inbound_id: int) -> ResponseReturnValue:
    messages.mark_read(session, actor=guards.current_actor(), inbound_id=inbound_id, now=guards.request_time())
    return redirect(url_for(".list_messages"))


@blueprint.app_template_filter("seconds_label")
def seconds_label(seconds: float | None) -> str:
    """``12 s``, ``3 min``; a dash where there is nothing to average."""
    if seconds is None:
        return "–"
    if seconds < 90:
        return str(_("%(number)s s", number=round(seconds)))
    return str(_("%(number)s min", number=round(seconds / 60)))


@blueprint.app_template_filter("switched_by_label")
def switched_by_label(by: str) -> str:
    return str(SWITCHED_BY.get(by, by))


JOB_WORDS = {
    "plan-reminders": _l("planning of reminders"),
    "send-due": _l("sending of texts"),
    "close-unreceipted": _l("closing of texts without a receipt"),
    "escalate": _l("passing on of alerts"),
    "watch": _l("watch over missed diaries"),
    "end-pauses": _l("end of pauses"),
    "seal-audit": _l("sealing of the audit log"),
}


@blueprint.app_context_processor
def _context() -> dict[str, object]:
    return {"late_jobs": list_late_jobs}


def list_late_jobs() -> tuple[str, ...]:
    """The jobs that are late or never ran, as a warning on every staff page."""
    person = getattr(current_user, "person", None)
    if person is None or person.kind != ActorKind.STAFF:
        return ()
    up_for = timedelta(seconds=time.monotonic() - current_app.extensions["pages_since"])
    late = heartbeats.list_overdue_jobs(db.session, now=guards.request_time(), up_for=up_for)
    return tuple(str(JOB_WORDS.get(job, job)) for job in late)


@blueprint.app_template_filter("message_kind_label")
def message_kind_label(kind: str) -> str:
    return str(KINDS.get(kind, kind))


@blueprint.app_template_filter("message_state_label")
def message_state_label(state: str) -> str:
    return str(STATES.get(state, state))


@blueprint.app_template_filter("message_reason_label")
def message_reason_label(reason: str) -> str:
    return str(REASONS.get(reason, reason))
