"""A restart of web behind the shipped proxy, with the socket that systemd holds: who calls meanwhile waits."""

import http.client
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

import pytest

from config import Config
from tests.support.servers.nginx import NAME, Proxy, find_nginx, running_nginx

pytestmark = pytest.mark.skipif(find_nginx() is None, reason="nginx is not installed (apt-get install nginx)")

ROOT = Path(__file__).parents[2]
WEB = [sys.executable, "-m", "flask", "--app", "app", "web", "--port", "1"]
HAND_ON = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
os.execv(sys.argv[2], sys.argv[2:])
"""


@pytest.fixture(params=["sqlite"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path, sqlite_template: Path) -> str:
    """How web starts does not depend on the database."""
    path = tmp_path / "portal.sqlite3"
    path.write_bytes(sqlite_template.read_bytes())
    return f"sqlite:///{path}"


@contextmanager
def running_web(held: socket.socket, config: Config, proxy: Proxy) -> Iterator[None]:
    """As systemd starts it: the socket is number 3, and two variables say for whom."""
    settings = {
        **os.environ, "APP_ENV": "demo", "DATABASE_URL": config.database_url, "SECRET_KEY": config.secret_key,
        "FIELD_KEYS": config.field_keys[0], "BLIND_INDEX_KEY": config.blind_index_key, "SMS_PROVIDER": "console",
        "PUBLIC_URL": f"https://{NAME}:{proxy.port}", "TRUSTED_PROXIES": "1", "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    command = [sys.executable, "-c", HAND_ON, str(held.fileno()), *WEB]
    web = subprocess.Popen(command, env=settings, cwd=ROOT, pass_fds=[held.fileno()], stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        web.terminate()
        web.wait(30)


def ask(proxy: Proxy, method: str, form: str | None = None, cookie: str = "") -> tuple[int, str, str]:
    """The sign-in page: status, body, and the session's cookie."""
    connection = http.client.HTTPConnection(f"{NAME}:{proxy.port}")
    connection.sock = proxy.connect(timeout=120)
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie, "Accept-Language": "zh-CN"}
    connection.request(method, "/sign-in", form, headers)
    response = connection.getresponse()
    body = response.read().decode()
    connection.close()
    return response.status, body, response.headers.get("Set-Cookie", "").split(";")[0]


def test_a_page_and_a_form_during_a_restart_of_web_are_answered(config: Config, tmp_path: Path) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as held,
        running_nginx(tmp_path / "nginx", held.getsockname()[1]) as proxy,
        ThreadPoolExecutor(2) as pool,
    ):
        with running_web(held, config, proxy):
            status, page, cookie = ask(proxy, "GET")
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        assert status == 200
        assert token
        form = urlencode({"csrf_token": token[1], "who": "13800139999", "pin": "000000"})
        early_page = pool.submit(ask, proxy, "GET")
        early_form = pool.submit(ask, proxy, "POST", form, cookie)
        time.sleep(1)
        assert not early_page.done()
        assert not early_form.done()
        with running_web(held, config, proxy):
            assert early_page.result()[0] == 200
            status, page, _cookie = early_form.result()
    assert status == 422  # read and judged: nobody has this number
    assert "13800139999" in page
