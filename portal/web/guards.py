"""Every route has exactly one guard. Deny by default: a view without ``view.guard`` is refused (a test reads them all).

The guard also checks the CSRF token, after the session: the token lives in the session, and a person whose session
has ended must reach the sign-in page with what they typed, not an error about a token. The rate limit runs before
the guard: refused requests are counted, too.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import abort, current_app, g, redirect, request, session, url_for
from flask_login import UserMixin, current_user
from werkzeug.wrappers import Response

from portal.domain.access import Actor, ActorKind, Permission, Role, require_permission
from portal.domain.errors import NotAllowed
from portal.extensions import SAFE_METHODS, csrf, db, login_manager, transaction
from portal.services import accounts, messages, team

View = TypeVar("View", bound=Callable[..., Any])
ID_MAX = 2**63 - 1
IDLE_MINUTES, ABSOLUTE_HOURS = 60, 12  # a participant's; of the study team's see services/accounts/sessions
CONFIRMED_MINUTES = 15


class SignedOut(Exception):
    """A form of the study team's was sent, and the session behind it has ended."""


@dataclass(frozen=True)
class SignedInUser(UserMixin):  # type: ignore[misc]
    """flask-login's user: a thin coat over what ``services/accounts`` knows of the person."""

    person: accounts.AccountUser | team.StaffUser

    def get_id(self) -> str:
        return f"{self.person.kind}:{self.person.id}:{self.person.epoch}"


@login_manager.user_loader  # type: ignore[untyped-decorator]
def load_user(identity: str) -> SignedInUser | None:
    kind, number, epoch = identity.split(":")
    person: accounts.AccountUser | team.StaffUser | None
    if kind == "staff":
        person = team.find_staff(db.session, token=session.get("sid", ""), now=request_time())
    elif _timed_out():
        return None
    else:
        person = accounts.find_user(
            db.session,
            kind=kind,
            id_=int(number),
            epoch=int(epoch),
            phone_id=session.get("phone"),
            session_id=session.get("id", ""),
        )
    return SignedInUser(person) if person else None


def record_session_use() -> None:
    """Before each request: a session of the study team has been used; written once a minute at most."""
    token, instant = session.get("sid"), request_time()
    if token and instant.timestamp() - session.get("seen", 0) > 60:
        session["seen"] = instant.timestamp()
        with transaction() as db_session:
            team.record_session_use(db_session, token=token, now=instant)


def revoke_current_session(db_session: Any) -> None:
    """The participant's cookie of this request, and any copy of it, opens nothing from now on."""
    over_at = request_time() + timedelta(hours=ABSOLUTE_HOURS)
    accounts.revoke_session(db_session, session_id=session["id"], over_at=over_at, now=request_time())


def _timed_out() -> bool:
    """Sessions end after a pause, and in any case after a time. A remembered phone begins a new one by itself."""
    now = datetime.now(UTC).timestamp()
    started, seen = session.get("started", 0), session.get("seen", 0)
    if now - seen > IDLE_MINUTES * 60 or now - started > ABSOLUTE_HOURS * 3600:
        return True
    if now >= session.get("until", now + 1):
        return True
    if now - seen > 60:
        session["seen"] = now
    return False


def current_actor() -> Actor:
    """Who is acting in this request."""
    person = current_user.person
    return Actor(
        kind=person.kind,
        role=person.role,
        id=person.id,
        participant_id=getattr(person, "participant_id", None),
        sites=getattr(person, "sites", frozenset()),
        request_id=g.request_id,
        day_link=bool(limited_day()),
    )


def visiting_actor() -> Actor:
    """Somebody who has not signed in."""
    return Actor(kind=ActorKind.SYSTEM, role=Role.SYSTEM, request_id=g.request_id)


def read_row_id(name: str) -> int | None:
    """A row's id from the query string; None where there is none that a row could have."""
    given = request.args.get(name, type=int)
    return given if given is not None and 0 <= given <= ID_MAX else None


def request_time() -> datetime:
    """The instant of the request: aware, in UTC, the same for the whole request."""
    if "now" not in g:
        g.now = datetime.now(UTC)
    instant: datetime = g.now
    return instant


def public_view(view: View) -> View:
    """Anybody."""
    return _guarded(view, "public", lambda: None)


def participant_view(view: View) -> View:
    """A participant, or somebody who answers for one."""
    return _guarded(view, "patient", lambda: _check_patient(view))


def staff_view(permission: Permission) -> Callable[[View], View]:
    def check() -> Response | None:
        if not current_user.is_authenticated or current_user.person.kind != ActorKind.STAFF:
            if request.method not in SAFE_METHODS:
                raise SignedOut
            return redirect(url_for("staff_sign_in.show_sign_in", next=request.full_path.rstrip("?")))
        require_permission(current_actor(), permission)
        return None

    return lambda view: _guarded(view, f"staff:{permission}", check)


def requires_reauthentication(view: View) -> View:
    """Password and one-time code were given within the last minutes, else they are asked for once more.

    A page that is only shown asks earlier than one that is sent: what was typed in between is not lost.
    """

    @wraps(view)
    def checked(*args: Any, **kwargs: Any) -> Any:
        minutes = CONFIRMED_MINUTES * (1 if request.method in SAFE_METHODS else 2)
        at = current_user.person.confirmed_at
        if at is None or request_time() - at > timedelta(minutes=minutes):
            return redirect(url_for("staff_confirm.show_confirm_form", next=_shown_page()))
        return view(*args, **kwargs)

    checked.confirmed = True  # type: ignore[attr-defined]
    return checked  # type: ignore[return-value]


def _shown_page() -> str:
    """Where to come back to: this page, or the one whose form was sent."""
    if request.method in SAFE_METHODS:
        return request.full_path.rstrip("?")
    came_from = urlsplit(request.referrer or "")
    return came_from.path if came_from.netloc == request.host else url_for("staff_sign_in.redirect_home")


def _check_patient(view: Callable[..., Any]) -> Any:
    if not current_user.is_authenticated:
        return login_manager.unauthorized()
    if current_user.person.kind != ActorKind.ACCOUNT:
        raise NotAllowed
    if limited_day() and not _is_of(limited_day(), view):
        return login_manager.unauthorized()
    return None


def limited_day() -> str:
    """The one day that this session may write about, or nothing for a whole session."""
    return str(session.get("only_day", ""))


def _is_of(day: str, view: Callable[..., Any]) -> bool:
    day_of = getattr(view, "day_of", None)
    return day_of is not None and day_of(**request.view_args or {}) == day


def open_to_day_link(day_of: Callable[..., str] = lambda day, **_rest: day) -> Callable[[View], View]:
    """A session that a reminder's link has opened sees this page, too, where it is of the session's one day.

    ``day_of`` finds the page's day from the view's arguments. This and what follows is written below the guard.
    """
    return lambda view: _marked(view, day_of=day_of)


def takes_json(view: View) -> View:
    """The view reads a body of JSON. At any other route flask-wtf would read a form's words from it: 415."""
    return _marked(view, takes_json=True)


def takes_files(*fields: str) -> Callable[[View], View]:
    """The view reads files from these fields. Any other file is refused: 415."""
    return lambda view: _marked(view, takes_files=frozenset(fields))


def _marked(view: View, **marks: object) -> View:
    for name, mark in marks.items():
        setattr(view, name, mark)
    return view


def _guarded(view: View, name: str, check: Callable[[], Any], *, token: bool = True) -> View:
    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        refused = check()
        if refused is not None:
            return refused
        _check_kind_of_body(view)
        if token and request.method not in SAFE_METHODS:
            csrf.protect()
        return view(*args, **kwargs)

    guarded.guard = name  # type: ignore[attr-defined]
    guarded.csrf = token  # type: ignore[attr-defined]
    return guarded  # type: ignore[return-value]


def _check_kind_of_body(view: Callable[..., Any]) -> None:
    """415 for JSON or files at a route that reads neither."""
    if request.is_json and not hasattr(view, "takes_json"):
        abort(415)
    if request.method not in SAFE_METHODS and set(request.files) - getattr(view, "takes_files", frozenset()):
        abort(415)


def requires_twilio_signature(view: View) -> View:
    """The provider, proved by its signature over the public URL and the form."""

    def check() -> Response | None:
        url = current_app.config["PORTAL"].public_url + request.full_path.rstrip("?")
        signature = request.headers.get("X-Twilio-Signature", "")
        if not messages.signature_is_valid(url, request.form.to_dict(), signature):
            raise NotAllowed
        return None

    return _guarded(view, "twilio-signed", check, token=False)


def writes(view: View) -> View:
    """One transaction around the view, which receives the session as its first argument."""

    @wraps(view)
    def writing(*args: Any, **kwargs: Any) -> Any:
        with transaction() as session_:
            return view(session_, *args, **kwargs)

    writing.writes = True  # type: ignore[attr-defined]
    return writing  # type: ignore[return-value]
