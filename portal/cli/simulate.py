"""``simulate``: what the alert rules find in virtual courses, before anybody is ill. Needs no database."""

import json
from pathlib import Path

import click

from portal import protocols, simulation
from portal.domain.protocol import Protocol


@click.command("simulate")
@click.option("--participants", default=2000, show_default=True, type=click.IntRange(1, 100_000), help="Of each seed.")
@click.option("--seed", default=1, show_default=True, help="The same seed makes the same courses.")
@click.option("--seeds", default=1, show_default=True, type=click.IntRange(1, 100), help="So many, added up.")
@click.option(
    "--protocol",
    "path",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Another protocol file than the one in force, such as a draft.",
)
@click.option("--weights", is_flag=True, help="Let the weight change, and ask for it.")
@click.option("--new-signs", is_flag=True, help="Let shaking chills and pale stools be noticed.")
def simulate(participants: int, seed: int, seeds: int, path: Path | None, weights: bool, new_signs: bool) -> None:
    """Print one JSON object a line: run, sensitivity, misses, reds without aGVHD, diaries flagged, rules, figures."""
    protocol = _protocol(path)
    totals = simulation.sum_lives(
        simulation.simulate_life(number, seed=each, protocol=protocol, weights=weights, new_signs=new_signs)
        for each in range(seed, seed + seeds)
        for number in range(participants)
    )
    options = [name for name, on in (("weights", weights), ("new-signs", new_signs)) if on]
    lines = simulation.simulation_lines(
        totals, seed=seed, protocol_version=protocol.version, seeds=seeds, options=options
    )
    for line in lines:
        click.echo(json.dumps(line, ensure_ascii=False))


def _protocol(path: Path | None) -> Protocol:
    try:
        return protocols.load_protocol() if path is None else protocols.load_protocol_file(path)
    except protocols.ProtocolFault as fault:
        raise click.ClickException(str(fault)) from fault
