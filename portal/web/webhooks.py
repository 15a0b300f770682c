"""What the provider calls: receipts for our texts, and texts from people. Each call is proved by its signature."""

from typing import Any

from flask import Blueprint, Response, request

from portal.adapters import logs
from portal.extensions import csrf
from portal.services import messages
from portal.web import guards

blueprint = Blueprint("webhooks", __name__, url_prefix="/webhooks/twilio")
csrf.exempt(blueprint)
NO_REPLY = '<?xml version="1.0" encoding="UTF-8"?><Response/>'


@blueprint.post("/status")
@guards.twilio_signed
@guards.writes
def status(session: Any) -> Response:
    """A receipt. One for a text that is not ours is thanked for as well, so that nobody calls again."""
    messages.record_status(
        session,
        token=request.args.get("token", ""),
        provider_id=request.form.get("MessageSid", ""),
        status=request.form.get("MessageStatus", ""),
        error_code=request.form.get("ErrorCode") or None,
        now=guards.now(),
    )
    return Response(status=204, mimetype="text/plain")


@blueprint.post("/inbound")
@guards.twilio_signed
@guards.writes
def inbound(session: Any) -> Response:
    """Somebody texts us. The answer is empty: stop and start are answered by the provider itself."""
    word = messages.record_inbound(
        session, phone=request.form.get("From", ""), body=request.form.get("Body", ""), now=guards.now()
    )
    logs.get("webhooks").info("text came in", kind=str(word))
    return Response(NO_REPLY, mimetype="text/xml")
