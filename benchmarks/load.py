"""A load that costs little itself: kept-alive connections in one event loop, requests made beforehand."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Load:
    """``seconds`` of answers, oldest first, by how long each took; ``wrong`` counts those without the wanted words."""

    took: list[float]
    wrong: int
    seconds: float

    def at(self, share: float) -> float:
        """The latency that this share of the requests kept within, in milliseconds."""
        ordered = sorted(self.took)
        return round(ordered[min(int(share * len(ordered)), len(ordered) - 1)] * 1000, 1)


def drive(host: str, port: int, requests: Iterator[bytes], *, wanted: bytes, clients: int, seconds: float) -> Load:
    """Keep ``clients`` connections busy until the time is over; each waits for its answer before it asks again."""
    return asyncio.run(drive_in(port, requests, wanted, clients, seconds, host=host))


async def drive_in(
    port: int, requests: Iterator[bytes], wanted: bytes, clients: int, seconds: float, *, host: str = "127.0.0.1"
) -> Load:
    """The same within an event loop, to drive several servers at once."""
    started = time.perf_counter()
    until = started + seconds
    found = await asyncio.gather(*(_client(host, port, requests, wanted, until) for _ in range(clients)))
    took = [one for each, _ in found for one in each]
    return Load(took, sum(wrong for _, wrong in found), time.perf_counter() - started)


async def _client(
    host: str, port: int, requests: Iterator[bytes], wanted: bytes, until: float
) -> tuple[list[float], int]:
    reader, writer = await asyncio.open_connection(host, port)
    took: list[float] = []
    wrong = 0
    while time.perf_counter() < until:
        began = time.perf_counter()
        writer.write(next(requests))
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        body = await reader.readexactly(length)
        took.append(time.perf_counter() - began)
        wrong += wanted not in body
    writer.close()
    return took, wrong


def request(method: str, path: str, body: bytes, headers: dict[str, str]) -> bytes:
    given = {"Host": "127.0.0.1", "Content-Length": str(len(body)), **headers}
    lines = "".join(f"{name}: {value}\r\n" for name, value in given.items())
    return f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + body
