"""The provider's receipts: signed, twice, out of order, and sent again while nobody answers."""

import random
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator

from tests.support.servers.twilio import TOKEN

STATUSES = ("sent", "delivered", "delivered")
PATIENCE = 400  # tries of a tenth of a second and more


class Receipts:
    """Calls each text's own address back, from a few threads. ``stop`` ends what still tries."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(4, thread_name_prefix="receipts")
        self._validator = RequestValidator(TOKEN)
        self._stopped = False

    def __call__(self, text: dict[str, Any]) -> None:
        statuses = random.sample(STATUSES, len(STATUSES))
        self._pool.submit(self._tell_all, text["callback"], text["sid"], statuses)

    def stop(self) -> None:
        self._stopped = True
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _tell_all(self, url: str, sid: str, statuses: list[str]) -> None:
        for status in statuses:
            self._tell(url, {"MessageSid": sid, "MessageStatus": status})

    def _tell(self, url: str, form: dict[str, str]) -> None:
        signature = self._validator.compute_signature(url, form)
        for _ in range(PATIENCE):
            if self._stopped or _posted(url, form, signature):
                return
            time.sleep(0.1)


def _posted(url: str, form: dict[str, str], signature: str) -> bool:
    request = urllib.request.Request(url, urlencode(form).encode(), {"X-Twilio-Signature": signature})
    try:
        with urllib.request.urlopen(request, timeout=15) as answer:
            return bool(answer.status == 204)
    except (urllib.error.URLError, OSError):
        return False
