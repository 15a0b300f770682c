"""Who gets in, and who does not."""

from datetime import timedelta

import pytest
from flask import Flask

from portal.domain.access import SYSTEM, Role
from portal.domain.errors import Invalid
from portal.extensions import db, transaction
from portal.models.audit import AuditEvent
from portal.models.people import Account, Staff
from portal.models.sign_in import EndedSession
from portal.services import accounts
from tests.support.accounts import activated, code_at, hired, sign_in, staff_sign_in
from tests.support.people import NOW, PIN, enrol


def actions() -> list[str]:
    return [action for (action,) in db.session.query(AuditEvent.action).order_by(AuditEvent.id)]


@pytest.mark.parametrize(
    "who", ["13800130001", "138 0013 0001", "+86 138-0013-0001", "0086 13800130001", "１３８００１３０００１"]
)
def test_a_phone_number_is_known_in_any_spelling(core: Flask, who: str) -> None:
    activated()
    assert sign_in(who) is not None


def test_a_card_code_does_as_well(core: Flask) -> None:
    assert sign_in(activated().lower()) is not None


@pytest.mark.parametrize("who", ["13800139999", "nobody", "", "ABCDEFGHJK", "😀", "138"])
def test_the_unknown_do_not_get_in(core: Flask, who: str) -> None:
    activated()
    assert sign_in(who) is None


def test_a_wrong_pin_does_not_get_in(core: Flask) -> None:
    activated()
    assert sign_in("13800130001", "482914") is None


def test_an_account_without_a_pin_does_not_get_in(core: Flask) -> None:
    enrol()
    assert sign_in("13800130001", "") is None


def test_the_fifth_wrong_pin_locks_out_the_right_one_for_a_minute(core: Flask) -> None:
    activated()
    for _ in range(5):
        sign_in("13800130001", "000000")
    assert sign_in("13800130001") is None
    assert sign_in("13800130001", now=NOW + timedelta(minutes=1)) is not None


def test_the_sixth_wrong_pin_locks_for_five_minutes(core: Flask) -> None:
    activated()
    for _ in range(5):
        sign_in("13800130001", "000000")
    later = NOW + timedelta(minutes=1)
    sign_in("13800130001", "000000", later)
    assert sign_in("13800130001", now=later + timedelta(minutes=4)) is None
    assert sign_in("13800130001", now=later + timedelta(minutes=5)) is not None


def test_getting_in_forgets_the_wrong_tries(core: Flask) -> None:
    activated()
    for pin in ["000000"] * 4 + [PIN] + ["000000"] * 4:
        sign_in("13800130001", pin)
    assert sign_in("13800130001") is not None


def test_one_persons_lock_is_not_anothers(core: Flask) -> None:
    activated(1)
    activated(2)
    for _ in range(5):
        sign_in("13800130001", "000000")
    assert sign_in("13800130002") is not None


def test_tries_are_in_the_trail(core: Flask) -> None:
    activated()
    sign_in("13800130001", "000000")
    sign_in("13800139999")
    sign_in("13800130001")
    assert actions()[-3:] == ["account:refused", "account:refused", "account:sign-in"]


def test_no_pin_is_in_the_trail(core: Flask) -> None:
    from portal.services import audit

    activated()
    account_id = db.session.query(Account.id).scalar()
    changes = audit.list_row_changes(db.session, entity="account", entity_id=account_id)
    assert [change.fields["pin_hash"] for change in changes if "pin_hash" in change.fields] == [(None, "[secret]")]


def test_a_held_session_is_found_until_its_epoch_has_passed(core: Flask) -> None:
    activated()
    user = sign_in("13800130001")
    assert user
    assert accounts.find_user(db.session, kind="account", id_=user.id, epoch=user.epoch) == user
    with transaction() as session:
        accounts.sign_out_everywhere(session, actor=user.actor, now=NOW)
    assert accounts.find_user(db.session, kind="account", id_=user.id, epoch=user.epoch) is None


def test_a_signed_out_session_is_nobodys_and_is_kept_no_longer_than_its_cookie_lives(core: Flask) -> None:
    activated()
    user = sign_in("13800130001")
    assert user
    for place, name in enumerate(("first", "second")):
        now = NOW + place * timedelta(hours=13)
        with transaction() as session:
            accounts.revoke_session(session, session_id=name, over_at=now + timedelta(hours=12), now=now)
    known = {"kind": "account", "id_": user.id, "epoch": user.epoch}
    assert accounts.find_user(db.session, session_id="second", **known) is None  # type: ignore[arg-type]
    assert accounts.find_user(db.session, session_id="third", **known) == user  # type: ignore[arg-type]
    assert db.session.query(EndedSession).count() == 1


def test_staff_get_in_by_password_and_code(core: Flask) -> None:
    user = staff_sign_in(code_at(hired()))
    assert user
    assert (user.role, user.sites, user.name) == (Role.COORDINATOR, frozenset({"RJ"}), "李娜")


@pytest.mark.parametrize("email", ["LI.NA@EXAMPLE.ORG", "  li.na@example.org "])
def test_an_address_is_known_in_any_spelling(core: Flask, email: str) -> None:
    assert staff_sign_in(code_at(hired()), email=email) is not None


@pytest.mark.parametrize(
    "wrong", [{"password": "wrong horse battery"}, {"email": "wu.hao@example.org"}, {"code": "000000"}, {"code": ""}]
)
def test_one_wrong_part_keeps_staff_out(core: Flask, wrong: dict[str, str]) -> None:
    given = {"code": code_at(hired()), **wrong}
    assert staff_sign_in(**given) is None  # type: ignore[arg-type]


def test_a_code_works_once(core: Flask) -> None:
    code = code_at(hired())
    assert staff_sign_in(code) is not None
    assert staff_sign_in(code, now=NOW + timedelta(seconds=20)) is None


def test_an_earlier_code_than_the_last_one_used_is_a_replay(core: Flask) -> None:
    made = hired()
    staff_sign_in(code_at(made))
    assert staff_sign_in(code_at(made, NOW - timedelta(seconds=30))) is None


def test_staff_are_locked_out_alike(core: Flask) -> None:
    made = hired()
    for _ in range(5):
        staff_sign_in(code_at(made), password="wrong horse battery")
    later = NOW + timedelta(minutes=1)
    assert staff_sign_in(code_at(made)) is None
    assert staff_sign_in(code_at(made, later), now=later) is not None


def test_somebody_who_has_left_does_not_get_in(core: Flask) -> None:
    from portal.services import audit

    made = hired()
    with transaction() as session:
        audit.begin(session, actor=SYSTEM, action="staff:leave", now=NOW)
        session.get_one(Staff, made.id).active = False
    assert staff_sign_in(code_at(made)) is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": "no address"}, "email"),
        ({"name": " "}, "name"),
        ({"role": Role.PARTICIPANT}, "role"),
        ({"sites": frozenset()}, "sites"),
        ({"sites": frozenset({"RJ", "XX"})}, "sites"),
    ],
)
def test_a_wrong_account_is_not_made(core: Flask, changes: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        hired(**changes)
    assert list(refused.value.problems) == [field]


def test_an_address_has_one_account(core: Flask) -> None:
    hired()
    with pytest.raises(Invalid) as refused:
        hired(email="li.na@EXAMPLE.org")
    assert list(refused.value.problems) == ["email"]
