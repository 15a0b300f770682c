"""A fresh session for somebody who has just proved who they are."""

import secrets

from flask import g, session
from flask_login import login_user

from portal.services.accounts import AccountUser, StaffUser
from portal.web import guards


def admit(person: AccountUser | StaffUser, *, token: str | None = None) -> None:
    """Drop all of the session before, but for a language chosen on the way in, and begin a new one.

    With the old session its CSRF token goes. ``token``: of the session that is kept for the study team.
    """
    chosen = session.get("language")
    session.clear()
    g.pop("csrf_token", None)  # signed for the session before, and shown again by a page of this very request
    started = guards.now().timestamp()
    session.update(id=secrets.token_urlsafe(16), started=started, seen=started)
    if token:
        session["sid"] = token
    if chosen:
        session["language"] = chosen
    login_user(guards.User(person))
