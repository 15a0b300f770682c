"""HTTP. Every blueprint is hung here; there is no other place where a route begins."""

from typing import Any

from flask import Flask
from werkzeug.routing import IntegerConverter, UnicodeConverter, ValidationError

from portal import protocols, questionnaires
from portal.extensions import babel, login_manager
from portal.web import (
    calendar,
    calendar_feed,
    catalogues,
    correcting,
    diary,
    diary_sync,
    errors,
    guards,
    headers,
    health,
    locale,
    packing,
    patient,
    photos,
    pwa,
    sign_in,
    staff_account,
    staff_allocating,
    staff_allocation,
    staff_assessments,
    staff_calculator,
    staff_calls,
    staff_confirm,
    staff_diary,
    staff_exports,
    staff_figures,
    staff_identity,
    staff_infusions,
    staff_invitation,
    staff_locks,
    staff_messages,
    staff_pack,
    staff_participants,
    staff_participation,
    staff_people,
    staff_reach,
    staff_remarks,
    staff_replay,
    staff_rota,
    staff_screening,
    staff_sign_in,
    staff_study,
    staff_tasks,
    staff_trail,
    staff_triage,
    staff_ward_diary,
    staff_wording,
    static_files,
    webhooks,
    words,
)

BLUEPRINTS = (
    locale.blueprint,
    sign_in.blueprint,
    patient.blueprint,
    diary.blueprint,
    diary_sync.blueprint,
    photos.blueprint,
    correcting.blueprint,
    staff_diary.blueprint,
    staff_ward_diary.blueprint,
    pwa.blueprint,
    calendar.blueprint,
    calendar_feed.blueprint,
    staff_sign_in.blueprint,
    staff_invitation.blueprint,
    staff_confirm.blueprint,
    staff_account.blueprint,
    staff_people.blueprint,
    staff_triage.blueprint,
    staff_identity.blueprint,
    staff_participants.blueprint,
    staff_screening.blueprint,
    staff_allocating.blueprint,
    staff_allocation.blueprint,
    staff_participation.blueprint,
    staff_infusions.blueprint,
    staff_messages.blueprint,
    staff_reach.blueprint,
    staff_wording.blueprint,
    staff_study.blueprint,
    staff_locks.blueprint,
    staff_trail.blueprint,
    staff_remarks.blueprint,
    staff_exports.blueprint,
    staff_pack.blueprint,
    staff_replay.blueprint,
    staff_tasks.blueprint,
    staff_rota.blueprint,
    staff_calculator.blueprint,
    staff_calls.blueprint,
    staff_figures.blueprint,
    staff_assessments.blueprint,
    webhooks.blueprint,
    health.blueprint,
)


class RowId(IntegerConverter):
    """What a database can hold as a row's id: anything greater is no address."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"max": guards.ID_MAX, **kwargs})


class Words(UnicodeConverter):
    """PostgreSQL holds no NUL: what has one in it is no address either."""

    def to_python(self, value: str) -> str:
        if "\0" in value:
            raise ValidationError
        return value


def init_app(app: Flask) -> None:
    app.url_map.converters |= {"int": RowId, "string": Words, "default": Words}
    protocol = protocols.load()
    questionnaires.load("daily-diary")
    app.config["TIMEZONE"] = protocol.timezone
    packing.init_packing(app)
    headers.init_headers(app)
    errors.init_errors(app)
    login_manager.init_app(app)
    babel.init_app(app, locale_selector=locale.select_locale, timezone_selector=locale.select_timezone)
    catalogues.init_catalogues(app)
    static_files.init_static(app)
    words.init_words(app)
    diary_sync.init_device(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
