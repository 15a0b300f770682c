"""Rude clients, and how soon a page comes while they are there: at the portal alone, and behind the shipped nginx.

    python -m benchmarks.rude --clients 200
    python -m benchmarks.rude --clients 200 --proxy

Prints a JSON line a kind of rudeness. Without the proxy nobody protects the portal (ADR 017): a page that has not come
within ``PATIENCE_SECONDS`` is ``null``.
"""

import argparse
import contextlib
import json
import os
import socket
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

from benchmarks import diary, load, rig
from tests.support.servers import rude_clients
from tests.support.servers.nginx import NAME, running_nginx
from tests.support.servers.postgres import free_port

PATIENCE_SECONDS = 10.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--proxy", action="store_true", help="through nginx with deploy/nginx.conf")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as servers:
        folder, port = Path(name), free_port()
        os.environ.update(rig.settings(f"sqlite:///{folder}/portal.sqlite3", folder))
        host, connect = f"127.0.0.1:{port}", _connecting(port)
        if options.proxy:
            proxy = servers.enter_context(running_nginx(folder / "nginx", port))
            host, connect = f"{NAME}:{proxy.port}", proxy.connect
            os.environ.update(PUBLIC_URL=f"https://{host}", TRUSTED_PROXIES="1")
        (person,) = rig.seed(1)
        servers.enter_context(rig.server(rig.portal(port), port))
        headers = {**person.headers, "Host": host}
        request = load.request("POST", "/diary/sync", diary.body_of(person, str(uuid4())), headers)
        page = load.request("GET", "/sign-in", b"", {"Host": host, "Connection": "close"})
        for _ in range(20):
            _milliseconds(connect, page)
        for kind in ("closed", "reset", "silent", "half-head", "slow-body"):
            with _rude(kind, options.clients, connect, request):
                took = _milliseconds(connect, page)
            facts = {"rude": kind, "clients": options.clients, "proxy": options.proxy, "next_reply_ms": took}
            print(json.dumps(facts), flush=True)


def _connecting(port: int) -> rude_clients.Connect:
    return lambda: socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS)


@contextlib.contextmanager
def _rude(kind: str, clients: int, connect: rude_clients.Connect, request: bytes) -> Iterator[None]:
    if kind == "half-head":
        with rude_clients.half_heads(clients, connect):
            yield
    elif kind == "slow-body":
        with rude_clients.slow_bodies(clients, connect, request):
            yield
    else:
        with rude_clients.vanished(kind, clients, connect, request):
            yield


def _milliseconds(connect: rude_clients.Connect, page: bytes) -> float | None:
    """Until the sign-in page has come."""
    began = time.perf_counter()
    try:
        rude_clients.answer_to(connect, page)
    except TimeoutError:
        return None
    return round((time.perf_counter() - began) * 1000, 1)


if __name__ == "__main__":
    main()
