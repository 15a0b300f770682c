"""What a participant typed survives an expired session: it travels, sealed, through the sign-in page and back.

A page that had been open too long for its token is the smaller sister of the same loss: ``send_again``.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from flask import render_template, request, session
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.datastructures import MultiDict

from portal.services import diary as service
from portal.web import tokens
from portal.web.form_recovery import CHARACTERS_MAX, FIELDS_MAX, is_own_origin
from portal.web.participant import corrections, diary

PURPOSE: Final = "carry"
MAX_AGE_SECONDS: Final = 24 * 3600
DIARY_PAGE: Final = "diary.save_diary_page"
# What goes on where it was, by the route that it was sent to. Nothing is sent: it is a draft, or a page to look over.
RESTORED: Final[Mapping[str, Callable[..., ResponseReturnValue]]] = {
    DIARY_PAGE: diary.restore_diary_page,
    "correcting.correct_topic": corrections.restore_correction,
    "correcting.answer_question": corrections.restore_answer,
}


def recover_stale_form() -> tuple[str, int] | None:
    """For a request whose token had aged: the same values with a fresh token, to be sent by one tap. Else None."""
    if not (_is_carried() and is_own_origin() and current_user.is_authenticated):
        return None
    if request.endpoint == DIARY_PAGE and not _is_made_for(current_user.person.id, request.form):
        return None
    page = render_template("participant/send_again.html", path=request.full_path.rstrip("?"), fields=_typed())
    return page, 400


def seal_form() -> str | None:
    """The form of this request as a sealed token, bound to the account whose session ended, if that is known."""
    typed = _typed()
    small = len(typed) <= FIELDS_MAX and sum(len(name) + len(value) for name, value in typed) <= CHARACTERS_MAX
    if not (_is_carried() and is_own_origin() and small):
        return None
    where = {"route": request.endpoint, "given": request.view_args}
    return tokens.seal_token(PURPOSE, {"account": _expired_account(), **where, "form": typed})


def restore_form(db_session: Any, token: str, *, account_id: int) -> ResponseReturnValue | None:
    """Put back what was carried, when it is this account's; returns the answer that goes on from there, or None."""
    carried: dict[str, Any] | None = (
        tokens.open_token(PURPOSE, token, max_age_seconds=MAX_AGE_SECONDS) if token else None
    )
    if carried is None:
        return None
    fields = MultiDict([(name, value) for name, value in carried["form"]])
    if not _is_of(account_id, carried, fields):
        return None
    return RESTORED[carried["route"]](db_session, fields, **carried["given"])


def _is_of(account_id: int, carried: dict[str, Any], fields: MultiDict[str, str]) -> bool:
    """Of the account whose session ended; where that is not known, of the one that the page's diary was made for."""
    if carried["account"] is not None:
        return bool(carried["account"] == account_id)
    if carried["route"] != DIARY_PAGE:
        return True  # a report of the record, or a question, opens for its own participant only
    return _is_made_for(account_id, fields)


def _is_made_for(account_id: int, fields: Mapping[str, str]) -> bool:
    """On a shared phone a page of one person may still be open when another has signed in."""
    return service.belongs_to(fields.get("client-id", ""), account_id)


def _is_carried() -> bool:
    return request.method == "POST" and request.endpoint in RESTORED


def _typed() -> list[tuple[str, str]]:
    return [(name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"]


def _expired_account() -> int | None:
    kind, _, rest = str(session.get("_user_id", "")).partition(":")
    return int(rest.partition(":")[0]) if kind == "account" else None
