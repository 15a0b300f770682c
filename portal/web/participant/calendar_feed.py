"""The appointments for a phone's own calendar: a private address that it follows, or a file to keep."""

from typing import Any

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.extensions import db, limiter
from portal.services import calendar_feed
from portal.web import guards
from portal.web.guards import participant_view, public_view, writes

blueprint = Blueprint("calendar_feed", __name__)
ICALENDAR = "text/calendar; charset=utf-8"


@blueprint.get("/calendar/feed/<token>.ics")
@limiter.limit("120 per minute")
@public_view
def follow_feed(token: str) -> Response:
    """Without a session and without a page: an address that is not good is simply not there."""
    feed = calendar_feed.render_feed(db.session, token=token, now=guards.request_time())
    if feed is None:
        return Response(status=404, content_type="text/plain")
    response = Response(feed, content_type=ICALENDAR)
    response.headers["Cache-Control"] = "private, no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response


@blueprint.get("/calendar/appointments.ics")
@participant_view
def download_calendar() -> Response:
    """The appointments as of now; the downloaded file does not update."""
    feed = calendar_feed.render_own_calendar(db.session, actor=guards.current_actor())
    headers = {"Content-Disposition": "attachment; filename=appointments.ics"}
    return Response(feed, content_type=ICALENDAR, headers=headers)


@blueprint.get("/settings/calendar")
@participant_view
def show_feed_form() -> str:
    return render_template(
        "participant/feed.html", made_at=calendar_feed.get_feed_created_at(db.session, actor=guards.current_actor())
    )


@blueprint.post("/settings/calendar")
@participant_view
@writes
def create_address(db_session: Any) -> str:
    """The address is shown on this answer and never again; making it anew ends the one before."""
    token = calendar_feed.create_feed_address(db_session, actor=guards.current_actor(), now=guards.request_time())
    path = url_for(".follow_feed", token=token)
    address = current_app.config["PORTAL"].public_url + path
    return render_template("participant/feed_new.html", address=address, subscribe=_webcal(address))


def _webcal(address: str) -> str:
    """The scheme by which a phone opens its own calendar."""
    return f"webcal://{address.partition('://')[2]}"


@blueprint.post("/settings/calendar/revoke")
@participant_view
@writes
def revoke_address(db_session: Any) -> ResponseReturnValue:
    calendar_feed.revoke_feed_address(db_session, actor=guards.current_actor(), now=guards.request_time())
    flash(_("The address no longer works. Your phone's calendar gets nothing more."))
    return redirect(url_for(".show_feed_form"))
