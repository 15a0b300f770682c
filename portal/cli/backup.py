"""``flask --app app backup DIR`` and ``restore FILE``: the whole portal as one encrypted file, and back."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click
from flask import current_app
from flask.cli import with_appcontext

from portal.adapters import backup as adapter
from portal.adapters.encryption import parse_key
from portal.cli import keys
from portal.domain.access import SYSTEM
from portal.extensions import db, transaction
from portal.services import upkeep
from portal.services.audit import chain

KEY: Final = "BACKUP_KEY"


@click.command("backup")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@with_appcontext
def backup(folder: Path) -> None:
    """Write one encrypted file into FOLDER while the portal runs. The key is BACKUP_KEY (32 bytes, base64)."""
    config, now, key = current_app.config["PORTAL"], datetime.now(UTC), _key()
    made = adapter.create_backup(
        database_url=config.database_url, files=config.files_dir, folder=folder, key=key, now=now
    )  # fmt: skip
    with transaction() as session:
        upkeep.record_backup(session, actor=SYSTEM, digest=made.digest, now=now)
    click.echo(json.dumps({"file": str(made.path), "sha256": made.digest, "rows": sum(made.tables.values()),
                           "photographs": made.photos, "photographs_missing": list(made.missing)}))  # fmt: skip
    if made.missing:
        raise click.ClickException("photographs that the database speaks of are not in FILES_DIR")


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_appcontext
def restore(file: Path) -> None:
    """Put a backup into the empty database and folder of the settings; verify counts, photographs and the audit log."""
    config = current_app.config["PORTAL"]
    try:
        done = adapter.restore_backup(file, database_url=config.database_url, files=config.files_dir, key=_key())
    except (adapter.DamagedBackup, adapter.CopyFailed) as error:
        raise click.ClickException(str(error)) from None
    faults = [*done.faults, *_trail_faults(), *_key_faults()]
    click.echo(json.dumps({"made_at": done.made_at, "rows": sum(done.tables.values()), "photographs": done.photos,
                           "faults": faults}))  # fmt: skip
    if faults:
        raise click.ClickException("what was restored is not whole; see the faults")


def _key_faults() -> list[str]:
    return [f"FIELD_KEYS: key {one} is missing, which values lie under" for one in keys.unknown()]


def _trail_faults() -> list[str]:
    """What the chain of the restored trail says against it."""
    broken = chain.verify_chain(db.session).broken
    return [f"audit trail: {broken.fault} at position {broken.position}"] if broken else []


def _key() -> bytes:
    try:
        return parse_key(os.environ.get(KEY, ""))
    except ValueError as error:
        raise click.ClickException(f"{KEY} must be 32 bytes in URL-safe base64 ({error})") from None
