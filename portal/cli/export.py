"""``flask --app app export DIR``: the data as of a cut-off, and the dictionary of its columns."""

import json
import shutil
import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import click
from flask.cli import with_appcontext

from portal import protocols
from portal.cli import docs
from portal.domain.access import SYSTEM
from portal.domain.errors import Invalid
from portal.domain.exports import SETTLED, ArmDisplay, ExportColumn, ExportDomain, ExportFormat, ExportOrder
from portal.extensions import db, transaction
from portal.services import exports

DICTIONARY: Final = Path(__file__).parents[2] / "docs" / "data-dictionary.md"
OPENING: Final = """# Data dictionary

Drawn from `portal/services/exports/domains.toml` and the released questionnaires by `flask --app app docs
data-dictionary`; a test holds this file against them. One CSV file and one ODM form a domain; every file begins with
`study_number` and `key`, the row's own number. Instants are UTC with Z, days are local to the participant, decimals
have a point, lists have semicolons, an empty cell is no value. *identifying* columns are left out of pseudonymous
exports, *unblinding* ones where the arms are coded or hidden.
"""


@click.command("export")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--format", "formats", multiple=True, type=click.Choice([str(one) for one in ExportFormat]), help="Default: all."
)
@click.option("--cut-off", help="ISO instant with offset, at least five minutes ago. Default: five minutes ago.")
@click.option("--site", "sites", multiple=True, help="A site code; may be repeated. Default: all.")
@click.option("--arms", type=click.Choice([str(one) for one in ArmDisplay]), default="hidden", show_default=True)
@click.option("--why", required=True, help="What the export is for; it goes into the audit log.")
@click.option("--identified", is_flag=True, help="With names, dates of birth and free text.")
@click.option("--bom", is_flag=True, help="A mark at the beginning of CSV files, for Excel.")
@with_appcontext
def export(
    folder: Path,
    formats: tuple[str, ...],
    cut_off: str | None,
    sites: tuple[str, ...],
    arms: str,
    why: str,
    *,
    identified: bool,
    bom: bool,
) -> None:
    """Write an archive into FOLDER and print its manifest as a line of JSON."""
    now = datetime.now(UTC)
    order = ExportOrder(
        cut_off_at=_instant(cut_off) if cut_off else now - SETTLED - timedelta(seconds=1),
        sites=sites or tuple(site.code for site in protocols.load_protocol().sites),
        formats=tuple(ExportFormat(one) for one in formats) or tuple(ExportFormat),
        arms=ArmDisplay(arms),
        why=why,
        identified=identified,
        bom=bom,
    )
    click.echo(json.dumps(_made(order, folder, now), ensure_ascii=False))


def _made(order: ExportOrder, folder: Path, now: datetime) -> object:
    try:
        with transaction() as session:
            exports.announce_export(session, actor=SYSTEM, order=order, now=now)
    except Invalid as error:
        raise click.ClickException("; ".join(error.problems.values())) from None
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        made = exports.write_export(db.session, order=order, actor=SYSTEM, folder=Path(scratch), now=now)
        target = folder / f"export-{order.cut_off_at:%Y%m%dT%H%M%SZ}-{made.digest[:8]}.zip"
        shutil.move(made.path, target)
    with transaction() as session:
        exports.record_export(session, actor=SYSTEM, made=made, now=now)
    return {"file": str(target), **made.manifest}


def _instant(text: str) -> datetime:
    try:
        given = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter("not an ISO instant", param_hint="--cut-off") from None
    if given.tzinfo is None:
        raise click.BadParameter("needs an offset, such as 2026-11-24T00:00:00+08:00", param_hint="--cut-off")
    return given.astimezone(UTC)


@docs.group.command("data-dictionary")
@click.option("--check", is_flag=True, help="Write nothing; fail when the file is not what the tables say.")
def data_dictionary(check: bool) -> None:
    """Write docs/data-dictionary.md, or say whether it is up to date."""
    drawn = draw_data_dictionary()
    if not check:
        DICTIONARY.write_text(drawn, encoding="utf-8")
        click.echo(f"wrote {DICTIONARY.name}")
    elif not DICTIONARY.exists() or DICTIONARY.read_text(encoding="utf-8") != drawn:
        raise click.ClickException("docs/data-dictionary.md is out of date: run flask --app app docs data-dictionary")


def draw_data_dictionary() -> str:
    """The whole document."""
    return "\n".join(
        [OPENING, *(line for domain in (*exports.load_domains(), exports.AUDIT) for line in _section(domain))]
    )


def _section(domain: ExportDomain) -> Iterable[str]:
    mark = " Left out where the arms are coded or hidden." if domain.unblinding else ""
    yield f"## {domain.name}\n\n{domain.words.en} · {domain.words.zh}. Table `{domain.table}`.{mark}\n"
    yield "| column | kind | meaning | 含义 | values | |\n|---|---|---|---|---|---|"
    yield from (_row(column) for column in domain.columns)
    yield ""


def _row(column: ExportColumn) -> str:
    unit = f" ({column.unit})" if column.unit else ""
    values = ", ".join(f"{one.code} = {one.words.en}" for one in column.options)
    cells = (f"`{column.name}`", column.kind, column.words.en + unit, column.words.zh, values)
    return f"| {' | '.join(cells)} | {', '.join(sorted(column.guards))} |"
