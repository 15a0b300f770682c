"""Saying what is wrong with the settings, without losing the commands that need none."""

from collections.abc import Sequence

import click
from flask import Flask

EXIT_SETTINGS = 2


def create_app_without_settings(faults: Sequence[str]) -> Flask:
    """An application with only the stand-alone commands; any other command lists every fault and exits with 2."""
    from portal import cli

    app = Flask("portal", static_folder=None)
    for command in cli.COMMANDS:
        app.cli.add_command(command if command in cli.STANDALONE else refusing_command(command.name or "", faults))
    return app


def refusing_command(name: str, faults: Sequence[str]) -> click.Command:
    @click.command(name, context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
    @click.argument("anything", nargs=-1, type=click.UNPROCESSED)
    def refuse(anything: tuple[str, ...]) -> None:  # noqa: ARG001
        click.echo("These settings are missing or wrong:", err=True)
        for fault in faults:
            click.echo(f"  {fault}", err=True)
        raise SystemExit(EXIT_SETTINGS)

    return refuse
