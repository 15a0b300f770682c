"""What the browser is told, who is believed about addresses, and how much may be sent at once."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask import Flask, request
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import BadSignature

import portal
from config import Config
from portal.adapters import passwords
from portal.domain.access import Role
from portal.extensions import db
from tests.support.web.visitor import Visitor

PUBLIC = "https://portal.example.org"


@pytest.fixture
def secure(config: Config) -> Flask:
    """The portal in production, behind one proxy with TLS, with its limits on."""
    app = portal.create_app(replace(config, env="production", public_url=PUBLIC, trusted_proxies=1))
    yield app
    with app.app_context():
        db.session.close()
        db.engine.dispose()


def test_no_script_or_style_runs_inline_and_nobody_frames_us(client: Visitor) -> None:
    headers = client.get("/sign-in").headers
    policy = headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert {"default-src 'none'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"} <= set(
        policy.split("; ")
    )
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Opener-Policy"] == headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "geolocation=()" in headers["Permissions-Policy"]


@pytest.mark.parametrize("path", ["/sign-in", "/staff/sign-in", "/no-such-page", "/diary/device"])
def test_nothing_personal_is_kept_by_a_browser_or_a_proxy(client: Visitor, path: str) -> None:
    assert client.get(path).headers["Cache-Control"] == "no-store"


def test_staff_pages_are_not_kept_either(staff_of: Callable[[Role], Visitor]) -> None:
    assert staff_of(Role.COORDINATOR).get("/staff/participants").headers["Cache-Control"] == "no-store"


def test_with_tls_cookies_are_bound_to_the_host_and_the_browser_stays_on_tls(secure: Flask) -> None:
    answer = secure.test_client().get("/sign-in", base_url=PUBLIC)
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-portal=")
    assert all(flag in cookie for flag in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"))


def test_another_name_is_not_answered_to(secure: Flask) -> None:
    visitor = secure.test_client()
    assert visitor.get("/sign-in", base_url=PUBLIC).status_code == 200
    assert visitor.get("/sign-in", base_url="https://evil.example").status_code == 400
    forged = {"X-Forwarded-Host": "evil.example"}
    assert visitor.get("/sign-in", base_url=PUBLIC, headers=forged).status_code == 400
    assert visitor.get("/sign-in", base_url="https://10.0.0.7").status_code == 400
    assert visitor.get("/healthz", base_url="http://127.0.0.1:8000").status_code == 200


def test_a_demo_answers_a_phone_on_the_same_network_but_no_strangers_name(client: Visitor) -> None:
    assert client.get("/sign-in", base_url="http://192.168.1.20:8000").status_code == 200
    assert client.get("/sign-in", base_url="http://evil.example:8000").status_code == 400


@pytest.mark.parametrize(("proxies", "seen"), [(0, "127.0.0.1"), (1, "203.0.113.9")])
def test_only_a_trusted_proxy_is_believed_about_where_somebody_comes_from(
    config: Config, proxies: int, seen: str
) -> None:
    app = portal.create_app(replace(config, trusted_proxies=proxies))
    found: list[str | None] = []
    app.before_request(lambda: found.append(request.remote_addr))
    app.test_client().get("/healthz", headers={"X-Forwarded-For": "198.51.100.1, 203.0.113.9"})
    with app.app_context():
        db.engine.dispose()
    assert found == [seen]


@pytest.fixture
def limited(config: Config) -> Iterator[Callable[..., Flask]]:
    """Makes the portal with its limits on."""
    made: list[Flask] = []

    def make(**settings: object) -> Flask:
        made.append(portal.create_app(replace(config, testing=False, **settings)))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for app in made:
        with app.app_context():
            db.session.close()
            db.engine.dispose()


OPEN_TO_ALL = ("/sign-in", "/sign-in/forgotten", "/sign-in/code", "/activate", "/d/x", "/staff/sign-in",
               "/staff/invitation/x")  # fmt: skip


def test_an_address_that_tries_too_often_has_to_wait_with_or_without_a_token(limited: Callable[..., Flask]) -> None:
    visitor = limited().test_client()
    last = {path: [visitor.post(path).status_code for _ in range(31)][-1] for path in OPEN_TO_ALL}
    assert last == dict.fromkeys(OPEN_TO_ALL, 429)


def test_a_limit_stands_above_the_guard_on_every_route(app: Flask) -> None:
    """So that a request that the guard refuses is counted."""
    layers = {name: list(_layers(view)) for name, view in app.view_functions.items()}
    limited = {name: names for name, names in layers.items() if LIMIT in names}
    assert len(limited) >= 14
    assert [name for name, names in limited.items() if names.index(LIMIT) > names.index("guarded")] == []


LIMIT = "__inner"  # what flask-limiter calls its wrapper


def _layers(view: object) -> Iterator[str]:
    while view is not None:
        yield view.__code__.co_name  # type: ignore[attr-defined]
        view = getattr(view, "__wrapped__", None)


def test_whoever_writes_without_end_is_slowed_down_and_reading_is_not(limited: Callable[..., Flask]) -> None:
    visitor = limited().test_client()
    written = {visitor.post("/language").status_code for _ in range(600)}
    assert 429 not in written
    assert visitor.post("/language").status_code == 429
    assert visitor.get("/sign-in").status_code == 200


def test_the_providers_receipts_are_not_slowed_down(limited: Callable[..., Flask]) -> None:
    visitor = limited().test_client()
    assert {visitor.post("/webhooks/twilio/status").status_code for _ in range(601)} == {403}


@pytest.mark.allow_hosts(["127.0.0.1"])
def test_limits_hold_when_redis_is_away(limited: Callable[..., Flask]) -> None:
    visitor = limited(redis_url="redis://127.0.0.1:1/0").test_client()
    codes = [visitor.post("/staff/sign-in").status_code for _ in range(31)]
    assert (codes[0], codes[-1]) == (400, 429)


def test_more_than_two_megabytes_are_not_read(client: Visitor) -> None:
    form = "application/x-www-form-urlencoded"
    sizes = {b"x=" + b"x" * 1024: 400, b"x=" + b"x" * (2 * 1024 * 1024): 413}
    assert {body: client.post("/sign-in", data=body, content_type=form).status_code for body in sizes} == sizes
    assert client.post("/staff/sign-in", data={f"f{place}": "x" for place in range(3)}).status_code == 400


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/sign-in", "text/html; charset=utf-8"),
        ("/no-such-page", "text/html; charset=utf-8"),
        ("/healthz", "text/plain; charset=utf-8"),
        ("/readyz", "application/json"),
        ("/sw.js", "text/javascript; charset=utf-8"),
    ],
)
def test_what_is_sent_says_what_it_is(client: Visitor, path: str, kind: str) -> None:
    assert client.get(path).headers["Content-Type"] == kind


def test_a_method_that_no_route_knows_is_refused(client: Visitor) -> None:
    assert {client.open("/sign-in", method=method).status_code for method in ("TRACE", "PUT", "DELETE")} == {405}


def test_a_session_signed_with_a_weaker_hash_is_none(app: Flask, client: Visitor) -> None:
    """Flask signs with SHA-1 when nobody says otherwise."""
    weak = SecureCookieSessionInterface().get_signing_serializer(app)
    strong = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    assert weak is not None
    client.get("/sign-in")
    cookie = client.get_cookie("portal")
    assert cookie is not None
    assert strong.loads(cookie.value)["csrf_token"]
    with pytest.raises(BadSignature):
        weak.loads(cookie.value)


def test_what_is_too_large_is_not_carried_through_a_sign_in_either(client: Visitor) -> None:
    body = b"reason=" + b"x" * (2 * 1024 * 1024)
    answer = client.post("/staff/locks", data=body, content_type="application/x-www-form-urlencoded")
    assert (answer.status_code, answer.location) == (302, "/staff/sign-in")


@pytest.mark.parametrize("path", ["/sign-in", "/staff/sign-in"])
@pytest.mark.parametrize("body", [{"json": {"who": 1}}, {"data": {"who": (__file__, "x.txt")}}])
def test_a_form_takes_neither_json_nor_files(client: Visitor, path: str, body: dict[str, object]) -> None:
    assert client.post(path, **body).status_code == 415


@pytest.mark.usefixtures("both_databases")
@pytest.mark.parametrize("place", [2**63, 10**40])
def test_a_number_that_no_row_has_is_no_address(staff_of: Callable[[Role], Visitor], place: int) -> None:
    visitor = staff_of(Role.COORDINATOR)
    assert visitor.get(f"/staff/episodes/{place}").status_code == 404
    assert visitor.get(f"/staff/messages?before={place}").status_code == 200
    assert staff_of(Role.MONITOR).get(f"/staff/audit?staff={place}&before={place}").status_code == 200


@pytest.mark.usefixtures("both_databases")
@pytest.mark.parametrize("path", ["/staff/participants/RJ-001%00", "/staff/participants/%00/diaries/1"])
def test_a_name_that_no_database_holds_is_no_address(staff_of: Callable[[Role], Visitor], path: str) -> None:
    assert staff_of(Role.COORDINATOR).get(path).status_code == 404


def test_an_unknown_number_costs_the_same_slow_hash_as_a_known_one(
    client: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    real = passwords.verify_secret
    monkeypatch.setattr(passwords, "verify_secret", lambda *given: asked.append(given[0]) or real(*given))
    client.submit("/sign-in", who="13800139999", pin="123456")
    assert asked == [None]
