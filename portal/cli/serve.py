"""``flask --app app serve``: everything that ``make run`` promises, in one command."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from portal.adapters import database
from portal.extensions import db
from portal.services import demo as demo_service

STOP_SECONDS = 10


@click.command("serve")
@click.option("--host", envvar="HOST", default="127.0.0.1", show_default=True)
@click.option("--port", envvar="PORT", default=8000, show_default=True)
@click.option("--workers", default=2, show_default=True)
@with_appcontext
def serve(host: str, port: int, workers: int) -> None:
    """Migrate, seed an empty demo, then run web and jobs until Ctrl-C ends both."""
    config = current_app.config["PORTAL"]
    database.upgrade(config.database_url)
    if config.env == "demo":
        _seed_when_empty()
        _say_who_can_sign_in(config.instance_dir / "demo.json")
    db.session.close()
    db.engine.dispose()
    click.echo(f"The portal is on http://{host}:{port} - Ctrl-C ends web and jobs together.")
    raise SystemExit(_run_together(host, port, workers))


def _seed_when_empty() -> None:
    if demo_service.is_empty(db.session):
        db.session.rollback()
        click.echo("Making the demo trial ...")
        _flask("demo")
    db.session.rollback()


def _flask(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "flask", "--app", "app", *arguments], check=True)  # noqa: S603


def _say_who_can_sign_in(path: Path) -> None:
    if not path.exists():
        return
    people = json.loads(path.read_text())
    ready = [person for person in people["participants"] if person["activated"]]
    fresh = [person for person in people["participants"] if not person["activated"]]
    click.echo(f"\nDemo data only. Everybody is in {path}. For example:")
    for person in ready[:2]:
        click.echo(f"  participant {person['study_number']}: /sign-in  {person['phone']}  PIN {person['pin']}")
    for person in fresh[:1]:
        click.echo(f"  new card {person['study_number']}: /activate  {person['card_code']}  born {person['birth_year']}")
    for member in people["staff"][:1]:
        click.echo(f"  {member['role']}: /staff/sign-in  {member['email']}  {member['password']}")
        click.echo("    one-time code: flask --app app code " + member["email"])


def _run_together(host: str, port: int, workers: int) -> int:
    """Web and jobs as two children; when one ends or a signal comes, both end."""
    environment = {key: value for key, value in os.environ.items() if key != "FLASK_RUN_FROM_CLI"}
    web = [sys.executable, "-m", "granian", "--interface", "wsgi", "--factory", "app:create_app"]
    web += ["--host", host, "--port", str(port), "--workers", str(workers), "--no-ws", "--log-level", "error", "--blocking-threads", "8"]
    jobs = [sys.executable, "-m", "flask", "--app", "app", "jobs", "run"]
    children = [subprocess.Popen(command, env=environment, start_new_session=True) for command in (web, jobs)]  # noqa: S603
    signal.signal(signal.SIGTERM, lambda *_: _stop(children))
    signal.signal(signal.SIGINT, lambda *_: _stop(children))
    finished, _ = os.wait()
    _stop(children)
    first = next(child for child in children if child.pid == finished)
    for child in children:
        if child is not first:
            _reap(child)
    return 0


def _stop(children: list[subprocess.Popen[bytes]]) -> None:
    for child in children:
        if child.poll() is None:
            child.terminate()


def _reap(child: subprocess.Popen[bytes]) -> None:
    try:
        child.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
