"""``simulate``: what the alert rules find in virtual courses, before anybody is ill. Needs no database."""

import json

import click

from portal import protocols, simulation


@click.command("simulate")
@click.option("--participants", default=2000, show_default=True, type=click.IntRange(1, 100_000))
@click.option("--seed", default=1, show_default=True, help="The same seed makes the same courses.")
def simulate(participants: int, seed: int) -> None:
    """Print one JSON object a line: the run, sensitivity, reds without aGVHD, diaries flagged, rules, figures."""
    protocol = protocols.load_protocol()
    totals = simulation.sum_lives(
        simulation.simulate_life(number, seed=seed, protocol=protocol) for number in range(participants)
    )
    for line in simulation.simulation_lines(totals, seed=seed, protocol_version=protocol.version):
        click.echo(json.dumps(line, ensure_ascii=False))
