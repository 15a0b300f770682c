"""A database without tables, or none at all: each command says so in words, and never as a finding."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

import portal
from config import Config
from portal.adapters import database
from portal.extensions import db

ASKS = (("audit", "verify"), ("audit", "anchors"), ("keys", "status"))
AWAY = {"sqlite": "sqlite:////nowhere/at/all.sqlite3", "postgresql": "postgresql://portal@127.0.0.1:1/portal"}


@pytest.fixture
def empty(app: Flask, config: Config) -> Flask:
    db.session.close()
    db.engine.dispose()
    database.downgrade_database(config.database_url, "base")
    return app


@pytest.fixture
def away(config: Config) -> Iterator[Flask]:
    app = portal.create_app(replace(config, database_url=AWAY[config.database_url.split(":", 1)[0]]))
    with app.app_context():
        yield app
        db.session.close()


@pytest.mark.parametrize("asked", ASKS, ids=" ".join)
def test_without_tables_it_names_the_command_that_makes_them(empty: Flask, asked: tuple[str, ...]) -> None:
    result = empty.test_cli_runner().invoke(args=asked)
    assert (result.exit_code, result.output) == (
        2,
        "Error: The database has not been migrated: flask --app app database upgrade\n",
    )


def test_without_a_database_it_says_what_the_driver_says(away: Flask) -> None:
    result = away.test_cli_runner().invoke(args=["audit", "verify"])
    assert result.exit_code == 2
    assert result.output.startswith("Error: The database cannot be used: ")
