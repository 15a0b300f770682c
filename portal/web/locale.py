"""The language of a page: the person's own once signed in, else what they chose here, else the browser's."""

from typing import Final
from urllib.parse import urlsplit

from flask import Blueprint, current_app, redirect, request, session
from flask_babel import get_locale, refresh
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from portal.extensions import transaction
from portal.services import accounts
from portal.web import guards

blueprint = Blueprint("locale", __name__)
LOCALES = {"en": "en", "zh-CN": "zh_Hans_CN"}


def select_locale() -> str:
    return LOCALES[current_language()]


def current_language() -> str:
    """``en`` or ``zh-CN``. What is chosen on a page wins, because it is also stored with the person."""
    chosen = session.get("language")
    if chosen in LOCALES:
        return str(chosen)
    if current_user and current_user.is_authenticated:
        return str(current_user.person.language)
    best = request.accept_languages.best_match(["zh-CN", "zh", "zh-Hans-CN", "en"])
    return "zh-CN" if best and best.startswith("zh") else "en"


def select_timezone() -> str:
    person = getattr(current_user, "person", None)
    return str(getattr(person, "timezone", None) or current_app.config["TIMEZONE"])


@blueprint.post("/language")
@guards.public_view
def choose_language() -> Response:
    """Switch the language and stay on the page."""
    wanted = request.form.get("language", "")
    if set_page_language(wanted) and current_user.is_authenticated:
        with transaction() as db_session:
            accounts.set_language(db_session, actor=guards.current_actor(), language=wanted, now=guards.request_time())
    return redirect(local_path(request.form.get("next", "")))


def set_page_language(wanted: str) -> bool:
    """Speak it from this page on; False when it is none of ours."""
    if wanted not in LOCALES:
        return False
    session["language"] = wanted
    refresh()
    return True


def local_path(target: str, default: str = "/") -> str:
    """``target`` when it is a path on this portal, else ``default``: no open redirect."""
    parts = urlsplit(target)
    plain = target.startswith("/") and not target.startswith(("//", "/\\")) and not parts.netloc and not parts.scheme
    return target if plain and "\\" not in target and target.isprintable() else default


def html_language() -> str:
    return "zh-Hans-CN" if str(get_locale()).startswith("zh") else "en"


LANGUAGES: Final = [SelectChoice("zh-CN", "简体中文"), SelectChoice("en", "English")]
