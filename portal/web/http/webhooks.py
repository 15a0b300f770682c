"""What the provider calls: receipts for our texts, and texts from people. Each call is proved by its signature."""

from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from flask import Blueprint, Response, current_app, request, url_for

from portal.adapters import logs
from portal.extensions import csrf
from portal.services import messages
from portal.web import guards

blueprint = Blueprint("webhooks", __name__, url_prefix="/webhooks/twilio")
csrf.exempt(blueprint)


@blueprint.post("/status")
@guards.requires_twilio_signature
@guards.writes
def receive_status(session: Any) -> Response:
    """A delivery receipt. Unknown ids also get 204, so that the provider does not retry."""
    messages.record_status(
        session,
        token=request.args.get("token", ""),
        provider_id=request.form.get("MessageSid", ""),
        status=request.form.get("MessageStatus", ""),
        error_code=request.form.get("ErrorCode") or None,
        now=guards.request_time(),
    )
    return Response(status=204, mimetype="text/plain")


@blueprint.post("/inbound")
@guards.requires_twilio_signature
@guards.writes
def receive_inbound(session: Any) -> Response:
    """An inbound text. The response may hold a reply (TwiML); what Twilio answers automatically is left to it."""
    received = messages.record_inbound(
        session,
        phone=request.form.get("From", ""),
        body=request.form.get("Body", ""),
        provider_id=request.form.get("MessageSid", ""),
        now=guards.request_time(),
    )
    logs.get_logger("webhooks").info("text came in", kind=str(received.meaning))
    return Response(_twiml(received.reply), mimetype="text/xml")


def _twiml(reply: messages.ReplyText | None) -> str:
    """``<Message>`` with our own token in its receipt's address, or an empty ``<Response>``."""
    response = Element("Response")
    if reply is not None:
        url = f"{current_app.config['PORTAL'].public_url}{url_for('.receive_status', token=reply.token)}"
        SubElement(response, "Message", statusCallback=url).text = reply.body
    return '<?xml version="1.0" encoding="UTF-8"?>' + tostring(response, encoding="unicode", short_empty_elements=True)
