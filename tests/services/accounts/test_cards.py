"""From a printed card to a PIN."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import pytest
from flask import Flask

from portal.domain.access import SYSTEM, Actor, Role
from portal.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from portal.extensions import db, transaction
from portal.models.audit import AuditEvent
from portal.models.people import AccessCard, Account
from portal.services import accounts
from tests.support.people import NOW, enrol

VISITOR = Actor(kind="system", role=Role.SYSTEM, request_id="r1")
LATER = NOW + timedelta(minutes=1)


def card_for(number: int = 1, **changes: object) -> str:
    account_id = enrol(number, **changes).accounts[0].id
    return issue(account_id)


def issue(account_id: int, actor: Actor = SYSTEM) -> str:
    with transaction() as session:
        return accounts.issue_card(session, actor=actor, account_id=account_id, now=NOW)


def check(code: str, year: str = "1992", now: datetime = NOW) -> accounts.Activation | accounts.CardUsed | None:
    with transaction() as session:
        return accounts.check_card(session, actor=VISITOR, code=code, birth_year=year, now=now)


def activate(card_id: int, **changes: object) -> accounts.AccountUser:
    values = {"pin": "482913", "language": "en", "reminder_at": time(18), "now": NOW, **changes}
    with transaction() as session:
        return accounts.activate_account(session, actor=VISITOR, card_id=card_id, **values)  # type: ignore[arg-type]


def opened(code: str) -> accounts.Activation:
    found = check(code)
    assert isinstance(found, accounts.Activation)
    return found


def test_the_right_code_and_year_open_a_card(core: Flask) -> None:
    found = opened(card_for())
    assert (found.born_on, found.language, found.reminder_at) == (date(1992, 3, 14), "zh-CN", time(19))


@pytest.mark.parametrize("typed", [str.lower, lambda code: f" {code[:5]}-{code[5:]} "])
def test_a_card_is_tolerant_of_how_its_code_is_typed(core: Flask, typed: Callable[[str], str]) -> None:
    assert check(typed(card_for()), year=" １９９２") is not None


@pytest.mark.parametrize("year", ["1991", "92", "", "1992x", "三月"])
def test_a_wrong_year_opens_nothing(core: Flask, year: str) -> None:
    assert check(card_for(), year) is None


def test_an_unknown_code_opens_nothing(core: Flask) -> None:
    card_for()
    assert check("ABCDE-FGHJK") is None


def test_only_the_index_of_a_code_is_kept(core: Flask) -> None:
    code = card_for()
    stored = db.session.query(AccessCard).one()
    assert code.encode() not in bytes(stored.code_index)


def test_five_wrong_years_lock_the_card_for_a_minute(core: Flask) -> None:
    code = card_for()
    for _ in range(5):
        check(code, "1950")
    assert check(code) is None
    assert check(code, now=NOW + timedelta(seconds=60)) is not None


def test_tries_on_a_locked_card_do_not_prolong_the_lock(core: Flask) -> None:
    code = card_for()
    for _ in range(50):
        check(code, "1950")
    assert check(code, now=NOW + timedelta(seconds=60)) is not None


def test_the_right_year_forgets_the_wrong_ones(core: Flask) -> None:
    code = card_for()
    for year in ["1950"] * 4 + ["1992"] + ["1950"] * 4:
        check(code, year)
    assert check(code) is not None


def test_a_new_card_makes_the_old_one_void(core: Flask) -> None:
    old = card_for()
    new = issue(db.session.query(Account.id).scalar())
    assert check(old) is None
    assert check(new) is not None


def test_activation_sets_pin_language_and_hour_and_records_the_agreement(core: Flask) -> None:
    user = activate(opened(card_for()).card_id)
    account = db.session.get_one(Account, user.id)
    assert (account.language, account.reminder_at, account.agreed_at, account.agreed_version) == (
        "en",
        time(18),
        NOW,
        "1.0",
    )


def test_a_card_activates_once(core: Flask) -> None:
    card_id = opened(card_for()).card_id
    activate(card_id)
    with pytest.raises(Conflict):
        activate(card_id)


def test_a_used_card_says_so_to_those_who_know_the_year(core: Flask) -> None:
    code = card_for()
    activate(opened(code).card_id)
    assert check(code) == accounts.CardUsed()
    assert check(code, "1950") is None


def test_a_card_replaced_meanwhile_activates_nothing(core: Flask) -> None:
    card_id = opened(card_for()).card_id
    issue(db.session.query(Account.id).scalar())
    with pytest.raises(Conflict):
        activate(card_id)


def test_a_second_card_gives_a_new_pin_and_ends_the_old_sessions(core: Flask) -> None:
    before = activate(opened(card_for()).card_id)
    after = activate(opened(issue(before.id)).card_id, pin="907135")
    assert accounts.find_user(db.session, kind="account", id_=before.id, epoch=before.epoch) is None
    assert accounts.find_user(db.session, kind="account", id_=after.id, epoch=after.epoch) == after


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"pin": "123456"}, "pin"),
        ({"pin": "920314"}, "pin"),
        ({"language": "fr"}, "language"),
        ({"reminder_at": time(3)}, "reminder_at"),
        ({"reminder_at": time(18, 7)}, "reminder_at"),
    ],
)
def test_what_will_not_do_stores_nothing(core: Flask, changes: dict[str, object], field: str) -> None:
    card_id = opened(card_for()).card_id
    with pytest.raises(Invalid) as refused:
        activate(card_id, **changes)
    assert list(refused.value.problems) == [field]
    assert db.session.query(Account).one().pin_hash is None


def test_a_withdrawn_participants_card_opens_nothing(core: Flask) -> None:
    code = card_for()
    with transaction() as session:
        from portal.services import audit

        audit.begin(session, actor=SYSTEM, action="participant:withdraw", now=NOW)
        session.query(Account).one().participant.status = "withdrawn"
    assert check(code) is None


def test_every_step_is_in_the_trail(core: Flask) -> None:
    code = card_for()
    check(code, "1950")
    check("ABCDE-FGHJK")
    activate(opened(code).card_id)
    actions = [action for (action,) in db.session.query(AuditEvent.action).order_by(AuditEvent.id)]
    assert actions[-5:] == ["card:issue", "card:refused", "card:refused", "card:open", "account:activate"]


def test_a_coordinator_issues_cards_at_their_own_site_only(core: Flask) -> None:
    account_id = enrol().accounts[0].id
    here = Actor(kind="staff", role=Role.COORDINATOR, id=1, sites=frozenset({"RJ"}))
    there = Actor(kind="staff", role=Role.COORDINATOR, id=2, sites=frozenset({"SH"}))
    assert issue(account_id, here)
    with pytest.raises(NotAllowed):
        issue(account_id, there)


def test_nobody_has_no_card(core: Flask) -> None:
    with pytest.raises(NotFound):
        issue(99)
