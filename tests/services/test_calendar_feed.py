"""The feed that a phone's calendar follows, read back as a phone reads it."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest
from flask import Flask
from icalendar import Calendar, Component

from portal.domain.access import Actor, Role
from portal.domain.errors import NotFound
from portal.domain.participation import ParticipationStepKind
from portal.extensions import db, transaction
from portal.models.people import Account, Participant
from portal.services import accounts, calendar_feed, participation
from tests.support.answers import themselves
from tests.support.diaries import hire
from tests.support.people import NOW, TODAY, enrol
from tests.support.plans import act, infusion, move, planned

HOUR = timedelta(hours=1)


def address(person: Participant) -> str:
    with transaction() as session:
        return calendar_feed.create_feed_address(session, actor=themselves(person), now=NOW)


def followed(token: str, now: datetime = NOW) -> bytes | None:
    return calendar_feed.render_feed(db.session, token=token, now=now)


def parsed(token: str, now: datetime = NOW) -> Mapping[str, Component]:
    """Events by UID."""
    content = followed(token, now)
    assert content is not None
    events = Calendar.from_ical(content).walk("VEVENT")
    return {str(event["UID"]): event for event in events}


def test_a_phone_follows_a_move_under_the_same_uids(core: Flask) -> None:
    token = address(planned())
    before = parsed(token)
    move(3, now=NOW + HOUR)
    after = parsed(token)
    changed = {uid for uid in after if after[uid]["DTSTART"].dt != before[uid]["DTSTART"].dt}
    assert {after[uid]["DTSTART"].dt for uid in changed} == {infusion(number).planned_at for number in (3, 4)}
    assert after.keys() == before.keys()
    assert all(after[uid]["SEQUENCE"] > before[uid]["SEQUENCE"] for uid in changed)
    assert all(after[uid]["LAST-MODIFIED"].dt == NOW + HOUR for uid in changed)
    assert all(after[uid] == before[uid] for uid in after.keys() - changed)


@pytest.mark.parametrize("verb", ["hold", "miss", "cancel"])
def test_what_will_not_take_place_stays_in_the_feed_as_cancelled(core: Flask, verb: str) -> None:
    token = address(planned())
    act(verb, 1, now=NOW + HOUR)
    event = parsed(token)[f"{infusion(1).uid}@appointments.invalid"]
    assert (event["STATUS"], event["SEQUENCE"]) == ("CANCELLED", 1)


def test_every_event_says_the_same_and_nothing_of_health(core: Flask) -> None:
    events = parsed(address(planned())).values()
    assert len(events) == 8 + 4
    assert {str(event["SUMMARY"]) for event in events} == {"医院预约"}
    assert len({str(event["DESCRIPTION"]) for event in events}) == 1
    assert not any("LOCATION" in event for event in events)


def test_it_comes_in_the_language_of_the_account_and_says_how_often_to_look(core: Flask) -> None:
    person = planned()
    with transaction() as session:
        accounts.set_language(session, actor=themselves(person), language="en", now=NOW)
    calendar = Calendar.from_ical(followed(address(person)) or b"")
    assert str(calendar["X-WR-CALNAME"]) == "Hospital appointments"
    assert (calendar["REFRESH-INTERVAL"].dt, str(calendar["X-PUBLISHED-TTL"])) == (HOUR, "PT1H")


def test_the_arms_cannot_be_told_apart_by_an_event(core: Flask) -> None:
    """A visit of either arm is the same lines but for its own id."""
    trial, control = planned(), planned(2, arm="control")
    visits = [list(parsed(address(person)).values())[-1] for person in (trial, control)]
    lines = [event.to_ical().splitlines() for event in visits]
    assert [line for line in lines[0] if not line.startswith(b"UID")] == [
        line for line in lines[1] if not line.startswith(b"UID")
    ]


def test_the_same_appointments_are_the_same_bytes(core: Flask) -> None:
    token = address(planned())
    content = calendar_feed.render_feed(db.session, token=token, now=NOW)
    assert calendar_feed.render_feed(db.session, token=token, now=NOW + HOUR) == content


def test_a_new_address_ends_the_one_before_and_revoking_ends_it_all(core: Flask) -> None:
    person = enrol()
    old, new = address(person), address(person)
    assert followed(old) is None
    assert parsed(new) == {}
    with transaction() as session:
        calendar_feed.revoke_feed_address(session, actor=themselves(person), now=NOW)
    assert followed(new) is None


def test_only_a_blind_index_of_the_address_is_stored(core: Flask) -> None:
    token = address(enrol())
    index = db.session.query(Account.feed_index).scalar()
    assert index is not None
    assert token.encode() not in index


@pytest.mark.parametrize(("days", "there"), [(0, True), (29, True), (30, False)])
def test_after_an_end_phones_have_a_month_to_take_off_what_was_ahead(core: Flask, days: int, there: bool) -> None:
    token, doctor = address(planned()), hire(role=Role.INVESTIGATOR)
    with transaction() as session:
        participation.take_participation_step(
            session, actor=doctor, study_number="RJ-001", step=ParticipationStepKind.WITHDRAW, reason="asked", now=NOW
        )
    if there:
        ahead = [event for event in parsed(token, NOW + timedelta(days=days)).values() if event["DTSTART"].dt > NOW]
        assert {str(event["STATUS"]) for event in ahead} == {"CANCELLED"}
        assert {event["SEQUENCE"] for event in ahead} == {1}
    else:
        assert followed(token, NOW + timedelta(days=days)) is None


def test_an_access_that_is_ended_takes_its_feed_along(core: Flask) -> None:
    person, nurse = enrol(), hire()
    token = address(person)
    with transaction() as session:
        accounts.revoke_access(session, actor=nurse, study_number="RJ-001", account_id=person.accounts[0].id, now=NOW)
    assert followed(token) is None


def test_nobody_makes_an_address_for_another(core: Flask) -> None:
    person, other = enrol(), enrol(2)
    stranger = Actor("account", Role.PARTICIPANT, person.accounts[0].id, other.id)
    with transaction() as session, pytest.raises(NotFound):
        calendar_feed.create_feed_address(session, actor=stranger, now=NOW)


def test_someone_signed_in_may_take_the_appointments_as_a_file(core: Flask) -> None:
    person = planned()
    content = calendar_feed.render_own_calendar(db.session, actor=themselves(person))
    assert len(Calendar.from_ical(content).walk("VEVENT")) == 12
    assert TODAY.isoformat().replace("-", "").encode() in content
