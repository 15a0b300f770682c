"""Two web processes and two of the clock on one PostgreSQL, with rate limits in Redis where ``redis-server`` is there.

    python -m benchmarks.several

Prints JSON lines: how many tries at a calendar's secret address both web processes let through in a minute, with
and without Redis (the limit is 120); full diary submissions spread over both; and whether the trail that the two clocks
sealed meanwhile is whole.
"""

import argparse
import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

from benchmarks import load, rig
from benchmarks.diary import database, requests, say
from tests.support.servers.postgres import free_port

ATTEMPTS = 300


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--clients", type=int, default=16)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, database("postgresql", Path(name)) as url:
        os.environ.update(rig.settings(url, Path(name)))
        people = rig.seed(options.people)
        limits(None)
        with redis() as address:
            if address:
                os.environ["REDIS_URL"] = address
                limits(address)
            submissions(people, options.clients, options.seconds)
        trail()


@contextmanager
def redis() -> Iterator[str | None]:
    """The address of a fresh one that keeps nothing, or None where it is not installed."""
    program = shutil.which("redis-server")
    if program is None:
        yield None
        return
    port = free_port()
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.terminate()
        process.wait(10)


def web(port: int) -> list[str]:
    return [sys.executable, "-m", "flask", "--app", "app", "web", "--port", str(port), "--workers", "1"]


@contextmanager
def both() -> Iterator[tuple[tuple[int, int], list[int]]]:
    """The ports of two web processes, and the ids of all that belongs to them."""
    ports = (free_port(), free_port())
    with ExitStack() as stack:
        yield ports, [pid for port in ports for pid in stack.enter_context(rig.server(web(port), port))]


def limits(redis_url: str | None) -> None:
    """How many of ``ATTEMPTS``, in turn to each process, are not answered with 429. Begins with a fresh minute."""
    with both() as (ports, _):
        time.sleep(60 - time.time() % 60)
        answers = [_status(ports[turn % 2]) for turn in range(ATTEMPTS)]
    say(what="limits", redis=redis_url is not None, attempts=ATTEMPTS, let_through=sum(one != 429 for one in answers))


def _status(port: int) -> int:
    try:
        with urlopen(f"http://127.0.0.1:{port}/calendar/feed/{'x' * 32}.ics", timeout=10) as answer:
            return int(answer.status)
    except HTTPError as error:
        return error.code


def submissions(people: Sequence[rig.Person], clients: int, seconds: float) -> None:
    jobs = [subprocess.Popen([sys.executable, "-m", "flask", "--app", "app", "jobs", "run"],
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for _ in range(2)]  # fmt: skip
    try:
        with both() as (ports, pids):
            asyncio.run(_spread(ports, people, clients, 1))
            web_before, jobs_before = rig.cpu_seconds(pids), rig.cpu_seconds([one.pid for one in jobs])
            found = asyncio.run(_spread(ports, people, clients, seconds))
            count = sum(len(one.took) for one in found)
            together = load.Load([took for one in found for took in one.took], sum(one.wrong for one in found), seconds)
            say(what="diary", database="postgresql", web=2, jobs=2, redis="REDIS_URL" in os.environ, clients=clients,
                per_second=round(count / seconds, 1), by_process=[len(one.took) for one in found],
                p50_ms=together.at(0.5), p95_ms=together.at(0.95), wrong=together.wrong,
                web_cpu_ms=round((rig.cpu_seconds(pids) - web_before) * 1000 / count, 2),
                jobs_cpu_ms=round((rig.cpu_seconds([one.pid for one in jobs]) - jobs_before) * 1000 / count, 2),
                web_mib=rig.memory_mib(pids), jobs_mib=rig.memory_mib([one.pid for one in jobs]))  # fmt: skip
        time.sleep(15)  # the clocks catch up with the trail
    finally:
        for one in jobs:
            one.terminate()
        for one in jobs:
            one.wait(60)


async def _spread(
    ports: tuple[int, int], people: Sequence[rig.Person], clients: int, seconds: float
) -> list[load.Load]:
    made = requests(list(people))
    half = (load.drive_in(port, made, b'"result":"accepted"', clients // 2, seconds) for port in ports)
    return list(await asyncio.gather(*half))


def trail() -> None:
    command = [sys.executable, "-m", "flask", "--app", "app", "audit", "verify"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    said: Mapping[str, object] = json.loads(done.stdout.splitlines()[-1])
    say(what="trail", **{name: said[name] for name in ("links", "unsealed", "broken")})


if __name__ == "__main__":
    main()
