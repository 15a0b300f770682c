"""A remembered phone: a cookie of its own beside the session, which begins a new session when the old one has ended."""

from datetime import datetime
from typing import Any, Final

from flask import after_this_request, current_app, request, session
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.extensions import transaction
from portal.services import accounts
from portal.web import guards
from portal.web.sign_in_session import begin_session, device_label

ENTRANCES: Final = ("sign_in.redirect_home", "sign_in.show_sign_in")


def remember_this_phone(db_session: Any, person: accounts.AccountUser) -> None:
    """Remember this phone for somebody who has just been admitted."""
    phone = accounts.remember_phone(
        db_session, actor=person.actor, epoch=person.epoch, label=device_label(), now=guards.request_time()
    )
    _hold(phone)


def forget_this_phone(db_session: Any) -> None:
    """Signing out ends what this phone remembers."""
    phone_id = session.get("phone")
    known = {
        phone.id
        for phone in accounts.list_remembered_phones(
            db_session, actor=guards.current_actor(), now=guards.request_time()
        )
    }
    if phone_id in known:
        accounts.forget_phone(db_session, actor=guards.current_actor(), phone_id=phone_id, now=guards.request_time())
    drop_phone_cookie()


def sign_in_remembered() -> None:
    """Before a participant's page: a phone that is remembered signs itself in, and gets its next token."""
    token = request.cookies.get(_name())
    if not token or not _is_entrance() or current_user.is_authenticated:
        return
    with transaction() as db_session:
        back = accounts.sign_in_remembered_phone(
            db_session, actor=guards.visiting_actor(), token=token, now=guards.request_time()
        )
    if back is None:
        drop_phone_cookie()
        return
    _admit_again(back.person)
    _hold(back.phone)


def _admit_again(person: accounts.AccountUser) -> None:
    """The same person on the same phone: a page that was open keeps its token."""
    same = str(session.get("_user_id", "")).startswith(f"account:{person.id}:")
    kept = session.get("csrf_token") if same else None
    begin_session(person)
    if kept:
        session["csrf_token"] = kept


def _is_entrance() -> bool:
    view = current_app.view_functions.get(request.endpoint or "")
    return request.endpoint in ENTRANCES or getattr(view, "guard", None) == "patient"


def _hold(phone: accounts.RememberedPhoneToken) -> None:
    session["phone"] = phone.phone_id
    if phone.token is not None:
        _set(phone.token, phone.expires_at)


def drop_phone_cookie() -> None:
    _set("", None)


def _set(value: str, expires_at: datetime | None) -> None:
    secure = current_app.config["PORTAL"].tls

    @after_this_request
    def setting(response: Response) -> Response:
        keep = {"expires": expires_at} if expires_at else {"max_age": 0}
        response.set_cookie(_name(), value, path="/", httponly=True, samesite="Lax", secure=secure, **keep)
        return response


def _name() -> str:
    return "__Host-phone" if current_app.config["PORTAL"].tls else "phone"
