"""The figures of the follow-up, on both databases."""

from datetime import timedelta

import pytest

from portal.domain.proportions import Share
from portal.extensions import db, transaction
from portal.services import figures, triage
from tests.diaries import flag, hire, red, report
from tests.people import NOW, enrol
from tests.services.test_triage_reading import counted

pytestmark = pytest.mark.usefixtures("core")
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


def read(now=NOW):  # type: ignore[no-untyped-def]
    db.session.rollback()
    return figures.figures(db.session, sites=["RJ"], now=now)


def test_completion_counts_days_owed_until_yesterday_by_arm() -> None:
    treated = enrol(1, day=20)
    enrol(2, day=20, arm="control")
    for back in (1, 2, 3):
        report(treated, now=NOW - back * DAY)
    report(treated, now=NOW)
    found = read()
    assert found.completion == Share(3, 20)
    assert [(one.arm, one.completion) for one in found.parity] == [("imsc", Share(3, 10)), ("control", Share(0, 10))]
    assert found.by_day["imsc", 19] == Share(1, 1)


def test_an_alert_is_measured_from_itself_to_the_claim_that_follows_it() -> None:
    nurse, person = hire(), enrol()
    (first,) = report(person, [flag()], now=NOW - 3 * DAY)
    claim(nurse, first, 1, NOW - 3 * DAY + 30 * MINUTE)
    report(person, [red()], now=NOW - DAY)
    claim(nurse, first, 3, NOW - DAY + 90 * MINUTE)
    high, low = read().answering
    assert (high.severity, high.raised, high.minutes, high.seen_in_time) == ("red", 1, 90, Share(0, 1))
    assert (low.severity, low.raised, low.minutes, low.seen_in_time) == ("amber", 1, 30, Share(1, 1))


def claim(nurse, raised, version, at) -> None:  # type: ignore[no-untyped-def]
    with transaction() as session:
        triage.claim(session, actor=nurse, episode_id=raised.episode_id, version=version, now=at)


def test_an_alert_whose_time_is_not_up_counts_neither_way() -> None:
    report(enrol(), [red()])
    assert read(NOW + 59 * MINUTE).answering[0].seen_in_time == Share(0, 0)
    assert read(NOW + 61 * MINUTE).answering[0].seen_in_time == Share(0, 1)


@pytest.mark.parametrize(("urgent", "hours"), [(True, 24), (False, 48)])
def test_an_alert_is_closed_in_time_by_the_hours_of_its_level(urgent: bool, hours: int) -> None:
    nurse = hire()
    for number, late in ((1, timedelta()), (2, MINUTE)):
        (raised,) = report(enrol(number), [red() if urgent else flag()])
        claim(nurse, raised, 1, NOW + MINUTE)
        with transaction() as session:
            triage.close(session, actor=nurse, episode_id=raised.episode_id, version=2, outcome="advice-given",
                         note="Seen.", now=NOW + hours * 60 * MINUTE + late)  # fmt: skip
    level = next(one for one in read(NOW + 9 * DAY).answering if one.severity == ("red" if urgent else "amber"))
    assert level.closed_in_time == Share(1, 2)


def test_enrolment_is_told_by_month_against_the_plan() -> None:
    enrol(1, day=20)
    (month,) = read().months
    assert (month.first_on.isoformat(), month.enrolled, month.so_far) == ("2026-11-01", 1, 1)
    assert 0 < month.planned < 56


def test_the_number_of_statements_does_not_grow() -> None:
    enrol(1)
    with counted() as few:
        read()
    for number in range(2, 12):
        report(enrol(number), [red()])
    with counted() as many:
        read()
    assert few() == many()
