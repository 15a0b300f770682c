"""``flask --app app serve``: everything that ``make run`` promises, in one command."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from portal.adapters import database
from portal.extensions import db
from portal.services import demo as demo_service

STOP_SECONDS = 10
POLL_SECONDS = 0.3


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
    """One of each kind (the participant who joined last, with a diary to fill in); everybody is in the file."""
    if not path.exists():
        return
    people = json.loads(path.read_text())
    ready = [person for person in people["participants"] if person["activated"]][-1]
    fresh = next(person for person in people["participants"] if not person["activated"])
    staff = next(member for member in people["staff"] if member["role"] == "coordinator")
    click.echo(f"""
Demo data only; everybody is in {path}. For example:
  participant   /sign-in        {ready["phone"]}  PIN {ready["pin"]}
  new card      /activate       {fresh["card_code"]}  born {fresh["birth_year"]}
  coordinator   /staff/sign-in  {staff["email"]}  {staff["password"]}
                one-time code:  flask --app app code {staff["email"]}
""")


def _web(host: str, port: int, workers: int) -> list[str]:
    return [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--factory", "app:create_app", "--no-ws",
        "--host", host, "--port", str(port), "--workers", str(workers), "--blocking-threads", "8",
        "--log-level", "error",
    ]  # fmt: skip


def _run_together(host: str, port: int, workers: int) -> int:
    """Web and jobs as two children; when one ends or a signal comes, both end. The first one's exit code."""
    environment = {key: value for key, value in os.environ.items() if key != "FLASK_RUN_FROM_CLI"}
    jobs = [sys.executable, "-m", "flask", "--app", "app", "jobs", "run"]
    children = [
        subprocess.Popen(command, env=environment, start_new_session=True)  # noqa: S603
        for command in (_web(host, port, workers), jobs)
    ]
    asked: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: asked.append(1) or _stop(children))  # type: ignore[func-returns-value]
    while all(child.poll() is None for child in children):
        time.sleep(POLL_SECONDS)
    _stop(children)
    codes = [_reaped(child) for child in children]
    return 0 if asked else max(abs(code) for code in codes)


def _stop(children: list[subprocess.Popen[bytes]]) -> None:
    for child in children:
        if child.poll() is None:
            child.terminate()


def _reaped(child: subprocess.Popen[bytes]) -> int:
    try:
        return child.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        return child.wait()
