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
from tests.support.servers.postgres import free_port

pytestmark = [pytest.mark.allow_hosts(["127.0.0.1"]), pytest.mark.usefixtures("only_sqlite")]

ROOT = Path(__file__).parents[2]
WEB = [sys.executable, "-m", "flask", "--app", "app", "web"]
HAND_ON = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
os.execv(sys.argv[2], sys.argv[2:])
"""
ASK = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
HALF = b"POST /sign-in HTTP/1.1\r\nHost: portal\r\nContent-Length: 500\r\n\r\nwho=138"


@pytest.fixture
def settings(config: Config) -> dict[str, str]:
    return {
        **os.environ, "APP_ENV": "demo", "DATABASE_URL": config.database_url, "SECRET_KEY": config.secret_key,
        "FIELD_KEYS": config.field_keys[0], "BLIND_INDEX_KEY": config.blind_index_key, "SMS_PROVIDER": "console",
        "PYTHONPATH": str(ROOT),
    }  # fmt: skip


@pytest.fixture
def port(settings: dict[str, str]) -> Iterator[int]:
    """Where the portal listens, with two workers of eight threads."""
    port = free_port()
    server = subprocess.Popen([*WEB, "--port", str(port)], env=settings, cwd=ROOT, stdout=subprocess.DEVNULL)
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


def test_who_calls_while_web_starts_waits_at_the_socket_that_systemd_holds(settings: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        early = call(held)
        server = handed(held, settings)
        try:
            assert heard(early).endswith(b"ok\n")
        finally:
            server.terminate()
            server.wait(30)
        call(held).close()  # nobody is there, and nobody is turned away


def call(held: socket.socket) -> socket.socket:
    line = socket.create_connection(held.getsockname(), timeout=60)
    line.sendall(ASK)
    return line


def heard(line: socket.socket) -> bytes:
    with line:
        return b"".join(iter(lambda: line.recv(4096), b""))


def handed(held: socket.socket, settings: dict[str, str]) -> "subprocess.Popen[bytes]":
    """As systemd starts it: the socket is number 3, and two variables say for whom."""
    begin = [sys.executable, "-c", HAND_ON, str(held.fileno()), *WEB, "--port", "1"]
    return subprocess.Popen(begin, env=settings, cwd=ROOT, pass_fds=[held.fileno()])
