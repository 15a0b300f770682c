"""What texts say and where they may go: each wording with its segments and faults, and a place to try new words."""

from typing import Final

from flask import Blueprint, render_template, request
from flask_babel import lazy_gettext as _l

from portal.adapters import message_templates
from portal.domain.access import Permission
from portal.domain.messages import count_segments
from portal.web import guards

blueprint = Blueprint("staff_wording", __name__)
LONGEST: Final = 1_000
SENDERS: Final = {
    "number": _l("a number"),
    "service": _l("a messaging service"),
    "signature": _l("a registered signature"),
}


@blueprint.get("/staff/messages/wording")
@guards.staff_view(Permission.MESSAGES_READ)
def check_wording() -> str:
    """``?words=`` and ``?language=`` are looked at as if they were to be sent; nothing is kept."""
    words, language = request.args.get("words", "")[:LONGEST].strip(), request.args.get("language", "en")
    language = language if language in message_templates.LANGUAGES else "en"
    return render_template(
        "staff/messages/wording.html",
        checked=message_templates.check_templates(),
        destinations=tuple(message_templates.load_destinations().values()),
        senders=SENDERS,
        words=words,
        words_language=language,
        found=count_segments(words) if words else None,
        faults=message_templates.find_wording_faults(words, language) if words else {},
    )
