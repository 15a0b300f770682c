"""A sender for a provider as mainland China has them, and that provider on loopback: the proof that the door is open.

Such a provider takes the number, the id of a registered wording, its values as JSON and our own reference; it keeps a
list by number and day, in which that reference stands. No words of ours are sent.
"""

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from portal.adapters.sms import Accepted, ListedMessage, OutgoingMessage, Rejected, Retryable, SendOutcome, Unknown
from portal.domain.messages import MessageReason

FINAL = {
    "isv.MOBILE_NUMBER_ILLEGAL": MessageReason.NOT_A_MOBILE,
    "isv.TEMPLATE_MISSING": MessageReason.PROVIDER_REFUSED,
}
STATUSES = {1: "sending", 2: "undelivered", 3: "delivered"}


@dataclass(frozen=True, slots=True)
class MainlandSender:
    """Behind the same protocol as every other sender."""

    url: str
    signature: str
    name: str = "mainland"

    def send(self, text: OutgoingMessage, *, timeout: timedelta) -> SendOutcome:
        order = {
            "PhoneNumbers": text.to.removeprefix("+86"),
            "SignName": self.signature,
            "TemplateCode": text.approvals.get(self.name, ""),
            "TemplateParam": dict(text.values),
            "OutId": text.reference,
        }
        try:
            answer = self._post("/send", order, timeout)
        except urllib.error.HTTPError as error:
            return Retryable(MessageReason.PROVIDER_BUSY, "429") if error.code == 429 else Unknown(str(error.code))
        except OSError:
            return Unknown("no-answer")
        if answer["Code"] == "OK":
            return Accepted(answer["BizId"], "accepted")
        return Rejected(FINAL.get(answer["Code"], MessageReason.PROVIDER_REFUSED), answer["Code"][-12:])

    def find(self, text: OutgoingMessage, *, since: datetime, timeout: timedelta) -> tuple[ListedMessage, ...] | None:
        """By our own reference: with such a provider there is nothing to guess."""
        try:
            answer = self._post("/query", {"PhoneNumber": text.to.removeprefix("+86")}, timeout)
        except OSError:
            return None
        return tuple(
            ListedMessage(one["BizId"], STATUSES[one["SendStatus"]], None, datetime.fromisoformat(one["SendDate"]))
            for one in answer["Details"]
            if one["OutId"] == text.reference and datetime.fromisoformat(one["SendDate"]) >= since
        )

    def signature_is_valid(self, url: str, form: Mapping[str, str], signature: str) -> bool:
        return False

    def _post(self, path: str, order: Mapping[str, Any], timeout: timedelta) -> dict[str, Any]:
        request = urllib.request.Request(self.url + path, json.dumps(order).encode())
        with urllib.request.urlopen(request, timeout=timeout.total_seconds()) as answer:
            return dict(json.load(answer))


@dataclass
class Mainland:
    """``taken`` are the orders. ``templates`` are on file; ``mute`` takes the next order and answers 500."""

    url: str
    templates: frozenset[str] = frozenset()
    mute: bool = False
    taken: list[dict[str, Any]] = field(default_factory=list)

    def send(self, order: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if order["TemplateCode"] not in self.templates:
            return 200, {"Code": "isv.TEMPLATE_MISSING"}
        biz = f"B{len(self.taken)}"
        self.taken.append({**order, "BizId": biz, "SendStatus": 3, "SendDate": datetime.now(UTC).isoformat()})
        muted, self.mute = self.mute, False
        return (500, {}) if muted else (200, {"Code": "OK", "BizId": biz})

    def query(self, order: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        return 200, {"Details": [one for one in self.taken if one["PhoneNumbers"] == order["PhoneNumber"]]}


@contextmanager
def local_mainland() -> Iterator[Mainland]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            order = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, body = {"/send": here.send, "/query": here.query}[self.path](order)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    here = Mainland(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield here
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
