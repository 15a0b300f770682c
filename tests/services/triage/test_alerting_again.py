"""When staff are alerted again: new and worse reds in an episode in hand, and what comes after closing."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from portal.domain.access import Actor
from portal.domain.alert_rules import Evidence, Flag, Organ, Severity
from portal.extensions import db, transaction
from portal.models.people import Participant
from portal.models.triage import Episode, EpisodeStep
from portal.models.triage import Flag as FlagRow
from portal.services import triage
from tests.support.diaries import correct, flag, hire, red, report, send
from tests.support.people import NOW, TODAY, enrol

pytestmark = pytest.mark.usefixtures("core")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
CHEST_PAIN = red("chest-pain-red", Organ.GENERAL)


def fever(value: str) -> Flag:
    evidence = Evidence("Temperature %(value)s °C (red from %(limit)s °C)", {"value": value, "limit": "38"})
    return Flag("fever-red", 1, Severity.RED, Organ.GENERAL, evidence, (), "temperature")


def stool(count: int, volume: str) -> Flag:
    words = "Loose stool %(count)s times, about %(volume)s mL in 24 hours"
    evidence = Evidence(words, {"count": count, "volume": volume})
    return Flag("stool-red", 1, Severity.RED, Organ.LOWER_GI, evidence, (), "loose-stool")


def pain(score: int) -> Flag:
    evidence = Evidence("Abdominal pain: %(score)s of 4, red from %(limit)s", {"score": score, "limit": 3})
    return Flag("pain-red", 1, Severity.RED, Organ.LOWER_GI, evidence, (), "abdominal-pain")


def episode() -> Episode:
    db.session.rollback()
    return db.session.scalars(select(Episode)).one()


def kinds() -> list[str]:
    return list(db.session.scalars(select(EpisodeStep.kind).order_by(EpisodeStep.id)))


def claim(nurse: Actor, at: datetime = NOW) -> int:
    """Claim the only episode; its id."""
    found = episode()
    with transaction() as session:
        triage.claim_episode(session, actor=nurse, episode_id=found.id, version=found.version, now=at)
    return found.id


def contact(nurse: Actor, at: datetime) -> None:
    found = episode()
    with transaction() as session:
        triage.record_contact(session, actor=nurse, episode_id=found.id, version=found.version, now=at)


def close(nurse: Actor, at: datetime, outcome: str = "advice-given") -> None:
    found = episode()
    with transaction() as session:
        triage.close_episode(
            session, actor=nurse, episode_id=found.id, version=found.version, outcome=outcome, note="Told.", now=at
        )


def closed_after(flags: Sequence[Flag], *, contacted: bool = True) -> Participant:
    """A report at ``NOW``, claimed after five minutes, contacted after forty, closed after fifty."""
    participant, nurse = enrol(), hire()
    report(participant, flags)
    claim(nurse, NOW + HOUR / 12)
    if contacted:
        contact(nurse, NOW + HOUR * 2 / 3)
    close(nurse, NOW + HOUR * 5 / 6)
    return participant


def test_a_red_sign_that_was_away_and_is_back_is_new_to_the_episode_in_hand() -> None:
    participant, nurse = enrol(), hire()
    report(participant, [CHEST_PAIN], now=NOW - 3 * DAY)
    claim(nurse, NOW - 3 * DAY + HOUR)
    report(participant, now=NOW - 2 * DAY)
    report(participant, now=NOW - DAY)
    (raised,) = report(participant, [CHEST_PAIN])
    found = episode()
    assert (raised.alert, raised.alert_number) == (True, 2)
    assert (found.state, found.seen_at, found.owner_id) == ("new", None, nurse.id)
    assert found.acknowledge_by_at == NOW + HOUR


def test_the_same_red_in_every_report_alerts_once() -> None:
    participant = enrol()
    alerts = [report(participant, [CHEST_PAIN], now=NOW + day * DAY)[0].alert for day in range(3)]
    assert alerts == [True, False, False]


def test_a_second_red_of_the_same_day_is_compared_with_the_first_report() -> None:
    participant = enrol()
    report(participant, [CHEST_PAIN])
    assert report(participant, [], on=TODAY, now=NOW + HOUR) == ()
    (raised,) = report(participant, [CHEST_PAIN], on=TODAY, now=NOW + 2 * HOUR)
    assert raised.alert


def test_a_late_report_of_an_earlier_hour_is_compared_with_what_was_entered_before_it() -> None:
    participant = enrol()
    report(participant, [CHEST_PAIN], now=NOW - 3 * DAY)
    report(participant, now=NOW - 2 * DAY)
    report(participant, [CHEST_PAIN])
    (raised,) = report(participant, [CHEST_PAIN], on=TODAY - DAY, now=NOW - DAY)
    assert raised.alert


@pytest.mark.parametrize(
    ("values", "alerts"),
    [
        (("38.0", "38.9"), [True, False]),
        (("38.0", "39.0"), [True, True]),
        (("38.4", "40.5"), [True, True]),
        (("38.0", "38.6", "39.0"), [True, False, True]),
        (("39.0", "38.2", "39.2"), [True, False, True]),
        (("39.0", "39.5", "39.9", "40.0"), [True, False, False, True]),
    ],
)
def test_a_fever_a_degree_higher_than_since_the_last_alert_alerts_again(
    values: Sequence[str], alerts: list[bool]
) -> None:
    participant = enrol()
    assert [report(participant, [fever(one)], now=NOW + day * DAY)[0].alert for day, one in enumerate(values)] == alerts


@pytest.mark.parametrize(
    ("before", "after", "alert"),
    [
        (stool(5, "1000"), stool(6, "1200"), False),
        (stool(5, "1000"), stool(5, "1501"), True),
        (stool(5, "300"), stool(8, "400"), True),
        (pain(3), pain(3), False),
        (pain(3), pain(4), True),
        (pain(4), pain(3), False),
    ],
)
def test_the_next_stage_of_stool_and_the_next_score_of_pain_alert_again(before: Flag, after: Flag, alert: bool) -> None:
    participant = enrol()
    report(participant, [before])
    assert report(participant, [after], now=NOW + DAY)[0].alert is alert


def test_an_amber_between_keeps_the_time_of_a_red_that_nobody_has_seen() -> None:
    participant = enrol()
    report(participant, [CHEST_PAIN])
    report(participant, [flag("fever-amber", organ=Organ.GENERAL)], now=NOW + 3 * HOUR)
    assert (episode().severity, episode().acknowledge_by_at) == ("red", NOW + HOUR)


def test_an_amber_whose_time_is_over_and_that_turns_red_gets_the_clock_of_the_red() -> None:
    participant = enrol()
    report(participant, [flag("fever-amber", organ=Organ.GENERAL)])
    report(participant, [CHEST_PAIN], now=NOW + 5 * DAY)
    assert episode().acknowledge_by_at == NOW + 5 * DAY + HOUR


def test_a_correction_of_a_red_is_compared_with_the_version_before() -> None:
    participant, nurse = enrol(), hire()
    receipt = send(participant, temperature_taken=True, temperature=Decimal("38.4"))
    claim(nurse, NOW + HOUR)
    correct(participant, receipt.diary_id, temperature_taken=True, temperature=Decimal("38.6"))
    assert episode().state == "claimed"
    assert kinds() == ["open", "claim", "join", "correct"]


def test_an_amber_met_every_day_before_does_not_reopen_what_staff_have_closed() -> None:
    participant = closed_after([flag("appetite-days", organ=Organ.UPPER_GI)], contacted=False)
    for day in range(1, 7):
        (raised,) = report(participant, [flag("appetite-days", organ=Organ.UPPER_GI)], now=NOW + day * DAY)
        assert not raised.alert
    assert episode().state == "closed"
    assert len(db.session.scalars(select(FlagRow)).all()) == 7


def test_an_amber_that_was_away_and_is_back_reopens() -> None:
    participant = closed_after([flag("nausea-high", organ=Organ.UPPER_GI)])
    report(participant, now=NOW + DAY)
    (raised,) = report(participant, [flag("nausea-high", organ=Organ.UPPER_GI)], now=NOW + 2 * DAY)
    assert (raised.alert, episode().state) == (True, "new")


def test_a_new_amber_or_a_higher_stage_reopens() -> None:
    participant = closed_after([flag()])
    (raised,) = report(participant, [flag(), flag("rash-growing")], now=NOW + DAY)
    assert (raised.alert, episode().state) == (True, "new")


def test_a_higher_stage_reopens() -> None:
    participant = closed_after([flag("rash-persisting")])
    (raised,) = report(participant, [flag("rash-persisting")], stage=1, now=NOW + DAY)
    assert (raised.alert, episode().state) == (True, "new")


def test_what_was_closed_because_nobody_was_reached_comes_back() -> None:
    participant, nurse = enrol(), hire()
    report(participant, [flag("appetite-days", organ=Organ.UPPER_GI)])
    claim(nurse)
    close(nurse, NOW + HOUR, "unreachable")
    (raised,) = report(participant, [flag("appetite-days", organ=Organ.UPPER_GI)], now=NOW + DAY)
    assert raised.alert


@pytest.mark.parametrize(
    ("again", "after", "alert", "state"),
    [
        (fever("38.4"), 12 * HOUR, False, "contacted"),
        (fever("39.3"), 12 * HOUR, False, "contacted"),
        (fever("39.4"), 2 * HOUR, True, "new"),
        (CHEST_PAIN, 2 * HOUR, True, "new"),
        (fever("38.4"), 12 * HOUR + timedelta(seconds=1), True, "new"),
    ],
)
def test_a_red_after_closing_is_listed_and_alerts_unless_it_has_just_been_spoken_about(
    again: Flag, after: timedelta, alert: bool, state: str
) -> None:
    participant = closed_after([fever("38.4")])
    contact_at = NOW + HOUR * 2 / 3
    (raised,) = report(participant, [again], now=contact_at + after)
    assert (raised.alert, episode().state, episode().severity, episode().closed_at) == (alert, state, "red", None)


def test_a_red_that_was_closed_without_a_contact_alerts_again() -> None:
    participant = closed_after([fever("38.4")], contacted=False)
    (raised,) = report(participant, [fever("38.4")], now=NOW + 2 * HOUR)
    assert (raised.alert, episode().state) == (True, "new")


def test_a_red_on_every_day_reopens_on_every_day() -> None:
    participant = closed_after([CHEST_PAIN])
    (raised,) = report(participant, [CHEST_PAIN], now=NOW + DAY)
    assert (raised.alert, raised.alert_number, episode().state) == (True, 2, "new")
