"""``flask --app app jobs``: run the scheduler, or one round of a job."""

import json

import click
from flask import current_app
from flask.cli import AppGroup

from portal import jobs

group = AppGroup("jobs", help="What runs by the clock: planning and sending texts.")


@group.command("list")
def list_() -> None:
    """Name each job, how often it runs, and what it does."""
    for job in jobs.JOBS:
        click.echo(f"{job.id:<16} every {job.seconds:g} s  {(job.run.__doc__ or '').strip()}")


@group.command()
@click.option(
    "--once", "name", type=click.Choice([job.id for job in jobs.JOBS]), help="One round of this job, then end."
)
def run(name: str | None) -> None:
    """Run the scheduler until Ctrl-C; or one round of a job, which prints its counts as a line of JSON."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - the proxy does not cross threads
    if name is None:
        jobs.run_scheduler(app)
        return
    job = next(job for job in jobs.JOBS if job.id == name)
    click.echo(json.dumps({"job": job.id, **jobs.run_once(jobs.Worker.of(app), job)}))
