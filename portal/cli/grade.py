"""``grade``: stages and grade from findings typed at a terminal, by the portal's own rules.

Needs no application, no settings and no database. Numbers stay decimal from the command line to the last comparison.
"""

import json
import re
from decimal import Decimal
from typing import TypedDict, Unpack

import click

from portal.domain.errors import Invalid
from portal.domain.magic import BilirubinUnit, MagicAssessment, MagicFindings, assess_findings

NUMBER = re.compile(r"[+-]?(\d{1,30}(\.\d{0,30})?|\.\d{1,30})([eE][+-]?\d{1,2})?", re.ASCII)

UNITS = {unit.value: unit for unit in BilirubinUnit}


class DecimalNumber(click.ParamType[Decimal]):
    """An exact decimal number, never a float."""

    name = "number"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Decimal:
        if isinstance(value, Decimal):
            return value
        if NUMBER.fullmatch(str(value)) is None:
            self.fail(f"{value!r} is not a number", param, ctx)
        return Decimal(str(value))


class GradeOptions(TypedDict):
    """The options as click hands them over: None where one was not given."""

    age: int | None
    weight_kg: Decimal | None
    bsa: Decimal | None
    bullae: bool
    desquamation: Decimal | None
    bilirubin: Decimal | None
    bilirubin_unit: BilirubinUnit
    upper_gi: bool | None
    stool_ml: Decimal | None
    episodes: int | None
    severe_pain: bool
    gross_blood: bool


@click.command("grade")
@click.option("--age", type=int, help="Age in whole years.")
@click.option("--weight-kg", type=DecimalNumber(), help="Body weight in kg.")
@click.option("--bsa", type=DecimalNumber(), help="Active erythema, per cent of the body surface.")
@click.option("--bullae", is_flag=True, help="There are bullae.")
@click.option("--desquamation", type=DecimalNumber(), help="Desquamation, per cent of the body surface.")
@click.option("--bilirubin", type=DecimalNumber(), help="Total bilirubin.")
@click.option(
    "--bilirubin-unit", type=click.Choice([*UNITS]), default="mg/dL", callback=lambda _c, _p, name: UNITS[name]
)
@click.option("--upper-gi/--no-upper-gi", default=None, help="Persistent nausea, vomiting or anorexia.")
@click.option("--stool-ml", type=DecimalNumber(), help="Measured liquid stool, mL a day.")
@click.option("--episodes", type=int, help="Liquid stools that were not measured, on top of --stool-ml.")
@click.option("--severe-pain", is_flag=True, help="Severe abdominal pain, with or without ileus.")
@click.option("--gross-blood", is_flag=True, help="Grossly bloody stool.")
def grade(**options: Unpack[GradeOptions]) -> None:
    """Print MAGIC organ stages and the overall grade as JSON."""
    try:
        result = assess_findings(MagicFindings(**options))
    except Invalid as error:
        faults = (f"--{name.replace('_', '-')} {why}" for name, why in error.problems.items())
        raise click.UsageError("; ".join(faults)) from None
    if result.scale_assumed:
        click.echo("Under 18 without a weight: both scales computed, the worse one used.", err=True)
    click.echo(json.dumps(assessment_json(result)))


def assessment_json(result: MagicAssessment) -> dict[str, object]:
    """The assessment under the command's published keys."""
    return {
        "skin": result.skin,
        "liver": result.liver,
        "upper_gi": result.upper_gi,
        "lower_gi": result.lower_gi,
        "grade": result.grade,
        "at_least": result.at_least,
        "stool_ml_total": _json_number(result.stool_ml_total),
        "scale": result.scale,
        "near_boundary": list(result.near_boundary),
    }


def _json_number(value: Decimal | None) -> int | float | None:
    """JSON has one kind of number: whole ones are printed whole, after everything has been decided on the decimal."""
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)
