"""A new session for somebody who has just signed in, and the name of their device."""

import secrets
from typing import Final

from flask import g, request, session
from flask_login import login_user

from portal.services.accounts import AccountUser
from portal.services.team import StaffUser
from portal.web import guards

DEVICES: Final = (("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("HarmonyOS", "HarmonyOS"),
                  ("Windows", "Windows"), ("Macintosh", "Mac"), ("Linux", "Linux"))  # fmt: skip


BROWSERS: Final = (("MicroMessenger", "WeChat"), ("Edg", "Edge"), ("Firefox", "Firefox"), ("Chrome", "Chrome"),
                   ("Safari", "Safari"))  # fmt: skip


def device_label() -> str:
    """``iPhone, WeChat``: enough to know one's phone by."""
    words = request.user_agent.string
    found = [next((name for mark, name in marks if mark in words), "") for marks in (DEVICES, BROWSERS)]
    return ", ".join(filter(None, found)) or "?"


def begin_session(person: AccountUser | StaffUser, *, token: str | None = None) -> None:
    """Drop all of the session before, but for a language chosen on the way in, and begin a new one.

    With the old session its CSRF token goes. ``token``: of the session that is kept for the study team.
    """
    chosen = session.get("language")
    session.clear()
    g.pop("csrf_token", None)  # signed for the session before, and shown again by a page of this very request
    started = guards.request_time().timestamp()
    session.update(id=secrets.token_urlsafe(16), started=started, seen=started)
    if token:
        session["sid"] = token
    if chosen:
        session["language"] = chosen
    login_user(guards.SignedInUser(person))
