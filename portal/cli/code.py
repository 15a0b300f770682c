"""``flask --app app code EMAIL``: the one-time code of a demo account, instead of an authenticator app."""

import json

import click
import pyotp
from flask import current_app
from flask.cli import with_appcontext


@click.command("code")
@click.argument("email")
@with_appcontext
def code(email: str) -> None:
    """Print the current one-time code of a member of the demo staff."""
    config = current_app.config["PORTAL"]
    path = config.instance_dir / "demo.json"
    if config.env != "demo" or not path.exists():
        raise click.ClickException("only in a demo that has been seeded")
    for member in json.loads(path.read_text())["staff"]:
        if member["email"] == email:
            click.echo(pyotp.TOTP(member["totp_secret"]).now())
            return
    raise click.ClickException("nobody in the demo has this e-mail address")
