"""Pages go over the wire compressed; a random name in the gzip header hides how well a guessed secret compresses."""

import gzip
import io
import secrets

from flask import Flask, request
from werkzeug.wrappers import Response

SMALLEST = 700
LEVEL = 6
PACKED = frozenset(("text/html", "application/json", "application/manifest+json", "text/javascript"))


def init_compression(app: Flask) -> None:
    app.after_request(compress_response)


def compress_response(response: Response) -> Response:
    """gzip, where the browser takes it and it is worth it. What is compressed already, or a stream, stays as it is."""
    plain = response.mimetype in PACKED and "Content-Encoding" not in response.headers and not response.is_streamed
    if not plain or request.accept_encodings["gzip"] <= 0:
        return response
    body = response.get_data()
    if len(body) < SMALLEST or response.status_code == 304:
        return response
    response.set_data(_packed(body))
    response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    return response


def _packed(body: bytes) -> bytes:
    """The length varies by up to 32 bytes from answer to answer (BREACH, 2013)."""
    out = io.BytesIO()
    padding = "x" * (1 + secrets.randbelow(32))
    with gzip.GzipFile(padding, "wb", LEVEL, out, mtime=0) as file:
        file.write(body)
    return out.getvalue()
