"""Security headers, request ids and one log line a request. Short, because no library for it is kept up."""

import ipaddress
import secrets
import time
from typing import Final
from urllib.parse import urlsplit

import structlog
from flask import Flask, abort, current_app, g, request
from werkzeug.wrappers import Response

from portal.adapters import logs
from portal.extensions import rate_limit_key

log = logs.get_logger("web")
REFUSALS: Final = frozenset({403, 423, 429})
LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; frame-ancestors 'none'; "
    "object-src 'none'; base-uri 'none'"
)
FIXED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}


def init_headers(app: Flask) -> None:
    app.before_request(_begin)
    app.after_request(_finish)
    app.jinja_env.globals["csp_nonce"] = csp_nonce


def csp_nonce() -> str:
    nonce: str = g.csp_nonce
    return nonce


def _begin() -> None:
    g.request_id = secrets.token_hex(8)
    g.csp_nonce = secrets.token_urlsafe(16)
    g.started = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)
    if not _is_ours(request.host):
        abort(400)


def _is_ours(host: str) -> bool:
    """PUBLIC_URL's own name, or this machine; in a demo any plain address, for a phone on the same network.

    The text provider's calls are proved by a signature over PUBLIC_URL, whatever the proxy calls us by.
    """
    view = current_app.view_functions.get(request.endpoint or "")
    if getattr(view, "guard", None) == "twilio-signed":
        return True
    config = current_app.config["PORTAL"]
    called, public = urlsplit(f"//{host}"), urlsplit(config.public_url)
    if called.netloc == public.netloc or called.hostname in LOOPBACK:
        return True
    return config.env == "demo" and _is_address(called.hostname or "")


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _finish(response: Response) -> Response:
    for name, value in FIXED.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Content-Security-Policy", POLICY.format(nonce=g.csp_nonce))
    response.headers.setdefault("Cache-Control", "no-store")
    if current_app.config["PORTAL"].tls:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    route = request.url_rule.rule if request.url_rule else "none"
    milliseconds = round((time.perf_counter() - g.started) * 1000, 1)
    refused = {"who": rate_limit_key()} if response.status_code in REFUSALS else {}
    log.info("request", method=request.method, route=route, status=response.status_code, ms=milliseconds, **refused)
    return response
