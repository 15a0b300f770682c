"""What the study team typed survives an ended session: it travels, sealed, through the sign-in page and back.

It comes back as a form that is filled in and has not been sent. Secrets and files do not travel.
"""

from collections.abc import Iterator
from io import BytesIO
from typing import Any, Final
from urllib.parse import SplitResult, unquote, urlsplit

from flask import current_app, flash, g, make_response, render_template, request, session
from flask.ctx import RequestContext
from flask.globals import request_ctx
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import refresh
from flask_login import current_user
from werkzeug.exceptions import HTTPException

from portal.domain.errors import PortalError
from portal.web import tokens
from portal.web.participant.form_recovery import CHARACTERS_MAX, FIELDS_MAX, is_from_here
from portal.web.staff.form_refill import refilled

PURPOSE: Final = "staff-carry"
MAX_AGE_SECONDS: Final = 12 * 3600  # no session of the study team lasts longer
NEVER: Final = frozenset({"csrf_token", "next", "carried", "password", "code", "old", "new", "again"})
Typed = list[tuple[str, str]]


def pack() -> str | None:
    """The form of this request as a sealed token, bound to whose session ended; None where that is not known."""
    staff_id, typed = _expired(), _typed()
    small = len(typed) <= FIELDS_MAX and sum(len(name) + len(value) for name, value in typed) <= CHARACTERS_MAX
    if not (staff_id is not None and typed and small and is_from_here()):
        return None
    return tokens.seal(PURPOSE, {"staff": staff_id, "page": _where(), "action": _action(), "form": typed})


def hand_back(token: str, *, staff_id: int) -> ResponseReturnValue | None:
    """The page with the form as it was typed, when it is this person's; else None."""
    carried: dict[str, Any] | None = tokens.unseal(PURPOSE, token, max_age_seconds=MAX_AGE_SECONDS) if token else None
    if carried is None or carried["staff"] != staff_id:
        return None
    flash(_("You had been signed out after a pause. What you typed is in the form again; it has not been sent."))
    return _filled(carried["page"], carried["action"], [(name, value) for name, value in carried["form"]])


def send_again() -> tuple[str, int] | None:
    """For a form whose token had aged, in an open session: its page again with what was typed. Else None."""
    typed = _typed()
    is_ours = str(getattr(current_app.view_functions.get(request.endpoint or ""), "guard", "")).startswith("staff:")
    if not (is_ours and typed and is_from_here() and current_user.is_authenticated):
        return None
    flash(_("The page had been open for a long time. What you typed is in the form again; it has not been sent."))
    return _filled(_where(), _action(), typed), 400


def _filled(page: str, action: str, typed: Typed) -> str:
    """Where the form is no more, what was typed is shown to be copied."""
    filled = refilled(_shown(page), action=action, typed=typed)
    words = [value for _name, value in typed if value.strip()]
    return filled or render_template("staff/carried.html", words=words, page=page)


def _shown(page: str) -> str:
    """The page as a GET of its own would show it, in the session that has just begun; empty where it cannot be."""
    parts = urlsplit(page)
    path = unquote(parts.path).encode().decode("latin-1")
    asked = {"REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": parts.query, "wsgi.input": BytesIO()}
    environ = {**request.environ, **asked, "CONTENT_LENGTH": "0", "CONTENT_TYPE": ""}
    g.pop("_login_user", None)  # read anew, as a page of its own would
    refresh()
    with RequestContext(request_ctx.app, environ, session=request_ctx.session):
        try:
            answer = make_response(current_app.dispatch_request())
        except (PortalError, HTTPException):
            return ""
    return answer.get_data(as_text=True) if answer.status_code == 200 else ""


def _typed() -> Typed:
    """Nothing where the form did not come whole, or is too large."""
    try:
        fields = request.form
    except HTTPException:
        return []
    return [(name, value) for name, value in fields.items(multi=True) if name not in NEVER]


def _action() -> str:
    return request.script_root + request.path


def _where() -> str:
    """The page that the form is on: the one it was sent from, else the nearest one above its address."""
    came_from = urlsplit(request.referrer or "")
    pages = [one for one in _candidates(came_from) if _is_page(urlsplit(one).path)]
    return pages[0] if pages else "/staff"


def _candidates(came_from: SplitResult) -> Iterator[str]:
    if came_from.netloc == request.host:
        yield came_from.path.removeprefix(request.script_root) + (f"?{came_from.query}" if came_from.query else "")
    steps = request.path.split("/")
    yield from ("/".join(steps[:length]) for length in range(len(steps), 2, -1))


def _is_page(path: str) -> bool:
    """Whether a GET there is a page of the study team's."""
    adapter = current_app.create_url_adapter(request)
    try:
        endpoint, _given = adapter.match(path, method="GET") if adapter else ("", {})
    except HTTPException:
        return False
    return str(getattr(current_app.view_functions[endpoint], "guard", "")).startswith("staff:")


def _expired() -> int | None:
    kind, _colon, rest = str(session.get("_user_id", "")).partition(":")
    return int(rest.partition(":")[0]) if kind == "staff" else None
