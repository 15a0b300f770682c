"""The link in a reminder. Opening the page uses nothing up, for previews open it too; the button does."""

from typing import Any

from flask import Blueprint, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.extensions import db, limiter
from portal.services import accounts, diary
from portal.web import guards
from portal.web.sign_in_session import begin_session

blueprint = Blueprint("day", __name__)


@blueprint.get("/d/<token>")
@limiter.limit("60 per 5 minutes")
@guards.public_view
def show_day_link(token: str) -> ResponseReturnValue:
    """A button, or the way to sign in; which of them says nothing about whether the link ever existed."""
    day = accounts.read_day_link(db.session, token=token, now=guards.request_time())
    if day is not None and _is_here_already(day):
        return redirect(_first_page(day, day_person=current_user.person))
    return render_template("participant/day_link.html", token=token if day else None, day=day.diary_on if day else None)


@blueprint.post("/d/<token>")
@limiter.limit("30 per 5 minutes")
@guards.public_view
@guards.writes
def use_day_link(db_session: Any, token: str) -> ResponseReturnValue:
    opened = accounts.use_day_link(db_session, actor=guards.visiting_actor(), token=token, now=guards.request_time())
    if opened is None:
        return render_template("participant/day_link.html", token=None, day=None)
    begin_session(opened.person)
    session.update(only_day=opened.day.diary_on.isoformat(), until=opened.day.until_at.timestamp())
    return redirect(_first_page(opened.day, day_person=opened.person))


def _is_here_already(day: accounts.UsableDayLink) -> bool:
    person = getattr(current_user, "person", None)
    return getattr(person, "kind", None) == "account" and current_user.person.id == day.account_id


def _first_page(day: accounts.UsableDayLink, *, day_person: accounts.AccountUser) -> str:
    form = diary.own_form(db.session, actor=day_person.actor, diary_on=day.diary_on, at=guards.request_time())
    return url_for("diary.show_diary_page", day=day.diary_on, name=form.pages[0].name)
