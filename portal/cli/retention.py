"""``flask --app app retention``: erase the identifiers of those whose retention period has ended."""

import json
from datetime import UTC, datetime
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup

from portal import protocols
from portal.domain.access import SYSTEM
from portal.domain.diary import local_day
from portal.domain.errors import Conflict, NotFound
from portal.extensions import db, transaction
from portal.services import retention

group = AppGroup("retention", help="How long names are kept, and erasing them when that time is over.")


@group.command("run")
@click.option("--dry-run", is_flag=True, help="Change nothing; say who is due.")
@click.option("--participant", "only", metavar="NUMBER", help="Only this study or screening number.")
def run(dry_run: bool, only: str | None) -> None:
    """Erase names, numbers, birthdays, free text and the data key of everybody who is due. It cannot be undone."""
    now = datetime.now(UTC)
    said = _standing(now, only)
    if dry_run:
        click.echo(json.dumps({"dry_run": True, **said}))
        return
    files = current_app.config["PORTAL"].files_dir
    try:
        done = retention.erase_due(transaction, actor=SYSTEM, files=files, now=now, only=only)
    except Conflict as error:
        raise click.ClickException(error.message) from None
    except NotFound:
        raise click.ClickException(f"nobody has the number {only}") from None
    click.echo(json.dumps({"erased": list(done), **_standing(now, only)}))


def _standing(now: datetime, only: str | None) -> dict[str, Any]:
    """Who is due now, how many are kept and why, and the next day on which somebody is due."""
    protocol = protocols.load_protocol()
    today = local_day(now, protocol.timezone)
    found = [one for one in retention.list_holdings(db.session) if only in (None, one.number)]
    db.session.rollback()
    later = [one.keep_until for one in found if one.keep_until and not one.is_due(today)]
    return {
        "years": protocol.retention.identifier_years,
        "due": [one.number for one in found if one.is_due(today)],
        "taking_part": sum(one.keep_until is None for one in found),
        "kept": len(later),
        "kept_until": min(later).isoformat() if later else None,
    }
