"""``questionnaires check``: are the instruments sound? Needs no application, no settings and no database."""

import json
from pathlib import Path

import click

from portal import questionnaires


@click.group("questionnaires")
def group() -> None:
    """The questions that participants are asked."""


@group.command("check")
@click.option(
    "--folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=questionnaires.FOLDER,
    help="Check the files of another folder, such as a draft of a new version.",
)
def check(folder: Path) -> None:
    """Print one JSON line for each file, and exit 1 when any has a fault."""
    found = faults_by_file(folder)
    for name, faults in found.items():
        click.echo(json.dumps({"file": name, "ok": not faults, "faults": faults}, ensure_ascii=False))
    if not found or any(found.values()):
        raise click.exceptions.Exit(1)


def faults_by_file(folder: Path) -> dict[str, list[str]]:
    """File name -> everything that is wrong with it; a released file that is gone is named as well."""
    try:
        recorded = questionnaires.read_recorded_digests(folder)
    except (OSError, ValueError) as error:
        return {questionnaires.DIGESTS: [f"cannot be read: {error}"]}
    found = {
        path.name: [*questionnaires.questionnaire_faults(path, recorded), *fhir_faults(path)]
        for path in questionnaires.list_files(folder)
    }
    gone = {name: ["was released and is gone"] for name in recorded if name not in found}
    return found | gone


def fhir_faults(path: Path) -> list[str]:
    """What FHIR R4 itself has against the resource (fhir.resources, R4B)."""
    from fhir.resources.R4B.questionnaire import Questionnaire
    from pydantic import ValidationError

    try:
        Questionnaire.model_validate_json(path.read_bytes())
    except ValidationError as error:
        return [f"FHIR: {'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()]
    return []
