"""``flask --app app web``: a real server with its workers, and a request that takes long."""

import fcntl
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener, urlopen

import pytest

from config import Config
from tests.support.servers.postgres import free_port

pytestmark = [pytest.mark.allow_hosts(["127.0.0.1"]), pytest.mark.usefixtures("only_sqlite")]

ROOT = Path(__file__).parents[2]
WEB = [sys.executable, "-m", "flask", "--app", "app", "web"]


@pytest.fixture
def settings(config: Config) -> dict[str, str]:
    return {
        **os.environ, "APP_ENV": "demo", "DATABASE_URL": config.database_url, "SECRET_KEY": config.secret_key,
        "FIELD_KEYS": config.field_keys[0], "BLIND_INDEX_KEY": config.blind_index_key, "SMS_PROVIDER": "console",
        "PYTHONPATH": str(ROOT),
    }  # fmt: skip


@pytest.fixture
def port(settings: dict[str, str]) -> Iterator[int]:
    """Where the portal listens, with its two workers."""
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


def test_three_requests_that_take_long_hold_nobody_up(port: int, tmp_path: Path) -> None:
    """They wait for their turn to write, as behind a long transaction, while every other page is answered."""
    with (tmp_path / "portal.sqlite3-turn").open("w") as turn, ThreadPoolExecutor(3) as pool:
        fcntl.flock(turn, fcntl.LOCK_EX)
        slow = [pool.submit(sign_in_with_a_wrong_pin, port) for _ in range(3)]
        for _ in range(20):
            assert "登录" in asked(port)
        assert not any(one.done() for one in slow)
        fcntl.flock(turn, fcntl.LOCK_UN)
        assert [one.result(60) for one in slow] == [422] * 3


def sign_in_with_a_wrong_pin(port: int) -> int:
    """A form that writes: the try is counted."""
    opener = build_opener(HTTPCookieProcessor())
    page = opener.open(f"http://127.0.0.1:{port}/sign-in", timeout=60).read().decode()
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert token
    form = urlencode({"csrf_token": token[1], "who": "13800139999", "pin": "000000"}).encode()
    with pytest.raises(HTTPError) as refused:
        opener.open(f"http://127.0.0.1:{port}/sign-in", form, timeout=60)
    with refused.value as answer:
        return answer.code
