"""The pages of the study team."""

from flask import Flask

from portal.web.staff import (
    assessments,
    calculator,
    calls,
    data,
    form_recovery,
    infusions,
    messages,
    participants,
    people,
    screening,
    study,
    tasks,
    triage,
)
from portal.web.staff.people import sign_in
from portal.web.staff.people.sign_in import handle_signed_out

__all__ = ["RECOVERIES", "handle_signed_out", "init_app"]

BLUEPRINTS = (
    triage.blueprint,
    tasks.blueprint,
    calls.blueprint,
    calculator.blueprint,
    assessments.blueprint,
    infusions.blueprint,
    *participants.BLUEPRINTS,
    *screening.BLUEPRINTS,
    *messages.BLUEPRINTS,
    *data.BLUEPRINTS,
    *people.BLUEPRINTS,
    *study.BLUEPRINTS,
)
# Pages that keep what was typed in a form whose token has aged.
RECOVERIES = (sign_in.recover_stale_sign_in, form_recovery.recover_stale_form)


def init_app(app: Flask) -> None:
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
