"""Commands for people at a terminal. Each file is one command or group; this is where they are hung."""

from flask import Flask

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
    questionnaires,
    retention,
    rules,
    serve,
    simulate,
    staff,
    texts,
)

STANDALONE = (grade.grade, questionnaires.group, simulate.simulate, texts.group)
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


def init_app(app: Flask) -> None:
    for command in COMMANDS:
        app.cli.add_command(command)
