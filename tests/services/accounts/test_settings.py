"""What people set for themselves."""

from datetime import datetime, time, timedelta

import pytest
from flask import Flask

from portal.domain.access import SYSTEM, Actor, Role
from portal.domain.errors import Invalid, NotFound
from portal.extensions import db, transaction
from portal.models.people import Staff
from portal.services import accounts, audit
from tests.support.accounts import activated, sign_in
from tests.support.people import NOW, PIN, hire


@pytest.fixture
def person(core: Flask) -> accounts.AccountUser:
    activated()
    user = sign_in("13800130001")
    assert user
    return user


def change_pin(person: accounts.AccountUser, old: str, new: str, now: datetime = NOW) -> dict[str, str]:
    with transaction() as session:
        return dict(accounts.change_pin(session, actor=person.actor, old=old, new=new, now=now))


def test_the_hours_to_choose_from_are_the_protocols() -> None:
    assert (accounts.reminder_times()[0], accounts.reminder_times()[-1]) == (time(8), time(20))


def test_settings_are_read_as_they_were_set(person: accounts.AccountUser) -> None:
    with transaction() as session:
        accounts.set_reminders(session, actor=person.actor, reminder_at=time(8), reminders_on=False, now=NOW)
        accounts.set_language(session, actor=person.actor, language="zh-CN", now=NOW)
    assert accounts.get_account_settings(db.session, actor=person.actor) == accounts.AccountSettings(
        "zh-CN", time(8), False, "+8613800130001"
    )


@pytest.mark.parametrize("hour", [time(7), time(21), time(19, 30)])
def test_an_hour_outside_the_protocols_is_refused(person: accounts.AccountUser, hour: time) -> None:
    with pytest.raises(Invalid), transaction() as session:
        accounts.set_reminders(session, actor=person.actor, reminder_at=hour, reminders_on=True, now=NOW)


def test_a_language_that_the_study_does_not_speak_is_refused(person: accounts.AccountUser) -> None:
    with pytest.raises(Invalid), transaction() as session:
        accounts.set_language(session, actor=person.actor, language="fr", now=NOW)


def test_a_change_of_hour_is_in_the_trail(person: accounts.AccountUser) -> None:
    with transaction() as session:
        accounts.set_reminders(session, actor=person.actor, reminder_at=time(8), reminders_on=True, now=NOW)
    last = audit.list_row_changes(db.session, entity="account", entity_id=person.id)[-1]
    assert (last.action, last.actor_id, last.fields["reminder_at"]) == (
        "account:reminders",
        person.id,
        ("19:00:00", "08:00:00"),
    )


def test_a_new_pin_replaces_the_old_one_and_ends_other_sessions(person: accounts.AccountUser) -> None:
    assert change_pin(person, PIN, "907135") == {}
    assert sign_in("13800130001", PIN) is None
    assert sign_in("13800130001", "907135") is not None
    assert accounts.find_user(db.session, kind="account", id_=person.id, epoch=person.epoch) is None


def test_a_new_pin_needs_the_old_one(person: accounts.AccountUser) -> None:
    assert list(change_pin(person, "000000", "907135")) == ["old"]
    assert sign_in("13800130001", PIN) is not None


def test_a_new_pin_follows_the_rules(person: accounts.AccountUser) -> None:
    assert list(change_pin(person, PIN, "920314")) == ["new"]


def test_wrong_old_pins_lock_like_wrong_sign_ins(person: accounts.AccountUser) -> None:
    for _ in range(5):
        change_pin(person, "000000", "907135")
    assert list(change_pin(person, PIN, "907135")) == ["old"]
    assert sign_in("13800130001", PIN) is None
    assert sign_in("13800130001", PIN, NOW + timedelta(minutes=1)) is not None


def test_staff_choose_their_language_too(core: Flask) -> None:
    staff_id = hire()
    actor = Actor(kind="staff", role=Role.COORDINATOR, id=staff_id)
    with transaction() as session:
        accounts.set_language(session, actor=actor, language="en", now=NOW)
    assert db.session.get_one(Staff, staff_id).language == "en"


def test_nobody_has_no_settings(core: Flask) -> None:
    with pytest.raises(NotFound):
        accounts.get_account_settings(db.session, actor=SYSTEM)


def test_a_member_of_staff_has_no_reminders(core: Flask) -> None:
    activated()
    actor = Actor(kind="staff", role=Role.COORDINATOR, id=1)
    with pytest.raises(NotFound), transaction() as session:
        accounts.set_reminders(session, actor=actor, reminder_at=time(8), reminders_on=True, now=NOW)
