"""``messages check``: may every wording be sent? Needs no settings and no database."""

import json

import click

from portal.adapters import message_templates


@click.group("messages")
def group() -> None:
    """Messages that the portal sends."""


@group.command("check")
def check() -> None:
    """Print a JSON line for each wording: segments, what makes it UCS-2, faults. Exit 1 when any has a fault."""
    checked = message_templates.check_templates()
    for one in checked:
        line = {
            "kind": one.template.kind,
            "language": one.template.language,
            "version": one.template.version,
            "encoding": one.segments.encoding,
            "segments": one.segments.count,
            "forcing": "".join(one.segments.forcing) if one.template.language == "en" else "",
            "approvals": dict(one.template.approvals),
            "faults": one.faults,
        }
        click.echo(json.dumps(line, ensure_ascii=False))
    if any(one.faults for one in checked):
        raise click.exceptions.Exit(1)
