"""``create-staff``: the first account of a production install, and any later one."""

import sys
from datetime import UTC, datetime

import click
import segno
from flask.cli import with_appcontext

from portal import protocols
from portal.domain.access import STAFF_ROLES, SYSTEM, Role
from portal.domain.errors import Invalid
from portal.extensions import transaction
from portal.services import team

ROLES = click.Choice([str(role) for role in STAFF_ROLES])


@click.command("create-staff")
@click.option("--email", prompt="E-mail address")
@click.option("--name", prompt=True)
@click.option("--role", type=ROLES, prompt=True)
@click.option("--site", "sites", multiple=True, help="A site code of the protocol; may be repeated.")
@click.option("--language", type=click.Choice(protocols.load_protocol().languages), default="zh-CN", show_default=True)
@click.option("--password-stdin", is_flag=True, help="Read the password from the first line of standard input.")
@with_appcontext
def create_staff(
    email: str, name: str, role: str, sites: tuple[str, ...], language: str, *, password_stdin: bool
) -> None:
    """Make an account for a member of the study team, and show the QR code of its one-time codes once."""
    sites = sites or _asked_sites()
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else _asked_password()
    try:
        with transaction() as unit:
            made = team.create_staff(
                unit,
                actor=SYSTEM,
                email=email,
                name=name,
                role=Role(role),
                sites=frozenset(sites),
                password=password,
                language=language,
                now=datetime.now(UTC),
            )
    except Invalid as error:
        faults = (f"{field}: {problem}" for field, problem in error.problems.items())
        raise click.ClickException("; ".join(faults)) from None
    _show(made)


def _asked_sites() -> tuple[str, ...]:
    codes = ",".join(site.code for site in protocols.load_protocol().sites)
    return tuple(click.prompt("Sites, with commas between", default=codes).replace(" ", "").split(","))


def _asked_password() -> str:
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))


def _show(made: team.NewStaff) -> None:
    click.echo("The account is made. Scan this with an authenticator app; it is shown this once.")
    click.echo(f"Secret: {made.totp_secret}\nAddress: {made.totp_uri}")
    segno.make(made.totp_uri, micro=False).terminal(out=sys.stdout, compact=True)
