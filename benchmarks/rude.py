"""Clients that vanish in mid-POST, and how soon the next one is answered. Prints a JSON line a kind of vanishing.

    python -m benchmarks.rude --clients 200

``closed`` hang up, ``reset`` break off, ``silent`` keep the line and say nothing more, as a phone in a lift does.
"""

import argparse
import contextlib
import json
import os
import socket
import struct
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

from benchmarks import diary, load, rig
from tests.support.servers.postgres import free_port

KINDS = ("closed", "reset", "silent")
BREAK = struct.pack("ii", 1, 0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=200)
    clients = parser.parse_args().clients
    with tempfile.TemporaryDirectory() as name:
        os.environ.update(rig.settings(f"sqlite:///{name}/portal.sqlite3", Path(name)))
        (person,) = rig.seed(1)
        half = load.request("POST", "/diary/sync", diary.body_of(person, str(uuid4())), person.headers)[:-600]
        port = free_port()
        with rig.server(rig.portal(port), port):
            for _ in range(20):
                answered(port)
            for kind in KINDS:
                with vanished(kind, clients, port, half):
                    took = answered(port)
                    print(json.dumps({"vanished": kind, "clients": clients, "next_reply_ms": took}), flush=True)


@contextlib.contextmanager
def vanished(kind: str, clients: int, port: int, half: bytes) -> Iterator[None]:
    with contextlib.ExitStack() as lines:
        for _ in range(clients):
            line = lines.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10))
            line.sendall(half)
            if kind == "reset":
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, BREAK)
            if kind != "silent":
                line.close()
        yield


def answered(port: int) -> float:
    """Milliseconds until the sign-in page has come."""
    began = time.perf_counter()
    with socket.create_connection(("127.0.0.1", port), timeout=30) as line:
        line.sendall(load.request("GET", "/sign-in", b"", {"Connection": "close"}))
        while line.recv(65536):
            pass
    return round((time.perf_counter() - began) * 1000, 1)


if __name__ == "__main__":
    main()
