"""``flask --app app serve``: everything that ``make run`` promises, in one command."""

import gc
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from portal import demo as demo_service
from portal import jobs
from portal.adapters import database
from portal.extensions import db

FORK = multiprocessing.get_context("fork")
THREADS = 4  # of each worker: requests that take long, such as an export, hold nobody up (ADR 017)
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
    _apart(database.upgrade_database, config.database_url)
    if config.env == "demo":
        _seed_when_empty()
        _say_who_can_sign_in(config.instance_dir / "demo.json")
    db.session.close()
    db.engine.dispose()
    click.echo(f"The portal is on http://{host}:{port} - Ctrl-C ends web and jobs together.")
    raise SystemExit(_run_together(_this_app(), host, port, workers))


@click.command("web")
@click.option("--host", envvar="HOST", default="127.0.0.1", show_default=True)
@click.option("--port", envvar="PORT", default=8000, show_default=True)
@click.option("--workers", default=2, show_default=True)
@with_appcontext
def web(host: str, port: int, workers: int) -> None:
    """Run the pages alone: for a server whose database is migrated and whose jobs run beside it."""
    gc.freeze()
    _web(_this_app(), host, port, workers)


def _apart(what: Callable[..., object], *given: object) -> None:
    """In a child that ends: what it loads, web and jobs do not carry."""
    child = FORK.Process(target=what, args=given)
    child.start()
    child.join()
    if child.exitcode:
        raise SystemExit(abs(child.exitcode))


def _this_app() -> Flask:
    return current_app._get_current_object()  # type: ignore[attr-defined, no-any-return]  # noqa: SLF001 - the proxy does not cross processes


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
    ready = [person for person in people["participants"] if person["activated"] and person["role"] == "participant"][-1]
    guardian = next((person for person in people["participants"] if person["role"] == "guardian"), None)
    fresh = next(person for person in people["participants"] if not person["activated"])
    lines = [("participant", "/sign-in", f"{ready['phone']}  PIN {ready['pin']}")]
    if guardian and guardian["pin"]:
        lines.append(("guardian", "/sign-in", f"{guardian['phone']}  PIN {guardian['pin']}"))
    lines.append(("new card", "/activate", f"{fresh['card_code']}  born {fresh['birth_year']}"))
    lines += [(one["role"], "/staff/sign-in", f"{one['email']}  {one['password']}") for one in people["staff"]]
    told = "\n".join(f"  {who:<14} {where:<15} {how}" for who, where, how in lines)
    click.echo(f"""
Demo data only; everybody is in {path}. For example:
{told}
  one-time code of the study team: {_command()} --app app code {people["staff"][0]["email"]}
""")


def _command() -> str:
    """``flask`` of this very environment, as it can be typed in this folder."""
    beside = Path(sys.executable).parent / "flask"
    return os.path.relpath(beside) if beside.is_relative_to(Path.cwd()) else str(beside)


def _web(app: Flask, host: str, port: int, workers: int) -> None:
    """granian, whose workers are forked off this process and share what it has loaded."""
    from granian.constants import Interfaces
    from granian.log import LogLevels

    from portal.cli.listening import Server

    server = Server(
        "app", host, port,
        interface=Interfaces.WSGI, workers=workers, blocking_threads=THREADS, websockets=False,
        log_level=LogLevels.error, workers_kill_timeout=STOP_SECONDS,
    )  # fmt: skip
    server.serve(target_loader=lambda: app, wrap_loader=False)


def _run_together(app: Flask, host: str, port: int, workers: int) -> int:
    """Web and jobs as two children; when one ends or a signal comes, both end. The first one's exit code."""
    os.environ.pop("FLASK_RUN_FROM_CLI", None)
    children = [_forked(_web, app, host, port, workers), _forked(jobs.run_scheduler, app)]
    asked: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: asked.append(1) or _stop(children))  # type: ignore[func-returns-value]
    while all(child.is_alive() for child in children):
        time.sleep(POLL_SECONDS)
    _stop(children)
    codes = [_reaped(child) for child in children]
    return 0 if asked else max(abs(code) for code in codes)


def _forked(what: Callable[..., object], *given: object) -> BaseProcess:
    """A child in a session of its own: Ctrl-C is for the parent, which then ends both."""

    def begin() -> None:
        os.setsid()
        what(*given)

    gc.freeze()  # what is loaded stays shared: a collection would write into every page of it
    child = FORK.Process(target=begin)
    child.start()
    return child


def _stop(children: list[BaseProcess]) -> None:
    for child in children:
        if child.is_alive():
            child.terminate()


def _reaped(child: BaseProcess) -> int:
    child.join(STOP_SECONDS)
    if child.exitcode is None:
        child.kill()
        child.join()
    return child.exitcode or 0
