"""What the shipped nginx does by itself: it leads to TLS, refuses what is too large, and passes on what is whole."""

import http.client
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.support.servers import rude_clients
from tests.support.servers.nginx import NAME, Proxy, find_nginx, running_nginx
from tests.support.servers.postgres import free_port

pytestmark = pytest.mark.skipif(find_nginx() is None, reason="nginx is not installed (apt-get install nginx)")

MEBIBYTE = 1024 * 1024
OWN_HEADERS = {
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}


class Recorder(BaseHTTPRequestHandler):
    """In the portal's place: keeps what arrives. ``/large`` answers with more than any buffer between two sockets."""

    def answer(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length)
        self.server.requests.append((self.command, self.path, dict(self.headers), body))  # type: ignore[attr-defined]
        large = self.path == "/large"
        content = b"x" * (20 * MEBIBYTE if large else 2)
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "private")
        self.end_headers()
        self.wfile.write(content)
        if large:
            self.server.sent_large.set()  # type: ignore[attr-defined]

    do_GET = do_POST = answer  # noqa: N815 - as http.server calls them

    def log_message(self, *_: Any) -> None:
        """Nothing."""


class RecordingServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 100

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Recorder)
        self.requests: list[tuple[str, str, dict[str, str], bytes]] = []
        self.sent_large = threading.Event()


@pytest.fixture(scope="module")
def recording() -> Iterator[RecordingServer]:
    with RecordingServer() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def proxy(recording: RecordingServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    with running_nginx(tmp_path_factory.mktemp("nginx"), recording.server_port) as proxy:
        yield proxy


@pytest.fixture
def portal(recording: RecordingServer) -> RecordingServer:
    recording.requests.clear()
    return recording


@contextmanager
def breaking_portal() -> Iterator[tuple[int, list[bytes]]]:
    """Takes a request and breaks off without an answer; its port, and the requests so far."""
    requests: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    client, _address = listener.accept()
                    requests.append(client.recv(65536))
                    client.close()

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listener.getsockname()[1], requests
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def ask(
    proxy: Proxy, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection(f"{NAME}:{proxy.port}")
    connection.sock = proxy.connect()
    connection.request(method, path, body, headers or {})
    response = connection.getresponse()
    response.content = response.read()  # type: ignore[attr-defined]
    connection.close()
    return response


def ask_without_tls(proxy: Proxy, path: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", proxy.plain_port, timeout=30)
    connection.request("GET", path, headers={"Host": NAME})
    response = connection.getresponse()
    response.read()
    connection.close()
    return response


def test_people_are_led_to_tls(proxy: Proxy, portal: RecordingServer) -> None:
    response = ask_without_tls(proxy, "/sign-in?next=/diary")
    assert (response.status, response.headers["Location"]) == (308, f"https://{NAME}/sign-in?next=/diary")
    assert not portal.requests


@pytest.mark.parametrize(
    "path",
    ["/webhooks/twilio/status", "/diary/sync", "/diary/device", "/calendar/feed/secret.ics", "/metrics", "/readyz"],
)
def test_machines_are_refused_without_tls(proxy: Proxy, portal: RecordingServer, path: str) -> None:
    assert ask_without_tls(proxy, path).status == 403
    assert not portal.requests


def test_metrics_are_not_shown_outside(proxy: Proxy, portal: RecordingServer) -> None:
    assert ask(proxy, "GET", "/metrics").status == 404
    assert not portal.requests


def test_another_name_is_not_served(proxy: Proxy, portal: RecordingServer) -> None:
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        ask(proxy, "GET", "/", headers={"Host": "elsewhere.example.org"})
    assert not portal.requests


def test_what_a_client_says_about_where_it_comes_from_is_replaced(proxy: Proxy, portal: RecordingServer) -> None:
    said = {"X-Forwarded-For": "10.9.8.7", "X-Forwarded-Proto": "http", "X-Forwarded-Host": "elsewhere.example.org"}
    ask(proxy, "GET", "/today", headers=said)
    ((_method, _path, headers, _body),) = portal.requests
    assert {name: headers[name] for name in said} == {
        "X-Forwarded-For": "127.0.0.1",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": f"{NAME}:{proxy.port}",
    }
    assert headers["Host"] == f"{NAME}:{proxy.port}"


def test_the_portals_headers_stand_and_missing_ones_are_added(proxy: Proxy) -> None:
    headers = ask(proxy, "GET", "/today").headers
    assert headers.get_all("Cache-Control") == ["private"]
    assert headers.get_all("X-Content-Type-Options") == ["nosniff"]


def test_an_answer_of_nginx_itself_has_the_headers_too(tmp_path: Path) -> None:
    with running_nginx(tmp_path / "nginx", free_port()) as proxy:
        response = ask(proxy, "GET", "/today")
    assert response.status == 502
    assert {name: response.headers.get(name) for name in OWN_HEADERS} == OWN_HEADERS
    assert response.headers["Server"] == "nginx"


@pytest.mark.parametrize(
    ("path", "mebibytes", "status"),
    [
        ("/diary/sync", 3, 200),
        ("/diary/sync", 5, 413),
        ("/photos/2026-11-23", 23, 200),
        ("/photos/2026-11-23", 25, 413),
    ],
)
def test_only_photographs_may_be_large(
    proxy: Proxy, portal: RecordingServer, path: str, mebibytes: int, status: int
) -> None:
    body = b"x" * (mebibytes * MEBIBYTE)
    with proxy.connect() as client:
        head = f"POST {path} HTTP/1.1\r\nHost: {NAME}\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
        client.sendall(head.encode() + (body if status == 200 else b""))
        assert rude_clients.read_answer(client)[0] == status
    assert [len(one[3]) for one in portal.requests] == ([len(body)] if status == 200 else [])


def test_half_a_body_never_reaches_the_portal(proxy: Proxy, portal: RecordingServer) -> None:
    request = f"POST /diary/sync HTTP/1.1\r\nHost: {NAME}\r\nContent-Length: 100\r\n\r\n".encode() + b"x" * 100
    for way in rude_clients.WAYS_TO_VANISH:
        with rude_clients.vanished(way, 20, proxy.connect, request):
            assert ask(proxy, "GET", "/today").status == 200
    assert [path for _method, path, _headers, _body in portal.requests] == ["/today"] * 3


def test_an_answer_leaves_the_portal_although_its_reader_stands_still(proxy: Proxy, portal: RecordingServer) -> None:
    with proxy.connect() as client:
        client.sendall(f"GET /large HTTP/1.1\r\nHost: {NAME}\r\n\r\n".encode())
        assert portal.sent_large.wait(30)


def test_a_form_is_never_sent_twice(tmp_path: Path) -> None:
    """Nobody knows how far one came when the portal broke off; a page is asked for once more."""
    with breaking_portal() as (port, requests), running_nginx(tmp_path / "nginx", port) as proxy:
        assert ask(proxy, "POST", "/diary/sync", b"{}").status == 502
        assert ask(proxy, "GET", "/today").status == 502
    assert [request.split(b" ")[0] for request in requests] == [b"POST", b"GET", b"GET"]
