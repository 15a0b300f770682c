"""One table turns what may go wrong into pages, so that views have no try."""

from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any

from flask import Flask, g, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import AnonymousUserMixin, current_user
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from portal.adapters import logs
from portal.domain import errors
from portal.web import guards

log = logs.get_logger("web")
STATUS = {
    errors.NotFound: 404,
    errors.NotAllowed: 403,
    errors.Conflict: 409,
    errors.Locked: 423,
    errors.Invalid: 422,
    errors.TooMany: 429,
}
WORDS = {
    400: (_l("That did not work"), _l("Something in the request was not right. Go back, check and send it again.")),
    403: (_l("You cannot open this page"), _l("Your sign-in does not include this page.")),
    404: (_l("Page not found"), _l("Check the address, or go back to the start.")),
    405: (_l("That did not work"), _l("This address cannot be opened that way. Go back to the start.")),
    409: (_l("Somebody was first"), _l("This was changed in the meantime. Open it again to see how it stands now.")),
    413: (_l("That is too large"), _l("Please send less at once.")),
    422: (_l("That did not work"), _l("Something was missing. Go back, check and send it again.")),
    423: (_l("These data are closed"), _l("They cannot be changed. A data manager can open them again.")),
    429: (_l("Please wait a little"), _l("There were too many tries. Wait a minute and try again.")),
    500: (_l("Something went wrong here"), _l("Nothing you sent was half saved. Please try again in a minute.")),
}


Recovery = Callable[[], ResponseReturnValue | None]


def init_errors(
    app: Flask, *, recoveries: Sequence[Recovery], when_signed_out: Callable[..., ResponseReturnValue]
) -> None:
    """Register every error page.

    ``recoveries`` are asked in turn for a page that keeps what was typed when a form's token has aged;
    ``when_signed_out`` answers a form of staff whose session has ended.
    """
    app.log_exception = log_failure  # type: ignore[method-assign]
    for kind, status in STATUS.items():
        app.register_error_handler(kind, _domain_page(status))
    app.register_error_handler(CSRFError, _aged_page(recoveries))
    app.register_error_handler(guards.SignedOut, when_signed_out)
    app.register_error_handler(HTTPException, _http)


def log_failure(exc_info: tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None]) -> None:
    """Where it broke and of what kind, never the message: that may quote what somebody typed."""
    error = exc_info[1]
    if error is not None:
        log.error("failure", error=type(error).__name__, frames=logs.format_frames(error))


def words_of(error: errors.PortalError) -> str:
    """What is said about an error: its own words, else those for its status."""
    return _(error.message, **error.params) if error.message else str(_words_for(status_of(error))[1])


def status_of(error: errors.PortalError) -> int:
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def _domain_page(status: int):  # type: ignore[no-untyped-def]
    def handle(error: errors.PortalError) -> tuple[str, int]:
        return error_page(status, detail=words_of(error))

    return handle


def _aged_page(recoveries: Sequence[Recovery]) -> Callable[[CSRFError], ResponseReturnValue]:
    def handle(_error: CSRFError) -> ResponseReturnValue:
        for recover in recoveries:
            recovered = recover()
            if recovered is not None:
                return recovered
        return error_page(
            400, detail=_("The page had been open for a long time. Go back, load it again and send it again.")
        )

    return handle


def _http(error: HTTPException) -> tuple[str, int] | HTTPException:
    if error.code is None or error.code < 400:
        return error
    if error.code >= 500:
        _forget_who_cannot_be_found()
    return error_page(error.code)


def _forget_who_cannot_be_found() -> None:
    """Without a database nobody can be recognised; the page that says so must stand all the same."""
    try:
        current_user.is_authenticated  # noqa: B018 - asking is what looks for the person
    except Exception:
        g._login_user = AnonymousUserMixin()  # noqa: SLF001 - where flask-login looks first


def error_page(status: int, *, detail: str | None = None) -> tuple[str, int]:
    heading, words = _words_for(status)
    return render_template("errors/error.html", heading=heading, words=detail or words, status=status), status


def _words_for(status: int) -> tuple[Any, Any]:
    return WORDS.get(status, WORDS[400 if status < 500 else 500])
