"""The catalogue of a page's words is found once a request.

``flask_babel`` asks for application, domain and locale at every word; a page of the desk says three hundred of them.
Without this the triage list and a participant's page take 5 % more processor time (benchmarks.triage).
"""

from typing import Any

from flask import Flask, g, has_app_context
from flask_babel import Domain
from markupsafe import Markup

from portal.extensions import babel


class Catalogues(Domain):  # type: ignore[misc]
    """Keeps a request's catalogue where ``refresh`` and ``force_locale`` of flask_babel forget it."""

    def get_translations(self) -> Any:
        here = g.get("_flask_babel") if has_app_context() else None
        kept = getattr(here, "babel_translations", None)
        if kept is None:
            kept = super().get_translations()
            if here is not None:
                here.babel_translations = kept
        return kept


def init_catalogues(app: Flask) -> None:
    """After ``babel.init_app``."""
    babel.domain_instance = Catalogues(domain=app.extensions["babel"].default_domain)
    app.jinja_env.globals.update(_=_gettext, gettext=_gettext, ngettext=_ngettext)


def _gettext(string: str, **variables: Any) -> Markup:
    """As Jinja's own: the words are trusted, what is put into them is escaped."""
    catalogue = babel.domain_instance.get_translations()
    return Markup(catalogue.ugettext(string)) % variables  # noqa: S704 - from our own catalogue


def _ngettext(singular: str, plural: str, num: int, **variables: Any) -> Markup:
    words = babel.domain_instance.get_translations().ungettext(singular, plural, num)
    return Markup(words) % {"num": num, **variables}  # noqa: S704 - from our own catalogue
