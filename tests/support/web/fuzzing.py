"""A world to throw things at: a small demo trial, everybody signed in, every form of every page known.

What is sent is drawn from the map of routes and the forms that the pages show, so a new route is covered by itself.
"""

import inspect
import io
import re
import shutil
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextvars import Context
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pyotp
from flask import Flask, g
from flask.testing import FlaskClient
from flask_wtf import FlaskForm
from hypothesis import strategies as st
from sqlalchemy import event, text
from twilio.request_validator import RequestValidator
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from portal import demo
from portal.extensions import db, transaction
from portal.models.audit import EXEMPT_TABLES
from tests.support.servers.postgres import run_statement
from tests.support.web.visitor import Form, Page

TOKEN = "webhook-token"
MARK = "<fuzz"
WRITE = re.compile(r"^\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+\"?(\w+)", re.IGNORECASE)
HOSTILE: Sequence[str] = (
    MARK + "'\"><script>alert(1)</script>", f'" onfocus="alert(1)" x="{MARK}', "{{7*7}}" + MARK, "${7*7}%{7*7}",
    "' OR '1'='1' --", "'; DROP TABLE participant; --", "1; SELECT pg_sleep(0)", "../../../../etc/passwd",
    "..%2f..%2fetc%2fpasswd", "C:\\windows\\win.ini", "\x00", "a\x00b", "\ud800", "\ufffe\uffff", "\u202egnp.exe",
    "٣٧", "１２３４５６", "ﬀ", "🧪" * 40, "é" * 3, "\r\nSet-Cookie: planted=1", "=HYPERLINK(\"http://evil.example\")",
    "-1", "0", "9" * 19, "9" * 40, "1e999", "NaN", "Infinity", "-0", "1_000", "0x10", "null", "true", "[]", "{}",
    "2026-02-30", "0000-00-00", "9999-12-31", "-0001-01-01", "2026-11-25T25:61:61+99:99", "24:00", "//evil.example",
    "https://evil.example/", "/\\evil.example", "javascript:alert(1)", "data:text/html,x", "%00", "%ff%fe", " ", "",
    "a" * 10_000, "病" * 3_000, "\u200b\u200d", "1" + "\u0308", "None", "undefined", "-9223372036854775809",
    "9223372036854775808", "2147483648", "1.7976931348623157e309", "1" * 400,
)  # fmt: skip
HEADERS: Sequence[Mapping[str, str]] = (
    {}, {}, {}, {"Accept-Language": "x" * 2000}, {"Accept-Language": "zh;q=nan"}, {"Cookie": "portal=x; phone=a.b"},
    {"X-Forwarded-For": "999.1.1.1, '"}, {"X-Forwarded-Host": "evil.example"}, {"Range": "bytes=9-1"},
    {"If-None-Match": '"' + "x" * 500}, {"If-Modified-Since": "never"}, {"Authorization": "Bearer \u00ff"},
    {"Origin": "https://evil.example", "Referer": "https://evil.example/"}, {"X-Requested-With": MARK},
    {"Accept-Encoding": "br;q=zz"}, {"User-Agent": MARK * 50}, {"X-Twilio-Signature": "AAAA"},
)  # fmt: skip
FORM = "application/x-www-form-urlencoded"
TYPES = ("application/json", "text/plain", "application/x-www-form-urlencoded; charset=utf-16", "multipart/form-data",
         "multipart/form-data; boundary=x", "image/png", "application/xml", "")  # fmt: skip


@dataclass
class Shot:
    """One request as it will be sent; ``about`` is what a failure says of it."""

    who: str
    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)

    def about(self) -> str:
        return f"{self.who} {self.method} {self.path!r}?{self.query[:200]!r} {self.headers} {str(self.body)[:1500]}"


@dataclass
class World:
    """``clients`` by role; ``forms`` by rule; ``names`` of fields by endpoint; ``parts`` what a path may be made of."""

    app: Flask
    people: dict[str, FlaskClient]
    rules: list[Rule]
    forms: dict[str, list[Form]]
    names: dict[str, list[str]]
    parts: dict[str, list[str]]
    keep: Path
    seen: Counter[tuple[str, int]] = field(default_factory=Counter)
    statements: list[str] = field(default_factory=list)

    def send(self, shot: Shot) -> TestResponse:
        db.session.rollback()
        self.statements.clear()
        client = self.people[shot.who]
        body = dict(shot.body)
        if "file" in body:
            name, content, called = body.pop("file")
            body["data"] = {**body["data"], name: (io.BytesIO(content), called)}
        if "cut" in body:
            body["input_stream"] = io.BytesIO(body.pop("cut"))
        send = partial(
            client.open, shot.path, method=shot.method, query_string=shot.query, headers=dict(shot.headers), **body
        )
        return Context().run(send)

    def restore(self) -> None:
        """The world as it was built, and everybody signed in again as then."""
        db.session.close()
        db.engine.dispose()
        _copy(self.app, self.keep, back=True)
        for client, cookies in self._cookies.items():
            client._cookies = dict(cookies)  # type: ignore[assignment]

    def remember(self) -> None:
        db.session.close()
        db.engine.dispose()
        _copy(self.app, self.keep, back=False)
        self._cookies = {client: dict(client._cookies or {}) for client in self.people.values()}


def build(app: Flask, keep: Path) -> World:
    """Seed, sign everybody in, read every page's forms."""
    app.config.update(WTF_CSRF_METHODS=set(), PROPAGATE_EXCEPTIONS=False)
    app.before_request_funcs.setdefault(None, []).append(_trust)  # past the token, which has tests of its own
    now = datetime.now(UTC)
    trial = demo.build_trial(transaction, participants=4, seed=7, now=now - timedelta(seconds=1))
    people: dict[str, FlaskClient] = {"nobody": app.test_client()}
    for member in trial.staff:
        people[str(member.role)] = app.test_client()
        code = pyotp.TOTP(member.totp_secret).now()
        given = {"email": member.email, "password": member.password, "code": code}
        assert people[str(member.role)].post("/staff/sign-in", data=given).status_code == 302
    holder = next(one for person in trial.people for one in person.holders if one.pin)
    people["participant"] = app.test_client()
    answer = people["participant"].post("/sign-in", data={"who": holder.phone, "pin": holder.pin, "remember": "y"})
    assert answer.status_code == 302
    rules = [rule for rule in app.url_map.iter_rules() if not rule.rule.startswith("/static")]
    cards = [one.card_code for person in trial.people for one in person.holders]
    parts = {
        "study_number": [person.study_number for person in trial.people],
        "day": [(now - timedelta(days=ago)).date().isoformat() for ago in range(3)],
        "name": ["how-you-are", "skin", "stomach", "bowel", "liver-medicines", "review", "anything-else"],
        "site": ["RJ"],
        "monday": [(now - timedelta(days=now.weekday() - 7 * ahead)).date().isoformat() for ahead in range(2)],
        "language": ["en", "zh-CN"],
        "token": cards[:2],
        "int": ["1", "2", "3", "4", "5"],
    }
    world = World(app, people, rules, defaultdict(list), {}, parts, keep)
    world.names = {rule.endpoint: _names(app, rule.endpoint) for rule in rules}
    _read_forms(world)
    event.listen(db.engine, "before_cursor_execute", lambda *seen: world.statements.append(seen[2]))
    world.remember()
    return world


def _trust() -> None:
    g.csrf_valid = True


def _names(app: Flask, endpoint: str) -> list[str]:
    """What a view may read: the fields of the forms beside it, and the names that it asks a request for."""
    module = sys.modules[inspect.unwrap(app.view_functions[endpoint]).__module__]
    found = set(re.findall(r'(?:form|args|get|files|sent)\W{1,8}"([\w-]+)"', inspect.getsource(module)))
    for one in vars(module).values():
        if inspect.isclass(one) and issubclass(one, FlaskForm):
            fields = inspect.getmembers(one, lambda value: hasattr(value, "field_class"))
            found |= {name for name, _ in fields}
    return sorted(found) or ["q"]


def _read_forms(world: World) -> None:
    """Open every page as whoever may, and keep what it would send, under the rule that takes it."""
    adapter = world.app.url_map.bind("localhost")
    for rule in world.rules:
        if "GET" not in (rule.methods or ()):
            continue
        for client in world.people.values():
            for path in _paths(world, rule):
                response = client.get(path)
                if response.status_code == 200 and response.mimetype == "text/html":
                    _keep_forms(world, adapter, Page(response.text).forms)


def _paths(world: World, rule: Rule) -> Iterator[str]:
    """One or two real addresses of a rule."""
    for place in range(2 if rule.arguments else 1):
        values = {name: _choices(world, rule, name)[place % 2] for name in rule.arguments}
        built = rule.build(values)
        if built is not None:
            yield built[1].split("?")[0]


def _choices(world: World, rule: Rule, name: str) -> list[str]:
    any_of = re.search(rf"<any\(([^)]*)\):{name}>", rule.rule)
    if any_of:
        return [one.strip(" '\"") for one in any_of[1].split(",")] * 2
    known = world.parts.get(name) or world.parts["int"]
    return known * 2


def _keep_forms(world: World, adapter: Any, forms: Sequence[Form]) -> None:
    for form in forms:
        path = form.action.split("?")[0]
        try:
            rule, _ = adapter.match(path, method=form.method.upper(), return_rule=True)
        except Exception:
            continue
        known = world.forms[rule.rule]
        if len(known) < 12 and form.names not in [one.names for one in known]:
            form.action = path
            known.append(form)


def shots(world: World) -> st.SearchStrategy[Shot]:
    """A request to some route by somebody, with some of it hostile."""
    return st.builds(partial(_shot, world), st.sampled_from(world.rules), st.randoms(use_true_random=False), _values())


def _values() -> st.SearchStrategy[list[str]]:
    anything = st.text(max_size=40) | st.integers().map(str) | st.floats().map(str) | st.dates().map(str)
    return st.lists(st.sampled_from(HOSTILE) | anything, min_size=1, max_size=6)


def _shot(world: World, rule: Rule, dice: Any, values: list[str]) -> Shot:
    methods = sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}) or ["GET"]
    method = (
        dice.choice(methods) if dice.random() < 0.95 else dice.choice(["PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"])
    )
    forms = world.forms.get(rule.rule) if method == "POST" else None
    form = dice.choice(forms) if forms and dice.random() < 0.8 else None
    path = form.action if form and dice.random() < 0.8 else _path(world, rule, dice, values)
    who = _who(world, rule, dice)
    query = _encoded(_mixed(world, rule, dice, values, {})) if dice.random() < 0.4 else ""
    body = _body(world, rule, dice, values, form) if method in {"POST", "PUT", "PATCH"} else {}
    headers = dict(dice.choice(HEADERS))
    if rule.rule.startswith("/webhooks") and dice.random() < 0.8:
        body = {"data": {name: _sound(value)[:200] for name, value in _mixed(world, rule, dice, values, {}).items()}}
        address = world.app.config["PORTAL"].public_url + path + (f"?{query}" if query else "")
        headers["X-Twilio-Signature"] = RequestValidator(TOKEN).compute_signature(address, body["data"])
    return Shot(who, method, path, query, headers, body)


def _sound(value: Any) -> str:
    """Without half characters, which nobody could sign."""
    return str(value).encode("utf-8", "replace").decode()


def _who(world: World, rule: Rule, dice: Any) -> str:
    """Mostly somebody who may: a refusal at the door teaches little."""
    guard = str(world.app.view_functions[rule.endpoint].guard)  # type: ignore[attr-defined]
    if dice.random() < 0.1:
        return str(dice.choice(sorted(world.people)))
    if guard == "patient":
        return "participant"
    if guard.startswith("staff:"):
        from portal.domain.access import GRANTS, Permission, Role

        permission = Permission(guard.removeprefix("staff:"))
        able = [str(role) for role in Role if permission in GRANTS[role] and str(role) in world.people]
        return str(dice.choice(able))
    return "nobody" if dice.random() < 0.7 else str(dice.choice(sorted(world.people)))


def _path(world: World, rule: Rule, dice: Any, values: list[str]) -> str:
    def fill(found: re.Match[str]) -> str:
        name = found[1].split(":")[-1]
        if dice.random() < 0.25:
            from urllib.parse import quote

            return quote(dice.choice(values).encode("utf-8", "surrogatepass"), safe="")
        return str(dice.choice(_choices(world, rule, name)))

    return re.sub(r"<([^<>]*)>", fill, rule.rule)


def _mixed(world: World, rule: Rule, dice: Any, values: list[str], start: Mapping[str, Any]) -> dict[str, Any]:
    mixed = dict(start)
    names = [*(start or ()), *world.names[rule.endpoint]]
    for value in values[: dice.randint(1, 4)]:
        mixed[dice.choice(names)] = value
    if dice.random() < 0.15 and mixed:
        mixed.pop(dice.choice(sorted(mixed)))
    return mixed


def _encoded(values: Mapping[str, Any]) -> str:
    from urllib.parse import quote

    def one(value: Any) -> str:
        return quote(str(value)[:1500].encode("utf-8", "surrogatepass"))

    return "&".join(f"{one(name)}={one(value)}" for name, value in values.items())


def _body(world: World, rule: Rule, dice: Any, values: list[str], form: Form | None) -> dict[str, Any]:
    start = dict(form.values) if form else {}
    if form and form.buttons and dice.random() < 0.8:
        name, value = dice.choice(form.buttons)
        start[name] = value
    if form:
        start |= {name: dice.choice(values) for name in form.names if name not in start and dice.random() < 0.5}
    filled = _mixed(world, rule, dice, values, start) if dice.random() < 0.9 else start
    sendable = {name: str(value).encode("utf-8", "surrogatepass") for name, value in filled.items()}
    kind = dice.random()
    if kind < 0.62:
        return {"data": _encoded_form(sendable), "content_type": FORM}
    if kind < 0.74:
        return {"json": _json(dice, values, filled)}
    if kind < 0.86:
        named = {name: str(value).encode("utf-8", "replace").decode() for name, value in filled.items()}
        field_ = dice.choice([*world.names[rule.endpoint], "photo"])
        file = (field_, dice.choice(FILES), dice.choice(["x.jpg", "../../x.png", MARK + ".svg", "x"]))
        return {"data": named, "file": file}
    if kind < 0.9:
        return {
            "data": b"x=" + b"9" * dice.choice([600_000, 3_000_000]),
            "content_type": FORM,
        }
    if kind < 0.95:
        raw = _encoded_form(sendable)
        return {"cut": raw[: len(raw) // 2], "content_type": FORM,
                "environ_overrides": {"CONTENT_LENGTH": str(len(raw) + 10)}}  # fmt: skip
    return {
        "data": dice.choice([b"\xff\xfe\x00", b"{", b"[" * 5000, b"--x\r\n", b""]),
        "content_type": dice.choice(TYPES),
    }


BROKEN = (b"\xff\xfe\x00", b"{", b"[" * 5000, b"--x\r\n", b"")
FILES = (b"", b"GIF89a", b"\xff\xd8\xff\xe0" + b"\0" * 200, b"\x89PNG\r\n\x1a\n" + b"\0" * 64, b"<svg onload=alert(1)>",
         b"%PDF-1.7", b"PK\x03\x04" + b"\0" * 100, b"\0" * 300_000)  # fmt: skip


def _encoded_form(values: Mapping[str, bytes]) -> bytes:
    from urllib.parse import quote_from_bytes

    return "&".join(
        f"{quote_from_bytes(name.encode())}={quote_from_bytes(value)}" for name, value in values.items()
    ).encode()


def _json(dice: Any, values: list[str], filled: Mapping[str, Any]) -> Any:
    """Right names with wrong types, and wrong shapes altogether."""
    odd = [
        None,
        True,
        -1,
        1.5,
        10**30,
        [],
        {},
        [[]],
        {"a": {"b": []}},
        *(value.encode("utf-8", "replace").decode() for value in values),
    ]
    shaped = {name: dice.choice(odd) for name in filled}
    today = datetime.now(UTC)
    sync = {
        "account": dice.choice([1, 1, 1, *odd]), "entered_at": dice.choice([today.isoformat(), *odd]),
        "offset_minutes": dice.choice([480, *odd]), "client_id": dice.choice([f"c{dice.random()}", *odd]),
        "diary_on": dice.choice([today.date().isoformat(), *odd]), "language": dice.choice(["en", *odd]),
        "raw": dice.choice([{"temperature-taken": dice.choice(odd), "skin-change": ["no"]}, {}, *odd]),
        "contact": dice.choice(odd),
    }  # fmt: skip
    return dice.choice([shaped, sync, sync, dice.choice(odd)])


def _is_planted(name: str, value: str) -> bool:
    """A line of its own. The words alone may stand in a Location, spelled as an address."""
    return (name == "Set-Cookie" and value.startswith("planted")) or bool({"\r", "\n"} & {*value})


def faults(world: World, response: TestResponse) -> list[str]:
    """What no answer may be."""
    found = [f"status {response.status_code}"] if response.status_code >= 500 else []
    if response.mimetype in {"text/html", "image/svg+xml", "application/xhtml+xml"} and MARK in response.text:
        found.append("reflected as it came")
    if "location" in response.headers and not _is_here(response.headers["location"]):
        found.append(f"leads to {response.headers['location']}")
    if any(_is_planted(name, value) for name, value in response.headers):
        found.append("a header of the sender's own")
    tables = {match[1] for one in world.statements if (match := WRITE.match(one))}
    if tables - EXEMPT_TABLES and "audit_event" not in tables:
        found.append(f"changed {sorted(tables - EXEMPT_TABLES)} and nobody said who")
    return found


def _is_here(target: str) -> bool:
    target = target.removeprefix("http://localhost")  # where slashes are merged, the answer names our own host
    return target.startswith("/") and not target.startswith(("//", "/\\"))


def _copy(app: Flask, keep: Path, *, back: bool) -> None:
    url = db.engine.url
    if url.get_backend_name() == "sqlite":
        live = Path(str(url.database))
        if not back:
            with db.engine.connect() as connection:
                connection.execute(text("SELECT 1"))
                connection.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]
            db.engine.dispose()
        for beside in ("-wal", "-shm"):
            Path(f"{live}{beside}").unlink(missing_ok=True)
        shutil.copy(keep if back else live, live if back else keep)
        return
    server = url.set(drivername="postgresql").render_as_string(hide_password=False).rsplit("/", 1)[0]
    name, kept = str(url.database), f"{url.database}_kept"
    source, target = (kept, name) if back else (name, kept)
    run_statement(f"{server}/postgres", f"DROP DATABASE IF EXISTS {target} WITH (FORCE)")
    run_statement(f"{server}/postgres", f"CREATE DATABASE {target} TEMPLATE {source}")
