"""The pages of participants, guardians and caregivers."""

from flask import Flask

from portal.web.participant import (
    calendar,
    calendar_feed,
    corrections,
    diary,
    diary_sync,
    form_recovery,
    offline,
    photos,
    red_answers,
    sign_in,
    today,
    unwell,
)

BLUEPRINTS = (
    sign_in.blueprint,
    today.blueprint,
    diary.blueprint,
    diary_sync.blueprint,
    red_answers.blueprint,
    unwell.blueprint,
    photos.blueprint,
    corrections.blueprint,
    offline.blueprint,
    calendar.blueprint,
    calendar_feed.blueprint,
)
# Pages that keep what was typed in a form whose token has aged.
RECOVERIES = (sign_in.recover_stale_sign_in, form_recovery.recover_stale_form)


def init_app(app: Flask) -> None:
    diary_sync.init_device_facts(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
