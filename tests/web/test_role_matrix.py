"""Every route, asked for by everybody, for their own records and for others': exactly what the grants table says."""

import json
import re
import sqlite3
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from contextvars import Context
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import AnyConverter, Rule
from werkzeug.test import TestResponse

from config import Config
from portal.domain.access import GRANTS, STAFF_ROLES, Permission, Role
from portal.extensions import db
from tests.support.web import role_lines, role_world
from tests.support.web.role_world import BESIDE, FOREIGN, MISSING, OWN, Somebody
from tests.support.web.sign_in import activate, sign_in, sign_in_staff
from tests.support.web.visitor import Visitor

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
ANSWERED = frozenset({200, 302, 304, 409, 422})
ACCOUNTS = (Role.PARTICIPANT, Role.GUARDIAN, Role.CAREGIVER)
EVERYBODY: tuple[Role | None, ...] = (None, *ACCOUNTS, *STAFF_ROLES)
NOISE = re.compile(r'nonce="[^"]*"|name="(csrf_token|client-id)"[^>]*>|"contact": ?"[^"]*"|[A-Za-z0-9_.-]{60,}=*')
NOBODYS: Mapping[type, Any] = {int: 987_654_321, str: "ZZ-987"}


@dataclass(frozen=True, slots=True)
class Way:
    """One method of one route. ``records``: its parameters that name somebody's record."""

    rule: Rule
    method: str
    guard: str
    records: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.method} {self.rule.rule}"

    def targets(self) -> Iterator[tuple[str, dict[str, str]]]:
        """Whose record each parameter names: all one's own, all of another, and each one of another among one's own."""
        yield OWN, dict.fromkeys(self.records, OWN)
        if not self.records:
            return
        for who in (MISSING, FOREIGN):
            yield who, dict.fromkeys(self.records, who)
        if self.guard == "patient":
            yield BESIDE, dict.fromkeys(self.records, BESIDE)
        elif len(self.records) > 1:
            for name in self.records:
                for who in (BESIDE, FOREIGN):
                    yield f"{who} {name}", {**dict.fromkeys(self.records, OWN), name: who}


def ways(app: Flask, known: Mapping[str, Any]) -> list[Way]:
    """Every method of every route. A parameter that nobody has said a word about is a fault of this test's tables."""
    unknown, found = [], []
    for rule in app.url_map.iter_rules():
        names = {name for name in rule.arguments if rule.endpoint not in role_lines.OF_NOBODY}
        unknown += [f"{rule.rule}: {name}" for name in sorted(names - set(known) - set(fixed(rule)))]
        guard = str(app.view_functions[rule.endpoint].guard)  # type: ignore[attr-defined]
        records = tuple(sorted(names & set(known)))
        found += [Way(rule, method, guard, records) for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})]
    assert not unknown, (
        f"new parameters {unknown}: say in tests/web/role_lines.py what they name (FIXED: nobody's record), "
        "or give everybody in tests/web/role_world.py such a record"
    )
    return found


def fixed(rule: Rule) -> Mapping[str, Any]:
    """Values of parameters that name nobody's record: what a route lists itself, else what the tables say."""
    listed = {name: one.items for name, one in rule._converters.items() if isinstance(one, AnyConverter)}
    chosen = {
        name: next(filter(items.__contains__, role_lines.FROM_THE_START), min(items)) for name, items in listed.items()
    }
    return {**chosen, **role_lines.FIXED}


@dataclass(slots=True)
class Asking:
    """Somebody at the door, and a way to undo whatever they did. How a page is built is for other tests to see."""

    visitor: Visitor
    role: Role | None
    people: Mapping[str, Somebody]
    own: Mapping[str, Any]
    token: str
    undo: Callable[[], None]

    def ask(self, way: Way, whose: Mapping[str, str]) -> TestResponse:
        cookies = dict(self.visitor._cookies)
        db.session.rollback()
        knock = partial(FlaskClient.open, self.visitor, self._address(way, whose), method=way.method)
        answer = Context().run(partial(knock, **self._sent(way, whose)))
        answer.get_data()
        self.visitor._cookies = cookies
        if way.method not in SAFE and answer.status_code in ANSWERED:
            self.undo()
        return answer

    def _address(self, way: Way, whose: Mapping[str, str]) -> str:
        given = {name: self._id(name, who) for name, who in whose.items()}
        others = {name: fixed(way.rule).get(name, "x") for name in way.rule.arguments - set(given)}
        built = way.rule.build({**others, **given})
        assert built is not None, way.name
        return built[1]

    def _sent(self, way: Way, whose: Mapping[str, str]) -> dict[str, Any]:
        if way.method in SAFE:
            return {}
        headers, endpoint = {"X-CSRFToken": self.token}, way.rule.endpoint
        who = next(iter(whose.values()), OWN)
        named = {name: self._id(name, who) for name in role_lines.SENT_IDS.get(endpoint, ())}
        values = {**role_lines.SENT.get(endpoint, {}), **named}
        return {"headers": headers, "json" if endpoint in role_lines.JSON else "data": values}

    def _id(self, name: str, who: str) -> Any:
        if who == MISSING:
            return NOBODYS[type(self.own[name])]
        return self.own[name] if who == OWN else self.people[who].ids[name]


@pytest.fixture
def people(app: Flask, clock: object, config: Config) -> dict[str, Somebody]:
    return role_world.build(config.files_dir)


@pytest.fixture
def arrive(
    app: Flask, visitors: Callable[[], Visitor], people: dict[str, Somebody], tmp_path: Path, database_url: str
) -> Callable[[Role | None], Asking]:
    live, kept = database_url.removeprefix("sqlite:///"), tmp_path / "kept.sqlite3"

    def copy(source: str | Path, target: str | Path) -> None:
        with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(target)) as other:
            one.backup(other)

    def come(role: Role | None) -> Asking:
        visitor, own = visitors(), dict(people[OWN].ids)
        if role in ACCOUNTS:
            activate(people[OWN].cards[role])
            sign_in(visitor, who=people[OWN].phones[ACCOUNTS.index(role)])
            own |= role_world.of_account(people[OWN], role)
        elif role is not None:
            sign_in_staff(visitor, role)
        page = visitor.visit({None: "/sign-in"}.get(role, "/settings" if role in ACCOUNTS else "/staff/study"))
        token = next(value for form in page.forms for name, value in form.values if name == "csrf_token")
        copy(live, kept)
        return Asking(visitor, role, people, own, token, lambda: copy(kept, live))

    return come


def surprises(asking: Asking, way: Way) -> Iterator[str]:
    """Whatever the tables do not say, in words; nothing for an answer that is as it should be."""
    unlike = None
    for target, whose in way.targets():
        answer = asking.ask(way, whose)
        said = f"{asking.role or 'anonymous'}: {way.name} ({target})"
        if problem := wrong(asking.role, way, target, answer):
            yield f"{said}: {problem}"
        elif leaked := [mark for mark in hidden(asking, way) if mark in body(answer)]:
            yield f"{said}: shows {leaked}"
        elif target in (MISSING, FOREIGN, BESIDE):
            plain = without_noise(answer)
            if unlike not in (None, plain):
                yield f"{said}: not answered like a record that does not exist"
            unlike = plain


def wrong(role: Role | None, way: Way, target: str, answer: TestResponse) -> str | None:
    """The answer that the tables promise, or what came instead."""
    status = answer.status_code
    if way.guard == "public":
        return f"answered {status}" if status >= 500 else None
    if way.guard == "twilio-signed":
        return None if status == 403 else f"answered {status}, not signed"
    if role is None or (role in ACCOUNTS and way.guard != "patient"):
        return not_at_the_door(way, answer)
    allowed = ANSWERED
    if not granted(role, way):
        allowed = frozenset({403})
    elif target != OWN or way.rule.endpoint in role_lines.NOBODYS:
        allowed = frozenset({404, role_lines.UNREACHED.get(way.rule.endpoint, 404)})
    return None if status in allowed else f"answered {status}, not one of {sorted(allowed)}"


def not_at_the_door(way: Way, answer: TestResponse) -> str | None:
    """Nothing when somebody who is not signed in, or not as staff, is sent to where one signs in."""
    door, to = "/sign-in" if way.guard == "patient" else "/staff/sign-in", answer.headers.get("Location", "")
    carried = way.rule.endpoint in role_lines.CARRIED and 'action="/sign-in"' in body(answer)
    sent = answer.status_code == 302 and to.startswith(door)
    return None if carried or sent else f"answered {answer.status_code} {to}, not sent to {door}"


def granted(role: Role, way: Way) -> bool:
    if way.guard == "patient":
        return role in role_lines.ONLY.get(way.rule.endpoint, ACCOUNTS)
    wanted = {Permission(way.guard.removeprefix("staff:")), *filter(None, [role_lines.ALSO.get(way.rule.endpoint)])}
    return wanted <= GRANTS[role]


def hidden(asking: Asking, way: Way) -> tuple[str, ...]:
    """What may not stand in an answer to this role: anybody's of another site, names that were not asked for."""
    people = asking.people
    if asking.role in ACCOUNTS:
        return (*people[FOREIGN].marks, *people[BESIDE].marks)
    if way.guard == f"staff:{Permission.IDENTIFIERS_READ}" or way.rule.endpoint in role_lines.REVEALS:
        return people[FOREIGN].marks
    named = tuple(mark for who in (OWN, BESIDE) for mark in (*people[who].names, *people[who].phones))
    numbers = () if sees_participants(asking.role) else (people[OWN].number, people[BESIDE].number)
    return (*people[FOREIGN].marks, *named, *numbers)


def sees_participants(role: Role | None) -> bool:
    return role is not None and Permission.PARTICIPANTS_READ in GRANTS[role]


def body(answer: TestResponse) -> str:
    """Without the address that was asked for: whoever typed it knows it."""
    words = answer.get_data().decode("utf-8", "replace")
    for told in (answer.request.path, quote(answer.request.path, safe="")):
        words = words.replace(told, "")
    return words


def without_noise(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, NOISE.sub("", body(answer))


def test_every_route_answers_everybody_as_the_grants_say(
    app: Flask, arrive: Callable[[Role | None], Asking], people: dict[str, Somebody], capsys: pytest.CaptureFixture[str]
) -> None:
    every = ways(app, people[OWN].ids)
    asked, found = 0, []
    for role in EVERYBODY:
        asking = arrive(role)
        for way in every:
            asked += len(list(way.targets()))
            found += surprises(asking, way)
    told = {"routes": len(every), "roles": len(EVERYBODY), "requests": asked, "surprises": len(found)}
    with capsys.disabled():
        sys.stdout.write(f"\n{json.dumps({'role_matrix': told})}\n")
    assert found == [], "\n".join(found)


@pytest.mark.parametrize("role", [Role.PARTICIPANT, *STAFF_ROLES])
def test_what_other_sites_do_changes_no_page_of_ours(
    app: Flask, arrive: Callable[[Role | None], Asking], people: dict[str, Somebody], config: Config, role: Role
) -> None:
    asking = arrive(role)
    pages = [way for way in ways(app, people[OWN].ids) if way.method == "GET" and not way.records]

    def read() -> dict[str, tuple[int, str]]:
        return {
            way.name: without_noise(asking.ask(way, {})) for way in pages if way.rule.endpoint != "health.show_metrics"
        }

    before = read()
    role_world.stranger(config.files_dir)
    after = read()
    assert [name for name, page in before.items() if page != after[name]] == []
