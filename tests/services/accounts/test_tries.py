"""Somebody known, unknown, locked, closed or not yet let in: the same statements, the same slow hashes."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event, func, select

from portal.adapters import passwords
from portal.domain.access import SYSTEM
from portal.extensions import db, transaction
from portal.models.audit import AuditChange, AuditEvent
from portal.models.people import AccessCard, Account, Participant, ParticipantKey
from portal.models.sign_in import SignInCode
from portal.services import accounts, audit
from tests.support.accounts import VISITOR, activated, hired, sign_in, staff_sign_in
from tests.support.people import NOW, enrol

UNKNOWN_CARD = "0000A00009"
Work = Callable[[Callable[[], object]], tuple[str, ...]]


@pytest.fixture
def work(core: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Work]:
    """What something costs: its statements, in order, and its slow hashes among them."""
    done: list[str] = []
    note = lambda _c, _cursor, statement, *_rest: done.append(shape(statement))  # noqa: E731
    for name in ("verify", "hash_secret"):
        real = getattr(passwords, name)
        monkeypatch.setattr(passwords, name, lambda *given, real=real, name=name: done.append(name) or real(*given))
    event.listen(db.engine, "before_cursor_execute", note)

    def of(act: Callable[[], object]) -> tuple[str, ...]:
        done.clear()
        act()
        return tuple(done)

    yield of
    event.remove(db.engine, "before_cursor_execute", note)


def shape(statement: str) -> str:
    """``SELECT account``: the verb and the table, and for a savepoint that it ends, not how."""
    table = re.search(r"(?:FROM|INTO|UPDATE) (\w+)", statement)
    words = "end of SAVEPOINT" if re.match("ROLLBACK TO|RELEASE", statement) else statement.split(maxsplit=1)[0]
    return f"{words} {table[1]}" if table else words


def close(number: int) -> str:
    """Somebody who has left the study; their phone."""
    activated(number)
    with transaction() as session:
        audit.act(session, actor=SYSTEM, action="participant:withdraw", now=NOW)
        session.scalars(
            select(Participant).where(Participant.study_number == f"RJ-{number:03}")
        ).one().status = "withdrawn"
    return f"1380013{number:04}"


def lock(phone: str) -> str:
    for _ in range(5):
        sign_in(phone, "000000")
    return phone


def everybody() -> dict[str, str]:
    card = activated(1)
    activated(2)
    enrol(4)
    return {
        "known": "13800130001",
        "by card": card,
        "locked": lock("13800130002"),
        "closed": close(3),
        "not let in yet": "13800130004",
        "unknown": "13999999999",
        "unknown card": UNKNOWN_CARD,
        "no number at all": "nobody",
    }


def test_a_refused_sign_in_costs_the_same_for_everybody(core: Flask, work: Work) -> None:
    done = {name: work(lambda who=who: sign_in(who, "000000")) for name, who in everybody().items()}
    assert set(done.values()) == {done["known"]}
    assert done["known"].count("verify") == 1


def test_the_right_pin_of_somebody_locked_costs_what_a_wrong_one_does(core: Flask, work: Work) -> None:
    activated()
    wrong = work(lambda: sign_in("13800130001", "000000"))
    lock("13800130001")
    assert work(lambda: sign_in("13800130001")) == wrong


def test_only_who_was_asked_for_is_counted(core: Flask) -> None:
    activated()
    for who in ("13999999999", UNKNOWN_CARD, "nobody"):
        sign_in(who, "000000")
    assert db.session.scalars(select(Account.failed_tries)).all() == [0]
    sign_in("13800130001", "000000")
    last = db.session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc()).limit(1)).one()
    changed = select(AuditChange.entity).where(AuditChange.event_id == last.id)
    assert (last.action, db.session.scalars(changed).all()) == ("account:refused", ["account"])


def test_nobody_stands_in_whose_key_was_erased(core: Flask) -> None:
    activated(1)
    activated(2)
    with transaction() as session:
        audit.act(session, actor=SYSTEM, action="retention:erase", now=NOW)
        session.delete(session.get_one(ParticipantKey, session.scalars(select(func.min(Participant.id))).one()))
    assert sign_in("13999999999") is None
    with transaction() as session:
        accounts.request_code(session, actor=VISITOR, who="13999999999", now=NOW)


def test_a_forgotten_pin_costs_the_same_for_everybody(core: Flask, work: Work) -> None:
    def ask(who: str, hours: int) -> None:
        with transaction() as session:
            accounts.request_code(session, actor=VISITOR, who=who, now=NOW + timedelta(hours=hours))

    def answer(who: str, hours: int) -> None:
        with transaction() as session:
            accounts.check_code(
                session, actor=VISITOR, who=who, code="no code", now=NOW + timedelta(hours=hours, minutes=1)
            )

    people = enumerate(everybody().items())
    done = {
        name: (work(lambda who=who, at=2 * place: ask(who, at)), work(lambda who=who, at=2 * place: answer(who, at)))
        for place, (name, who) in people
    }
    assert set(done.values()) == {done["known"]}
    assert done["known"][1].count("verify") == 1
    assert db.session.scalars(select(SignInCode.tries).order_by(SignInCode.id)).all() == [1, 1, 1]


def test_a_card_costs_the_same_whether_it_is_known_locked_or_void(core: Flask, work: Work) -> None:
    def try_(code: str) -> None:
        with transaction() as session:
            accounts.check_card(session, actor=VISITOR, code=code, birth_year="1900", now=NOW)

    def issue(number: int) -> str:
        with transaction() as session:
            account = session.scalars(select(Account.id).join(Participant).where(
                Participant.study_number == f"RJ-{number:03}")).one()  # fmt: skip
            return accounts.issue_card(session, actor=SYSTEM, account_id=account, now=NOW)

    enrol(1)
    enrol(2)
    void, known, locked, used = issue(1), issue(1), issue(2), activated(3)
    for _ in range(5):
        try_(locked)
    codes = {"known": known, "void": void, "locked": locked, "used": used, "unknown": UNKNOWN_CARD, "no code": "x"}
    done = {name: work(lambda code=code: try_(code)) for name, code in codes.items()}
    assert set(done.values()) == {done["known"]}
    tries = select(AccessCard.failed_tries).order_by(AccessCard.id)
    assert db.session.scalars(tries).all() == [0, 1, 5, 1]


@pytest.mark.parametrize("code", ["123456", "A" * 12])
def test_the_study_teams_address_costs_the_same(core: Flask, work: Work, code: str) -> None:
    hired()
    hired(email="locked@example.org")
    for _ in range(5):
        staff_sign_in("", email="locked@example.org")
    addresses = ("li.na@example.org", "locked@example.org", "nobody@example.org", "no address")
    done = [work(lambda email=email: staff_sign_in(code, email=email, password="wrong horse")) for email in addresses]
    assert set(done) == {done[0]}
