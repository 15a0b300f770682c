"""A fresh session for somebody who has just proved who they are."""

from flask import session
from flask_login import login_user

from portal.services.accounts import AccountUser, StaffUser
from portal.web import guards


def admit(person: AccountUser | StaffUser, *, remember: bool = False) -> None:
    """Drop all of the session before, but for a language chosen on the way in, and begin a new one.

    With the old session its CSRF token goes. ``remember`` keeps the cookie for 30 days on this phone.
    """
    chosen = session.get("language")
    session.clear()
    started = guards.now().timestamp()
    session.update(started=started, seen=started, remember=remember)
    if chosen:
        session["language"] = chosen
    session.permanent = remember
    login_user(guards.User(person))
