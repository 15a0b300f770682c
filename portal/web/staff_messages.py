"""The ledger of texts, for staff: each text's life in words, newest first."""

from typing import Final

from flask import Blueprint, render_template, request
from flask_babel import lazy_gettext as _l

from portal.domain.access import Permission
from portal.extensions import db
from portal.services import messages
from portal.web import guards

blueprint = Blueprint("staff_messages", __name__)

KINDS: Final = {
    "diary-reminder": _l("Diary reminder"),
    "infusion-evening": _l("Infusion reminder, the evening before"),
    "infusion-morning": _l("Infusion reminder, that morning"),
    "staff-alert": _l("Alert to staff"),
}
STATES: Final = {
    "planned": _l("Planned"),
    "claimed": _l("Being sent"),
    "sent": _l("Sent"),
    "delivered": _l("Delivered"),
    "failed": _l("Failed"),
    "suppressed": _l("Not sent"),
    "expired": _l("Too late, not sent"),
}
REASONS: Final = {
    "texts-off": _l("texts are switched off"),
    "status": _l("not active in the study"),
    "no-phone": _l("no phone number"),
    "date-changed": _l("the date was changed"),
    "replanned": _l("planned anew"),
    "diary-sent": _l("the diary was already there"),
    "inactive": _l("the account is not active"),
    "cap": _l("enough texts that day"),
    "window-passed": _l("the time for it had passed"),
    "not-a-mobile": _l("the number cannot receive texts"),
    "opted-out": _l("this phone has refused texts"),
    "region-blocked": _l("texts to this country are not allowed"),
    "unreachable": _l("the phone could not be reached"),
    "carrier-refused": _l("the phone company refused it"),
    "provider-refused": _l("the sending service refused it"),
    "provider-busy": _l("the sending service was busy; tried again later"),
}


@blueprint.get("/staff/messages")
@guards.staff(Permission.MESSAGES_READ)
def index() -> str:
    page = messages.recent(db.session, sites=guards.actor().sites, before_id=request.args.get("before", type=int))
    return render_template("staff/messages/index.html", page=page)


@blueprint.app_template_filter("text_kind_words")
def kind_words(kind: str) -> str:
    return str(KINDS.get(kind, kind))


@blueprint.app_template_filter("text_state_words")
def state_words(state: str) -> str:
    return str(STATES.get(state, state))


@blueprint.app_template_filter("text_reason_words")
def reason_words(reason: str) -> str:
    return str(REASONS.get(reason, reason))
