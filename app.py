"""The street: ``flask --app app``, gunicorn and granian all come in here."""

import os

from flask import Flask

import portal
from config import ConfigError, load
from portal.cli import explain


def create_app() -> Flask:
    """The portal. Under the ``flask`` command, wrong settings still leave the commands that need none."""
    try:
        config = load(os.environ)
    except ConfigError as error:
        if os.environ.get("FLASK_RUN_FROM_CLI") == "true":
            return explain.create_app_without_settings(error.faults)
        raise
    return portal.create_app(config)
