"""Between granian and the pages: a request is read whole before it takes a thread, and no phone is waited for long."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Iterable
from types import SimpleNamespace
from typing import Any

import pytest

from portal.web.http.gateway import BODY_MAX, gateway

SCOPE = {"method": "POST", "path": "/日记", "query_string": "a=1", "server": "127.0.0.1:8000", "client": "[::1]:50000",
         "http_version": "1.1", "scheme": "http"}  # fmt: skip


class Headers(dict[str, str]):
    """granian's: names in small letters."""


class Proto:
    """A phone that sends these pieces, then either ends or stands still for ever."""

    def __init__(self, *pieces: bytes, vanishes: bool = False) -> None:
        self.pieces, self.vanishes = pieces, vanishes
        self.answer: tuple[int, list[tuple[str, str]], bytes] | None = None

    async def __call__(self) -> bytes:
        return b"".join([piece async for piece in self])

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self.pieces:
            yield piece
        if self.vanishes:
            await asyncio.Event().wait()

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.answer = (status, headers, body)


def echo(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
    start("200 OK", [("X-Path", environ["PATH_INFO"]), ("X-From", environ["REMOTE_ADDR"])])
    yield environ["wsgi.input"].read()
    yield environ["CONTENT_LENGTH"].encode()


def answers(*protos: Proto, headers: dict[str, str], threads: int = 1, app: Any = echo) -> list[tuple[int, bytes]]:
    """What each of these phones was told, all of them there at once."""
    serve = gateway(app, threads=threads, pause=0.05)
    scope = SimpleNamespace(**SCOPE, headers=Headers(headers))

    async def together() -> None:
        await asyncio.gather(*(serve(scope, proto) for proto in protos))

    asyncio.run(together())
    return [(proto.answer[0], proto.answer[2]) for proto in protos if proto.answer]


def test_a_body_in_pieces_reaches_the_pages_whole() -> None:
    assert answers(Proto(b"half ", b"and half"), headers={"content-length": "13"}) == [(200, b"half and half13")]


def test_a_request_without_a_body_is_not_waited_for() -> None:
    assert answers(Proto(vanishes=True), headers={}) == [(200, b"0")]


def test_a_phone_that_stands_still_in_the_middle_is_told_so_and_let_go() -> None:
    (status, _words), = answers(Proto(b"half", vanishes=True), headers={"content-length": "13"})  # fmt: skip
    assert status == 408


def test_those_that_vanish_take_no_thread_from_the_one_that_does_not() -> None:
    vanishing = [Proto(b"half", vanishes=True) for _ in range(200)]
    found = answers(*vanishing, Proto(b"all of it, yes"), headers={"content-length": "14"}, threads=1)
    assert found[-1] == (200, b"all of it, yes14")
    assert [status for status, _words in found[:-1]] == [408] * 200


def test_half_a_body_never_reaches_the_pages() -> None:
    assert answers(Proto(b"half"), headers={"content-length": "13"})[0][0] == 400


@pytest.mark.parametrize("headers", [{"content-length": str(BODY_MAX + 1)}, {"transfer-encoding": "chunked"}])
def test_more_than_is_taken_is_refused(headers: dict[str, str]) -> None:
    assert answers(Proto(b"x" * (3 * 1024 * 1024)), headers=headers)[0][0] == 413


def test_answers_are_made_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    running: list[str] = []
    together: list[int] = []

    def app(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        running.append(environ["PATH_INFO"])
        time.sleep(0.002)
        together.append(len(running))
        running.pop()
        return echo(environ, start)

    monkeypatch.setattr("portal.web.http.gateway.TURN_SECONDS", 60)
    assert answers(*(Proto() for _ in range(20)), headers={}, threads=4, app=app) == [(200, b"0")] * 20
    assert together == [1] * 20


def test_an_answer_that_takes_long_lets_the_next_begin() -> None:
    first, rest = threading.Event(), threading.Event()

    def app(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        if first.is_set():
            rest.set()
            return echo(environ, start)
        first.set()
        assert rest.wait(10), "nobody else was answered"
        return echo(environ, start)

    assert answers(Proto(), Proto(), headers={}, threads=2, app=app) == [(200, b"0")] * 2


def test_the_pages_see_the_path_and_the_address_as_wsgi_has_them() -> None:
    proto = Proto()
    answers(proto, headers={})
    assert proto.answer is not None
    assert dict(proto.answer[1]) == {"X-Path": "/日记".encode().decode("latin-1"), "X-From": "::1"}
