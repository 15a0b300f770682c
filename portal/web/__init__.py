"""HTTP: the pages of participants and of staff, what they share, and what is neither."""

from typing import Any

from flask import Flask
from werkzeug.routing import IntegerConverter, UnicodeConverter, ValidationError

from portal import protocols, questionnaires
from portal.extensions import babel, login_manager
from portal.web import errors, guards, http, labels, locale, participant, staff


class RowIdConverter(IntegerConverter):
    """A row's id as both databases can hold it: a greater number is no address."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"max": guards.ID_MAX, **kwargs})


class NulFreeConverter(UnicodeConverter):
    """Text in an address. PostgreSQL stores no NUL, so text with one is no address."""

    def to_python(self, value: str) -> str:
        if "\0" in value:
            raise ValidationError
        return value


def init_app(app: Flask) -> None:
    app.url_map.converters |= {"int": RowIdConverter, "string": NulFreeConverter, "default": NulFreeConverter}
    protocol = protocols.load_protocol()
    questionnaires.load_diary(post_infusion=True, weight=True)
    app.config["TIMEZONE"] = protocol.timezone
    http.init_app(app)
    recoveries = (*participant.RECOVERIES, *staff.RECOVERIES)
    errors.init_errors(app, recoveries=recoveries, when_signed_out=staff.handle_signed_out)
    login_manager.init_app(app)
    babel.init_app(app, locale_selector=locale.select_locale, timezone_selector=locale.select_timezone)
    labels.init_app(app)
    participant.init_app(app)
    staff.init_app(app)
    app.register_blueprint(locale.blueprint)
