"""Somebody known, unknown, locked, closed or not yet let in: the same slow hashes, and nobody else's row is locked."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text

from portal.adapters import passwords
from portal.domain.access import SYSTEM
from portal.extensions import db, transaction
from portal.models.audit import AuditChange, AuditEvent
from portal.models.messages import Message
from portal.models.people import AccessCard, Account, Participant
from portal.models.sign_in import SignInCode
from portal.services import accounts, audit
from tests.support.accounts import VISITOR, activated, hired, sign_in, staff_sign_in
from tests.support.people import NOW, enrol

UNKNOWN_CARD = "0000A00009"
Work = Callable[[Callable[[], object]], tuple[str, ...]]


@pytest.fixture
def work(core: Flask, monkeypatch: pytest.MonkeyPatch) -> Work:
    """The slow hashes that something computes, in order."""
    done: list[str] = []
    for name in ("verify_secret", "hash_secret"):
        real = getattr(passwords, name)
        monkeypatch.setattr(passwords, name, lambda *given, real=real, name=name: done.append(name) or real(*given))

    def of(act: Callable[[], object]) -> tuple[str, ...]:
        done.clear()
        act()
        return tuple(done)

    return of


def close(number: int) -> str:
    """Somebody who has left the study; their phone."""
    activated(number)
    with transaction() as session:
        audit.begin(session, actor=SYSTEM, action="participant:withdraw", now=NOW)
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
    assert done["known"] == ("verify_secret",)


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


@pytest.fixture
def everybody_is_locked(core: Flask) -> Iterator[None]:
    """Somebody known and a member of the study team, whose rows another transaction holds (on PostgreSQL)."""
    activated()
    hired()
    with db.engine.connect() as other:
        for table in ("participant", "account", "access_card", "staff"):
            words = "" if other.dialect.name == "sqlite" else " FOR UPDATE"
            other.execute(text(f"SELECT id FROM {table}{words}")).all()
        yield


@pytest.mark.usefixtures("everybody_is_locked")
def test_whoever_is_unknown_waits_for_nobodys_row() -> None:
    assert sign_in("13999999999") is None
    assert sign_in(UNKNOWN_CARD) is None
    assert staff_sign_in("000000", email="nobody@example.org") is None
    with transaction() as session:
        accounts.request_code(session, actor=VISITOR, who="13999999999", now=NOW)
        assert accounts.check_code(session, actor=VISITOR, who="13999999999", code="000000", now=NOW) is None
        assert accounts.check_card(session, actor=VISITOR, code=UNKNOWN_CARD, birth_year="1992", now=NOW) is None


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
    assert done["known"] == (("hash_secret",), ("verify_secret",))
    assert db.session.scalars(select(SignInCode.tries).order_by(SignInCode.id)).all() == [1, 1, 1]


def test_only_the_card_that_was_asked_for_is_counted_and_not_while_it_is_locked(core: Flask) -> None:
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
    for code in (known, void, locked, used, UNKNOWN_CARD, "x"):
        try_(code)
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


def test_what_is_done_in_vain_leaves_no_trace(core: Flask) -> None:
    def numbers() -> list[int]:
        db.session.rollback()
        return [len(db.session.scalars(select(one.id)).all()) for one in (AuditEvent, AuditChange, Message)]

    activated()
    events, *others = numbers()
    sign_in("13999999999")
    assert numbers() == [events + 1, *others]
