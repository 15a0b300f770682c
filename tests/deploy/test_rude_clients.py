"""Rude clients at the real proxy: nginx as it is shipped, before a portal with its two workers."""

import io
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest
from PIL import Image

from benchmarks import diary, load, rig
from tests.support.servers import rude_clients
from tests.support.servers.nginx import NAME, Proxy, find_nginx, running_nginx
from tests.support.servers.postgres import free_port

pytestmark = pytest.mark.skipif(find_nginx() is None, reason="nginx is not installed (apt-get install nginx)")

PEOPLE = 40
TRIES = 5
PATIENCE_SECONDS = 1.0
START_SECONDS = 120
PHOTOGRAPH_BYTES = 6_000_000


@dataclass(frozen=True)
class Portal:
    """A portal behind its proxy, and participants who are signed in, each for one diary."""

    proxy: Proxy
    people: Iterator[rig.Person]

    def connect(self) -> socket.socket:
        return self.proxy.connect(timeout=60)

    def request(self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> bytes:
        host = f"{NAME}:{self.proxy.port}"
        given = {"Host": host, "Referer": f"https://{host}/", "Connection": "close", **(headers or {})}
        return load.request(method, path, body, given)

    def page(self) -> bytes:
        return self.request("GET", "/sign-in", headers={"Accept-Language": "en"})

    def diary(self, person: rig.Person) -> bytes:
        return self.request("POST", "/diary/sync", diary.body_of(person, str(uuid4())), person.headers)


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Portal]:
    """On SQLite: how a request is read does not depend on the database."""
    folder, portal_port = tmp_path_factory.mktemp("rude"), free_port()
    database = folder / "portal.sqlite3"
    database.write_bytes(sqlite_template.read_bytes())
    with running_nginx(folder / "nginx", portal_port) as proxy, pytest.MonkeyPatch.context() as patch:
        settings = rig.settings(f"sqlite:///{database}", folder)
        settings |= {"PUBLIC_URL": f"https://{NAME}:{proxy.port}", "TRUSTED_PROXIES": "1"}
        for name, value in settings.items():
            patch.setenv(name, value)
        people = rig.seed(PEOPLE)
        with rig.server(rig.portal(portal_port), portal_port):
            made = Portal(proxy, iter(people))
            wait_for_web(made)
            yield made


def wait_for_web(portal: Portal) -> None:
    """nginx says 502 until web listens."""
    deadline = time.monotonic() + START_SECONDS
    while rude_clients.answer_to(portal.connect, portal.page())[0] != 200:
        assert time.monotonic() < deadline, "web did not start"
        time.sleep(0.2)


def assert_others_are_served(portal: Portal) -> None:
    """A page and a diary come, each whole within a second; one of ``TRIES`` is enough on a machine that is busy.

    All tries together are over before nginx gives the rude clients up.
    """
    assert _in_time(portal, portal.page, b"sign-in")
    assert _in_time(portal, lambda: portal.diary(next(portal.people)), b'"result":"accepted"')


def _in_time(portal: Portal, request: Callable[[], bytes], wanted: bytes) -> bool:
    for _ in range(TRIES):
        began = time.monotonic()
        with suppress(TimeoutError):
            connect = partial(portal.proxy.connect, timeout=PATIENCE_SECONDS)
            status, body = rude_clients.answer_to(connect, request())
            assert (status, wanted in body) == (200, True), (status, body[:500])
            if time.monotonic() - began < PATIENCE_SECONDS:
                return True
    return False


@pytest.mark.parametrize("way", ["closed", "reset"])
def test_two_hundred_clients_that_vanish_in_mid_post_hold_nobody_up(portal: Portal, way: str) -> None:
    with rude_clients.vanished(way, 200, portal.connect, portal.diary(next(portal.people))):
        assert_others_are_served(portal)


def test_vanished_clients_slow_bodies_and_half_heads_hold_nobody_up(portal: Portal) -> None:
    request = portal.diary(next(portal.people))
    with (
        rude_clients.vanished("silent", 200, portal.connect, request),
        rude_clients.half_heads(200, portal.connect),
        rude_clients.slow_bodies(300, portal.connect, request) as send_one_byte,
    ):
        assert_others_are_served(portal)
        send_one_byte()
        assert_others_are_served(portal)


def test_a_photograph_over_a_slow_connection_arrives_and_holds_nobody_up(portal: Portal) -> None:
    """Ten times as fast as the one below, so that it takes 12 seconds."""
    photograph_arrives(portal, bits_per_second=4_000_000)


@pytest.mark.soak
def test_a_photograph_over_400_kilobits_a_second_arrives(portal: Portal) -> None:
    photograph_arrives(portal, bits_per_second=400_000)


def photograph_arrives(portal: Portal, *, bits_per_second: int) -> None:
    person = next(portal.people)
    status, _body = rude_clients.answer_to(portal.connect, portal.diary(person))
    assert status == 200
    request = photograph(portal, person)
    half = len(request) // 2
    with portal.connect() as client:
        rude_clients.send_slowly(client, request[:half], bytes_per_second=bits_per_second // 8)
        assert_others_are_served(portal)
        rude_clients.send_slowly(client, request[half:], bytes_per_second=bits_per_second // 8)
        status, body = rude_clients.read_answer(client)
    assert status == 302, body[:500]


def photograph(portal: Portal, person: rig.Person) -> bytes:
    """A request with a JPEG of 6 MB: what follows a picture's end belongs to it, and is not looked at."""
    out = io.BytesIO()
    Image.new("RGB", (600, 400), "gray").save(out, "JPEG")
    content = out.getvalue().ljust(PHOTOGRAPH_BYTES, b"\0")
    boundary = b"------------------------portal"
    head = b'Content-Disposition: form-data; name="photo"; filename="a.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
    body = b"--" + boundary + b"\r\n" + head + content + b"\r\n--" + boundary + b"--\r\n"
    headers = {**person.headers, "Content-Type": f"multipart/form-data; boundary={boundary.decode()}"}
    return portal.request("POST", f"/photos/{person.today}", body, headers)
