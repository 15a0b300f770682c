"""A real server on a free port and the browser of these tests: Debian's Chromium, else Playwright's own."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, expect
from werkzeug.serving import WSGIRequestHandler, make_server

from config import Config
from tests.support.browser.actions import Open
from tests.support.chromium import find_chromium

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
expect.set_options(timeout=20_000)  # two cores run two browsers and a PostgreSQL


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_type_launch_args, "executable_path": find_chromium(), "args": ["--no-sandbox"]}


@pytest.fixture(scope="session")
def base_url() -> None:
    """Stands in for pytest-base-url's own fixture, whose form pytest has begun to deprecate."""


class Quiet(WSGIRequestHandler):
    def log(self, *_: Any) -> None:
        """Nothing: the portal writes its own line."""


@pytest.fixture
def live(config: Config) -> Iterator[Flask]:
    """The portal behind a real socket; ``app.config["PORTAL"].public_url`` says where."""
    import portal
    from portal.extensions import db

    placeholder = Flask("placeholder")
    server = make_server("127.0.0.1", 0, placeholder, threaded=True, request_handler=Quiet)
    app = portal.create_app(replace(config, public_url=f"http://127.0.0.1:{server.server_port}"))
    server.app = app
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    with app.app_context():
        yield app
        db.session.close()
        server.shutdown()
        thread.join()
        server.server_close()
        db.engine.dispose()


@pytest.fixture
def visit(browser: Browser, live: Flask) -> Iterator[Open]:
    """Open a browser of one's own: a phone unless ``desk``, Chinese unless ``locale`` says otherwise."""
    contexts: list[BrowserContext] = []

    def open_(*, desk: bool = False, locale: str = "zh-CN", **options: Any) -> BrowserContext:
        context = browser.new_context(
            viewport=DESK if desk else PHONE,  # type: ignore[arg-type]
            locale=locale,
            base_url=live.config["PORTAL"].public_url,
            **options,
        )
        context.set_default_timeout(30_000)
        contexts.append(context)
        return context

    yield open_
    for context in contexts:
        context.close()
