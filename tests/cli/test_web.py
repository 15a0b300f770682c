"""``flask --app app web``: a real server with its workers, and phones that vanish in the middle of a request."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from config import Config
from tests.postgres import _free_port

ROOT = Path(__file__).parents[2]
HALF = b"POST /sign-in HTTP/1.1\r\nHost: portal\r\nContent-Length: 500\r\n\r\nwho=138"


@pytest.fixture(params=["sqlite"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path, sqlite_template: Path) -> str:
    """How a request is read does not depend on the database."""
    path = tmp_path / "portal.sqlite3"
    path.write_bytes(sqlite_template.read_bytes())
    return f"sqlite:///{path}"


@pytest.fixture
def port(config: Config) -> Iterator[int]:
    """Where the portal listens, with two workers of eight threads."""
    port = _free_port()
    settings = {
        "APP_ENV": "demo", "DATABASE_URL": config.database_url, "SECRET_KEY": config.secret_key,
        "FIELD_KEYS": config.field_keys[0], "BLIND_INDEX_KEY": config.blind_index_key, "SMS_PROVIDER": "console",
        "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    command = [sys.executable, "-m", "flask", "--app", "app", "web", "--port", str(port)]
    server = subprocess.Popen(command, env={**os.environ, **settings}, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        _wait_for(port, server)
        yield port
    finally:
        server.terminate()
        server.wait(30)


def _wait_for(port: int, server: "subprocess.Popen[bytes]") -> None:
    for _ in range(600):
        assert server.poll() is None
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return


def asked(port: int) -> str:
    request = Request(f"http://127.0.0.1:{port}/sign-in", headers={"Accept-Language": "zh-CN"})
    with urlopen(request, timeout=20) as answer:
        return str(answer.read().decode())


def test_two_hundred_phones_that_vanish_in_mid_post_keep_nobody_else_waiting(port: int) -> None:
    lines = [socket.create_connection(("127.0.0.1", port), timeout=20) for _ in range(200)]
    for line in lines:
        line.sendall(HALF)
    assert "登录" in asked(port)
    for line in lines[::2]:
        line.close()
    assert "登录" in asked(port)
    for line in lines[1::2]:
        line.close()
