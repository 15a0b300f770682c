"""``flask --app app audit``: verify the audit log, and print the anchors to store elsewhere."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup

from portal.extensions import db
from portal.services.audit import chain
from portal.services.audit.chain import AnchorView

EXIT_BROKEN = 1
group = AppGroup("audit", help="The audit trail: verify it, and print its signed anchors.")


@group.command()
@click.option(
    "--anchors",
    "kept",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Anchors that were kept elsewhere.",
)
def verify(kept: Path | None) -> None:
    """Verify the whole audit log; print one line of JSON naming the first broken link. Exit code 1 if there is one."""
    found = chain.verify_chain(db.session, kept=tuple(_read(kept)) if kept else ())
    broken = found.broken and {
        "position": found.broken.position,
        "event_id": found.broken.event_id,
        "fault": found.broken.fault,
    }
    click.echo(
        json.dumps(
            {
                "links": found.links,
                "head": found.head.hex(),
                "unsealed": found.unsealed,
                "anchors": found.anchors,
                "broken": broken,
            }
        )
    )
    if found.broken:
        raise SystemExit(EXIT_BROKEN)


@group.command()
def anchors() -> None:
    """Print every anchor as a line of JSON, to be stored outside the portal."""
    for anchor in chain.list_anchors(db.session):
        click.echo(json.dumps(_line(anchor)))


def _line(anchor: AnchorView) -> dict[str, Any]:
    return {
        "position": anchor.position,
        "digest": anchor.digest.hex(),
        "signed_at": anchor.signed_at.isoformat(),
        "public_key": anchor.public_key,
        "signature": anchor.signature.hex(),
    }


def _read(path: Path) -> Iterator[AnchorView]:
    for number, line in enumerate(path.read_text().splitlines(), 1):
        try:
            values = json.loads(line)
            yield AnchorView(
                position=int(values["position"]),
                digest=bytes.fromhex(values["digest"]),
                signed_at=datetime.fromisoformat(values["signed_at"]),
                public_key=str(values["public_key"]),
                signature=bytes.fromhex(values["signature"]),
            )
        except (ValueError, KeyError, TypeError) as error:
            raise click.ClickException(f"{path.name}, line {number}: not an anchor") from error
