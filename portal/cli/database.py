"""``flask --app app database upgrade``: the schema, forwards and back."""

import json

import click
from flask import current_app
from flask.cli import with_appcontext

from portal.adapters import database


@click.group("database")
def group() -> None:
    """Bring the schema to a revision."""


@group.command()
@click.argument("revision", default="head")
@with_appcontext
def upgrade(revision: str) -> None:
    """Migrate forwards, to the newest revision unless one is named."""
    database.upgrade_database(current_app.config["PORTAL"].database_url, revision)
    click.echo(json.dumps({"database": "upgraded", "revision": revision}))


@group.command()
@click.argument("revision")
@with_appcontext
def downgrade(revision: str) -> None:
    """Migrate back. Tables that a revision made are dropped with what is in them."""
    database.downgrade_database(current_app.config["PORTAL"].database_url, revision)
    click.echo(json.dumps({"database": "downgraded", "revision": revision}))
