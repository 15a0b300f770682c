"""``flask --app app demo``: fill an empty database with a synthetic trial and write down who can sign in."""

import json
import os
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
from flask import current_app
from flask.cli import with_appcontext

from portal import demo as service
from portal import protocols
from portal.adapters import database
from portal.domain.errors import Conflict
from portal.extensions import db, transaction

AS_OF_HOUR = time(10)


@click.command("demo")
@click.option("--participants", default=56, show_default=True, type=click.IntRange(4, 400))
@click.option("--seed", default=7, show_default=True, help="The same seed and day make the same trial.")
@click.option(
    "--as-of", type=click.DateTime(["%Y-%m-%d"]), help="The day on which the trial stands, at 10:00. Default: now."
)
@with_appcontext
def demo(participants: int, seed: int, as_of: datetime | None) -> None:
    """Make a synthetic trial in an empty database, migrated first, and instance/demo.json with everybody's way in."""
    config = current_app.config["PORTAL"]
    if config.env != "demo":
        raise click.ClickException("only in a demo (APP_ENV=demo)")
    database.upgrade_database(config.database_url)
    now = _stands_at(as_of.date()) if as_of else datetime.now(UTC)
    try:
        trial = service.build_trial(transaction, participants=participants, seed=seed, now=now)
    except Conflict as error:
        raise click.ClickException(error.message) from None
    path = config.instance_dir / "demo.json"
    _write(path, holder_json(trial, base_url=config.public_url))
    click.echo(json.dumps({**service.count_trial(db.session), "as_of": now.isoformat(), "file": str(path)}))


def _stands_at(day: date) -> datetime:
    return datetime.combine(day, AS_OF_HOUR, tzinfo=ZoneInfo(protocols.load_protocol().timezone)).astimezone(UTC)


def holder_json(trial: service.DemoTrial, *, base_url: str) -> dict[str, Any]:
    """One line for each card: a guardian's is listed separately from the participant's."""
    return {
        "base_url": base_url,
        "participants": [_line(person, holder) for person in trial.people for holder in person.holders],
        "staff": [
            {
                "email": member.email,
                "password": member.password,
                "totp_secret": member.totp_secret,
                "role": str(member.role),
            }
            for member in trial.staff
        ],
    }


def _line(person: service.DemoParticipant, holder: service.CardHolderAccount) -> dict[str, Any]:
    return {
        "study_number": person.study_number,
        "phone": holder.phone,
        "card_code": holder.card_code,
        "birth_year": person.born_on.year,
        "activated": holder.pin is not None,
        "pin": holder.pin,
        "arm": person.arm,
        "language": person.language,
        "role": str(holder.role),
    }


def _write(path: Path, content: dict[str, Any]) -> None:
    """For the owner's eyes only, from the first byte."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump(content, file, ensure_ascii=False, indent=2)
        file.write("\n")
