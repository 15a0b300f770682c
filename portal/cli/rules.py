"""``rules replay``: what would have been flagged under another protocol file. Reads only."""

import json
from datetime import datetime
from pathlib import Path

import click
from flask.cli import AppGroup

from portal import protocols
from portal.domain.access import SYSTEM
from portal.extensions import db
from portal.services import replay as replays

group = AppGroup("rules", help="The alert rules.")


@group.command("replay")
@click.option(
    "--protocol",
    "path",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    required=True,
    help="The protocol file with the proposed thresholds.",
)
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Judge diaries from this day on.")
def replay(path: Path, since: datetime | None) -> None:
    """Print one JSON object a line: a summary, one a rule, recorded onsets, examples. Changes nothing."""
    try:
        proposed = protocols.load_protocol_file(path)
    except protocols.ProtocolFault as fault:
        raise click.ClickException(str(fault)) from fault
    found = replays.replay_rules(db.session, actor=SYSTEM, proposed=proposed, since=since.date() if since else None)
    for line in replays.replay_lines(found):
        click.echo(json.dumps(line, ensure_ascii=False))
