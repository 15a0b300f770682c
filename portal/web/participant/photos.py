"""Photographs of a day: from the camera or a file, now or later, never in the way of the answers."""

from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Any, Final

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.adapters.photos import RejectedPhoto, reencode_photo
from portal.domain.errors import NotFound
from portal.extensions import db, limiter, rate_limit_key, transaction
from portal.services import photos
from portal.web import guards
from portal.web.guards import open_to_day_link, participant_view, takes_files

UPLOAD_MAX: Final = 24 * 1024 * 1024  # well above what is taken, so that a large photograph is refused in words
FIELDS: Final = ("camera", "photo")

blueprint = Blueprint("photos", __name__)


def _roomy(view: Callable[..., Any]) -> Callable[..., Any]:
    """Lets this route alone read a large request; outermost, because the guard reads the form for its token."""

    @wraps(view)
    def reading(*args: Any, **kwargs: Any) -> Any:
        request.max_content_length = UPLOAD_MAX
        return view(*args, **kwargs)

    return reading


@blueprint.get("/photos/<day>")
@participant_view
@open_to_day_link()
def show_photos(day: str) -> str:
    return _page(_day(day))


@blueprint.post("/photos/<day>")
@_roomy
@limiter.limit("30 per 5 minutes", key_func=rate_limit_key)
@participant_view
@open_to_day_link()
@takes_files(*FIELDS)
def add_photo(day: str) -> ResponseReturnValue:
    """Decoding takes its time, so it comes before the transaction."""
    diary_on = _day(day)
    field, content = _sent()
    picture = reencode_photo(content)
    if isinstance(picture, RejectedPhoto):
        return _page(diary_on, problem=_(picture.msgid), field=field), 422
    with transaction() as db_session:
        folder = current_app.config["PORTAL"].files_dir
        photos.add_photo(
            db_session,
            actor=guards.current_actor(),
            diary_on=diary_on,
            picture=picture,
            folder=folder,
            now=guards.request_time(),
        )
    flash(_("The photograph has arrived. The study nurse can see it."))
    return redirect(url_for(".show_photos", day=day))


def _sent() -> tuple[str, bytes]:
    """The field that was used, and what came with it; the camera goes first."""
    for name in FIELDS:
        file = request.files.get(name)
        if file is not None and file.filename:
            return name, file.read()
    return FIELDS[0], b""


def _page(diary_on: date, *, problem: str | None = None, field: str = FIELDS[0]) -> str:
    sent = photos.count_photos(db.session, actor=guards.current_actor(), diary_on=diary_on)
    return render_template(
        "participant/photos.html",
        day=diary_on,
        sent=sent,
        room=photos.A_DAY - sent,
        limit=photos.A_DAY,
        problems={field: problem} if problem else {},
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise NotFound from error
