"""Clients that hold a server up: phones that vanish, bodies and heads that do not end."""

import contextlib
import socket
import ssl
import struct
import time
from collections.abc import Callable, Iterator

Connect = Callable[[], socket.socket]
"""Opens a connection to the server, with TLS where it has it."""

RESET = struct.pack("ii", 1, 0)
WAYS_TO_VANISH = ("closed", "reset", "silent")


@contextlib.contextmanager
def vanished(way: str, clients: int, connect: Connect, request: bytes) -> Iterator[None]:
    """``clients`` that sent half of ``request``. ``silent`` keep the connection and send nothing more, as in a lift."""
    with contextlib.ExitStack() as opened:
        for _ in range(clients):
            client = opened.enter_context(connect())
            client.sendall(request[: -len(request) // 2])
            if way == "reset":
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            if way != "silent":
                client.close()
        yield


@contextlib.contextmanager
def half_heads(clients: int, connect: Connect) -> Iterator[None]:
    """``clients`` whose request ends in the middle of a header."""
    with vanished("silent", clients, connect, b"GET / HTTP/1.1\r\nHost: portal.example.org\r\nX-Long: " + b"x" * 60):
        yield


@contextlib.contextmanager
def slow_bodies(clients: int, connect: Connect, request: bytes) -> Iterator[Callable[[], None]]:
    """``clients`` whose body comes byte by byte: one byte of each whenever the yielded function is called."""
    start = request.index(b"\r\n\r\n") + 4
    with contextlib.ExitStack() as opened:
        slow = [opened.enter_context(connect()) for _ in range(clients)]
        for client in slow:
            client.sendall(request[:start])
        sent = start

        def send_one_byte() -> None:
            nonlocal sent
            for client in slow:
                client.sendall(request[sent : sent + 1])
            sent += 1

        send_one_byte()
        yield send_one_byte


def answer_to(connect: Connect, request: bytes) -> tuple[int, bytes]:
    """Status and body of the answer to a request that asks for its connection to be closed."""
    with connect() as client:
        client.sendall(request)
        return read_answer(client)


def read_answer(client: socket.socket) -> tuple[int, bytes]:
    whole = bytearray()
    with contextlib.suppress(ssl.SSLEOFError, ssl.SSLZeroReturnError):
        while piece := client.recv(65536):
            whole += piece
    head, _separator, body = bytes(whole).partition(b"\r\n\r\n")
    if not head:
        raise ConnectionError("closed without an answer")
    return int(head.split(b" ", 2)[1]), body


def send_slowly(client: socket.socket, request: bytes, *, bytes_per_second: int) -> None:
    """``request`` at the rate of a poor connection, in pieces of a fifth of a second."""
    piece = bytes_per_second // 5
    began = time.monotonic()
    for number, start in enumerate(range(0, len(request), piece)):
        time.sleep(max(0.0, began + number / 5 - time.monotonic()))
        client.sendall(request[start : start + piece])
