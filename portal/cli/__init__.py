"""Commands for people at a terminal. Each file is one command or group; this is where they are hung."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import click
from flask import Flask

from portal.adapters import database as schema
from portal.cli import (
    allocation,
    audit,
    backup,
    code,
    database,
    demo,
    docs,
    export,
    grade,
    jobs,
    keys,
    messages,
    questionnaires,
    retention,
    rules,
    serve,
    simulate,
    staff,
)

STANDALONE = (grade.grade, questionnaires.group, simulate.simulate, messages.group)
COMMANDS = (
    *STANDALONE,
    allocation.group,
    audit.group,
    backup.backup,
    backup.restore,
    code.code,
    database.group,
    demo.demo,
    docs.group,
    export.export,
    jobs.group,
    keys.group,
    retention.group,
    rules.group,
    serve.serve,
    serve.web,
    staff.create_staff,
)


class DatabaseUnusable(click.ClickException):
    """The database cannot answer. An exit code of its own, so that nobody takes it for a finding."""

    exit_code = 2


def _telling(run: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(run)
    def told(*args: Any, **kwargs: Any) -> Any:
        try:
            return run(*args, **kwargs)
        except Exception as error:
            if words := schema.describe_error(error):
                raise DatabaseUnusable(words) from error
            raise

    return told


def _tell(command: click.Command) -> None:
    """Have this command, or every one of the group, say in words when the database is not there or has no tables."""
    for one in command.commands.values() if isinstance(command, click.Group) else ():
        _tell(one)
    if command.callback and not isinstance(command, click.Group):
        command.callback = _telling(command.callback)


for _command in COMMANDS:
    _tell(_command)


def init_app(app: Flask) -> None:
    for command in COMMANDS:
        app.cli.add_command(command)
