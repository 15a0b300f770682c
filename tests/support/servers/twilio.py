"""A Twilio of our own on loopback: it takes texts, lists them and forgets nothing. Its account's token opens it."""

import base64
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

SID = "AC" + "0" * 32
TOKEN = "local-token"
AUTHORIZATION = "Basic " + base64.b64encode(f"{SID}:{TOKEN}".encode()).decode()
Answer = tuple[int, dict[str, Any]]


@dataclass
class LocalTwilio:
    """``texts`` is what was taken, oldest first. ``refuse`` may answer instead; ``before`` and ``after`` wait.

    The list lags behind by ``listing_delay`` seconds. ``taken`` hears of each text, once it is in ``texts``.
    """

    url: str
    texts: list[dict[str, Any]] = field(default_factory=list)
    refuse: Callable[[dict[str, str]], Answer | None] = lambda _form: None
    before_seconds: float = 0.0
    after_seconds: float = 0.0
    listing_delay: float = 0.0
    taken: Callable[[dict[str, Any]], None] = lambda _text: None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, form: dict[str, str]) -> Answer:
        refused = self.refuse(form)
        if refused is not None:
            return refused
        time.sleep(self.before_seconds)
        with self.lock:
            text = self._new(form)
            self.texts.append(text)
        self.taken(text)
        time.sleep(self.after_seconds)
        return 201, text

    def _new(self, form: dict[str, str]) -> dict[str, Any]:
        now = format_datetime(datetime.now(UTC))
        return {
            "sid": f"SM{len(self.texts):032}", "account_sid": SID, "to": form["To"], "from": form.get("From"),
            "messaging_service_sid": form.get("MessagingServiceSid"), "body": form["Body"], "status": "queued",
            "date_created": now, "date_updated": now, "date_sent": None, "error_code": None, "error_message": None,
            "num_segments": "1", "num_media": "0", "direction": "outbound-api", "api_version": "2010-04-01",
            "price": None, "price_unit": "USD", "uri": f"/2010-04-01/Accounts/{SID}/Messages.json",
            "subresource_uris": {}, "callback": form.get("StatusCallback"),
            "taken_at": time.monotonic(),
        }  # fmt: skip

    def listed(self, to: str | None) -> Answer:
        with self.lock:
            shown = time.monotonic() - self.listing_delay
            found = [one for one in reversed(self.texts) if to in {None, one["to"]} and one["taken_at"] <= shown]
        page = {"page": 0, "page_size": 50, "next_page_uri": None, "start": 0, "end": len(found)}
        return 200, {"messages": found, **page}

    def one(self, sid: str) -> Answer:
        with self.lock:
            found = [text for text in self.texts if text["sid"] == sid]
        return (200, found[0]) if found else (404, {"code": 20404, "message": "not found", "status": 404})


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    twilio: LocalTwilio

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        form = {key: value[0] for key, value in parse_qs(self.rfile.read(length).decode()).items()}
        self._answer(lambda: self.twilio.take(form))

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path.endswith("/Messages.json"):
            to = parse_qs(parts.query).get("To", [None])[0]
            self._answer(lambda: self.twilio.listed(to))
        else:
            sid = parts.path.rsplit("/", 1)[1].removesuffix(".json")
            self._answer(lambda: self.twilio.one(sid))

    def _answer(self, make: Callable[[], Answer]) -> None:
        known = self.headers.get("Authorization") == AUTHORIZATION
        status, body = make() if known else (401, {"code": 20003, "message": "Authenticate", "status": 401})
        payload = json.dumps(body).encode()
        try:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # the caller was killed or lost patience: the text is taken all the same

    def log_message(self, *_arguments: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_arguments: object) -> None:
        pass


@contextmanager
def local_twilio() -> Iterator[LocalTwilio]:
    handler = type("Handler", (_Handler,), {})
    server = _Server(("127.0.0.1", 0), handler)
    twilio = LocalTwilio(f"http://127.0.0.1:{server.server_port}")
    handler.twilio = twilio  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield twilio
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
