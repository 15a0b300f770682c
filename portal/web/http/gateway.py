"""From granian's RSGI to the portal's WSGI, so that no thread ever waits for a phone.

granian's own WSGI reads a body inside the thread that answers it: sixteen phones that vanish in a lift in mid-POST
held sixteen threads for good, and nobody else was served. Here the event loop reads it first, with patience that ends.
The thread that answers also sends the answer, and answers are made one after the other: Python lets one thread run at a
time, and handing that from one to the other at every statement costs more than it gives. One that takes long lets the
next begin.
"""

import asyncio
import contextlib
import io
import sys
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]

THREADS: Final = 8
TURN_SECONDS: Final = 0.05
PAUSE_SECONDS: Final = 20.0
WHOLE_SECONDS: Final = 600.0
SMALL_MAX: Final = 32 * 1024
USUAL_MAX: Final = 2 * 1024 * 1024
BODY_MAX: Final = 24 * 1024 * 1024
LARGE_AT_ONCE: Final = 8
PLAIN: Final = [("content-type", "text/plain; charset=utf-8")]
FIXED: Final[dict[str, Any]] = {
    "SCRIPT_NAME": "",
    "wsgi.version": (1, 0),
    "wsgi.errors": sys.stderr,
    "wsgi.multithread": True,
    "wsgi.multiprocess": True,
    "wsgi.run_once": False,
    "wsgi.input_terminated": True,
}


class Impatient(Exception):
    """A body that did not come in time, or whole, or is more than is taken; ``status`` says which."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Turn:
    """To be the one that is answered: it ends with the answer, or when that has taken ``TURN_SECONDS``."""

    def __init__(self, turns: asyncio.Semaphore) -> None:
        self.turns, self.over = turns, False

    async def __aenter__(self) -> None:
        await self.turns.acquire()
        self.patience = asyncio.get_running_loop().call_later(TURN_SECONDS, self.end)

    async def __aexit__(self, *_: object) -> None:
        self.patience.cancel()
        self.end()

    def end(self) -> None:
        if not self.over:
            self.over = True
            self.turns.release()


def gateway(
    app: Wsgi, *, threads: int = THREADS, pause: float = PAUSE_SECONDS
) -> Callable[[Any, Any], Awaitable[None]]:
    """``app`` as granian's RSGI calls it. ``pause`` is how long a body may stand still."""
    pool = ThreadPoolExecutor(threads, "web")
    large, turns = asyncio.Semaphore(LARGE_AT_ONCE), asyncio.Semaphore(1)

    async def serve(scope: Any, proto: Any) -> None:
        try:
            length = _announced(scope.headers)
            async with large if length > USUAL_MAX else contextlib.nullcontext():
                exact = "content-length" in scope.headers
                body = await _body(proto, length, pause, exact=exact) if length else b""
        except Impatient as error:
            proto.response_bytes(error.status, PLAIN, b"The request did not arrive whole.\n")
            return
        async with Turn(turns):
            await asyncio.get_running_loop().run_in_executor(pool, _answer, app, scope, proto, body)

    return serve


def _announced(headers: Any) -> int:
    """How many bytes are to come; as many as are usual when that is not said."""
    length = headers.get("content-length")
    if length is None:
        return USUAL_MAX if headers.get("transfer-encoding") else 0
    if int(length) > BODY_MAX:
        raise Impatient(413)
    return int(length)


async def _body(proto: Any, length: int, pause: float, *, exact: bool) -> bytes:
    """A small one at once, as granian has gathered it; any other piece by piece."""
    small = exact and length <= SMALL_MAX
    try:
        async with asyncio.timeout(pause) as patience:
            whole: bytes = await proto() if small else await _pieces(proto, length, pause, patience)
    except TimeoutError as error:
        raise Impatient(408) from error
    if exact and len(whole) < length:
        raise Impatient(400)
    return whole


async def _pieces(proto: Any, length: int, pause: float, patience: asyncio.Timeout) -> bytes:
    whole = bytearray()
    now = asyncio.get_running_loop().time
    end = now() + WHOLE_SECONDS
    async for chunk in proto:
        whole += chunk
        if len(whole) > length:
            raise Impatient(413)
        patience.reschedule(min(end, now() + pause))
    return bytes(whole)


def _environ(scope: Any, body: bytes) -> dict[str, Any]:
    host, _colon, port = scope.server.rpartition(":")
    environ = {
        **FIXED,
        "REQUEST_METHOD": scope.method,
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": host,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": io.BytesIO(body),
    }
    for name, value in scope.headers.items():
        key = name.upper().replace("-", "_")
        key = key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"
        glue = "; " if key == "HTTP_COOKIE" else ","
        environ[key] = f"{environ[key]}{glue}{value}" if key in environ else value
    environ["CONTENT_LENGTH"] = str(len(body))
    return environ


def _answer(app: Wsgi, scope: Any, proto: Any, body: bytes) -> None:
    """Run in a thread of the pool, from the first byte to the last."""
    said: list[tuple[int, list[tuple[str, str]]]] = []

    def start(status: str, headers: list[tuple[str, str]], _exc: Any = None) -> None:
        said.append((int(status[:3]), headers))

    chunks = app(_environ(scope, body), start)
    try:
        answer = b"".join(chunks)
    finally:
        getattr(chunks, "close", lambda: None)()
    proto.response_bytes(*said[-1], answer)
