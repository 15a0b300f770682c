"""Whether the time of a refusal tells who is known: known and unknown names in turn, through the whole application.

    python -m benchmarks.sign_in_timing [--people 200] [--rounds 600] [--database sqlite]

Prints a JSON line for each way in: the median of a refusal for somebody known and for somebody unknown, their
difference, and the noise: the largest difference between two halves of the same kind; by the clock and in processor
time of the application, in milliseconds. A locked name is compared with an unknown one, too. Nobody is asked about so
often that they are locked by it.
"""

import argparse
import itertools
import json
import logging
import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import pyotp
import structlog
from flask.testing import FlaskClient
from sqlalchemy import text

from benchmarks import diary, rig
from portal.domain.access import SYSTEM, Role
from portal.domain.credentials import new_card_code
from portal.extensions import db, transaction

WRONG = "wrong horse battery staple"


@dataclass(frozen=True, slots=True)
class Known:
    """Names that may be asked about, endlessly repeated; ``locked`` phones of people who are locked."""

    phones: Iterator[str]
    cards: Iterator[str]
    emails: Iterator[str]
    locked: Iterator[str]


def main() -> None:
    asked = _asked()
    with tempfile.TemporaryDirectory() as name, diary.database(asked.database, Path(name)) as url:
        os.environ.update(rig.settings(url, Path(name)))
        client, known = _seeded(asked.people)
        for way, (path, kinds) in _ways(known).items():
            if asked.ways and way not in asked.ways:
                continue
            print(json.dumps({"way": way, "database": asked.database, **_compared(client, path, kinds, asked.rounds)}),
                  flush=True)  # fmt: skip
        with client.application.app_context():
            db.engine.dispose()


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=600)
    parser.add_argument("--ways", nargs="*", help="only these, for example: phone 'PIN forgotten'")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="postgresql")
    return parser.parse_args()


def _ways(known: Known) -> dict[str, tuple[str, dict[str, Callable[[], dict[str, str]]]]]:
    """By name: the address, and the two kinds of forms that are sent there."""
    team = {"password": WRONG, "code": "000000"}
    return {
        "phone": ("/sign-in", {"known": lambda: {"who": next(known.phones), "pin": "000000"},
                               "unknown": lambda: {"who": _nobodys_phone(), "pin": "000000"}}),
        "card code": ("/sign-in", {"known": lambda: {"who": next(known.cards), "pin": "000000"},
                                   "unknown": lambda: {"who": new_card_code(), "pin": "000000"}}),
        "locked phone": ("/sign-in", {"known": lambda: {"who": next(known.locked), "pin": "000000"},
                                      "unknown": lambda: {"who": _nobodys_phone(), "pin": "000000"}}),
        "card and year": ("/activate", {"known": lambda: {"code": next(known.cards), "birth_year": "1900"},
                                        "unknown": lambda: {"code": new_card_code(), "birth_year": "1900"}}),
        "e-mail": ("/staff/sign-in", {"known": lambda: {"email": next(known.emails), **team},
                                      "unknown": lambda: {"email": f"{random.random()}@example.org", **team}}),
        "PIN forgotten": ("/sign-in/forgotten", {"known": lambda: {"who": next(known.phones)},
                                                 "unknown": lambda: {"who": _nobodys_phone()}}),
    }  # fmt: skip


def _nobodys_phone() -> str:
    return f"1390{random.randrange(10**7):07}"


def _compared(
    client: FlaskClient, path: str, kinds: dict[str, Callable[[], dict[str, str]]], rounds: int
) -> dict[str, Any]:
    took: dict[str, list[tuple[float, float]]] = {kind: [] for kind in kinds}
    page = client.get(path).text
    token = page.split('name="csrf_token" type="hidden" value="')[1].split('"')[0]
    for number in range(rounds + 20):
        for kind in random.sample(sorted(kinds), len(kinds)):
            one = _milliseconds(client, path, {**kinds[kind](), "csrf_token": token})
            if number >= 20:  # the first are cold
                took[kind].append(one)
        if number % 50 == 0:
            _forget_counts(client)
    found = {}
    for place, clock in enumerate(("wall_ms", "cpu_ms")):
        found[clock] = _medians({kind: [one[place] for one in each] for kind, each in took.items()})
    return found


def _medians(took: dict[str, list[float]]) -> dict[str, float]:
    """Medians, their difference, and the noise."""
    found = {kind: round(median(each), 3) for kind, each in took.items()}
    noise = max(abs(median(each[::2]) - median(each[1::2])) for each in took.values())
    return {**found, "difference": round(found["known"] - found["unknown"], 3), "noise": round(noise, 3)}


def _milliseconds(client: FlaskClient, path: str, form: dict[str, str]) -> tuple[float, float]:
    """By the clock, and of the application's own processor time, which a busy machine disturbs less."""
    address = f"10.{random.randrange(256)}.{random.randrange(256)}.{random.randrange(256)}"
    began, worked = time.perf_counter(), time.process_time()
    answer = client.post(path, data=form, environ_base={"REMOTE_ADDR": address})
    took, work = time.perf_counter() - began, time.process_time() - worked
    assert answer.status_code in {302, 422}, answer.status_code
    return took * 1000, work * 1000


def _seeded(people: int) -> tuple[FlaskClient, Known]:
    """Participants who have PINs and cards, of whom every fifth is locked, and members of the study team."""
    from app import create_app
    from portal.adapters import database

    database.upgrade_database(os.environ["DATABASE_URL"])
    app = create_app()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with app.app_context():
        accounts = [rig.enrol(number)[0] for number in range(1, people + 1)]
        cards = _with_pins_and_cards(accounts)
        emails = [_member(number) for number in range(1, people // 4 + 1)]
        db.session.close()
    phones = [f"1380013{number:04}" for number in range(1, people + 1)]
    free = [place for place in range(people) if place % 5]
    known = Known(
        itertools.cycle([phones[place] for place in free]),
        itertools.cycle([cards[place] for place in free]),
        itertools.cycle(emails),
        itertools.cycle(phones[::5]),
    )
    return app.test_client(), known


def _with_pins_and_cards(account_ids: list[int]) -> list[str]:
    from portal.adapters import passwords
    from portal.models.people import Account
    from portal.services import accounts, audit

    now, hashed, cards = datetime.now(UTC), passwords.hash_secret("482913"), []
    for place, account_id in enumerate(account_ids):
        with transaction() as session:
            cards.append(accounts.issue_card(session, actor=SYSTEM, account_id=account_id, now=now))
            audit.begin(session, actor=SYSTEM, action="account:activate", now=now)
            account = session.get_one(Account, account_id)
            account.pin_hash, account.activated_at = hashed, now
            account.locked_until = None if place % 5 else now + timedelta(days=1)
    return cards


def _member(number: int) -> str:
    from portal.services import team

    email = f"member-{number}@example.org"
    with transaction() as session:
        team.create_staff(
            session, actor=SYSTEM, email=email, name=f"Member {number}", role=Role.COORDINATOR,
            sites=frozenset({"RJ"}), password=pyotp.random_base32(), now=datetime.now(UTC),
        )  # fmt: skip
    return email


def _forget_counts(client: FlaskClient) -> None:
    """Nobody is to be locked, and nobody to have had too many codes, by what is measured."""
    with client.application.app_context(), db.engine.begin() as connection:
        for table in ("account", "staff", "access_card"):
            connection.execute(text(f"UPDATE {table} SET failed_tries = 0 WHERE locked_until IS NULL"))
        connection.execute(text("DELETE FROM sign_in_code"))


if __name__ == "__main__":
    main()
