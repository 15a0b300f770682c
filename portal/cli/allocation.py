"""``flask --app app allocation import FILE``: a statistician's sealed list, imported at a terminal."""

import json
from datetime import UTC, datetime
from pathlib import Path

import click
from flask.cli import AppGroup

from portal.domain.access import SYSTEM
from portal.domain.errors import Conflict, Invalid
from portal.extensions import transaction
from portal.services import allocation

group = AppGroup("allocation", help="The sealed allocation list.")


@group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_(file: Path) -> None:
    """Seal every row of FILE (CSV: sequence,stratum,arm) and print the checksum as a line of JSON; all or nothing."""
    try:
        with transaction() as session:
            made = allocation.import_allocation_list(
                session, actor=SYSTEM, content=file.read_bytes(), now=datetime.now(UTC)
            )
    except Invalid as error:
        faults: tuple[object, ...] = error.params.get("faults", ())  # type: ignore[assignment]
        raise click.ClickException("\n".join(map(str, faults))) from None
    except Conflict as error:
        raise click.ClickException(error.message) from None
    click.echo(json.dumps({"list": made.list_id, "checksum": made.checksum, "rows": made.rows, "new": made.new}))
