"""The figures of the follow-up, on both databases."""

from datetime import timedelta

import pytest

from portal.domain.proportions import Share
from portal.extensions import db, transaction
from portal.services import figures, triage
from tests.support.diaries import flag, hire, red, report
from tests.support.people import NOW, at_site, enrol
from tests.support.statements import counted

pytestmark = pytest.mark.usefixtures("core")
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


def read(now=NOW):  # type: ignore[no-untyped-def]
    db.session.rollback()
    return figures.compute_metrics(db.session, actor=at_site("RJ"), now=now)


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
    assert (high.severity, high.raised, high.minutes.median, high.seen_in_time) == ("red", 1, 90, Share(0, 1))
    assert (low.severity, low.raised, low.minutes.median, low.seen_in_time) == ("amber", 1, 30, Share(1, 1))


def claim(nurse, raised, version, at) -> None:  # type: ignore[no-untyped-def]
    with transaction() as session:
        triage.claim_episode(session, actor=nurse, episode_id=raised.episode_id, version=version, now=at)


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
            triage.close_episode(session, actor=nurse, episode_id=raised.episode_id, version=2, outcome="advice-given",
                         note="Seen.", now=NOW + hours * 60 * MINUTE + late)  # fmt: skip
    level = next(one for one in read(NOW + 9 * DAY).answering if one.severity == ("red" if urgent else "amber"))
    assert level.closed_in_time == Share(1, 2)


def test_enrolment_is_told_by_month_against_the_plan() -> None:
    enrol(1, day=20)
    (month,) = read().months
    assert (month.first_on.isoformat(), month.enrolled, month.so_far) == ("2026-11-01", 1, 1)
    assert 0 < month.planned < 56


def behind(kind, now=NOW, **asked):  # type: ignore[no-untyped-def]
    db.session.rollback()
    return figures.list_drilldown_rows(
        db.session, actor=at_site("RJ"), kind=kind, asked=figures.DrilldownFilter(now=now, **asked)
    )


def test_the_rows_behind_completion_add_up_to_it_by_arm_and_day() -> None:
    treated, other = enrol(1, day=20), enrol(2, day=15, arm="control")
    for person, back in ((treated, 1), (treated, 4), (other, 2)):
        report(person, now=NOW - back * DAY)
    found = read()
    every = behind("completion").rows
    assert Share(sum(row.count for row in every), sum(row.of for row in every)) == found.completion
    for (arm, day), share in found.by_day.items():
        rows = behind("completion", arm=arm, first_day=day, last_day=day).rows
        assert Share(sum(row.count for row in rows), sum(row.of for row in rows)) == share


def test_the_rows_behind_alerts_reports_and_enrolment_are_as_many_as_the_numbers() -> None:
    nurse, treated, other = hire(), enrol(1), enrol(2, arm="control")
    (raised,) = report(treated, [red()], now=NOW - DAY)
    claim(nurse, raised, 1, NOW - DAY + 30 * MINUTE)
    report(other, [flag()], now=NOW - DAY)
    found = read()
    for one in found.answering:
        rows = behind("alerts", level=one.severity).rows
        assert (len(rows), one.severity) == (one.raised, rows[0].level)
    (row,) = behind("alerts", level="red").rows
    assert (row.study_number, row.seen_at, row.closed_at) == ("RJ-001", NOW - DAY + 30 * MINUTE, None)
    assert [row.study_number for row in behind("reports", level="amber").rows] == ["RJ-002"]
    assert len(behind("enrolled", month_on=found.months[0].first_on).rows) == found.months[0].enrolled
    assert behind("reports", arm="control", level="red").rows == ()


def test_the_rows_behind_closed_episodes_and_calls_say_how_they_ended() -> None:
    nurse = hire()
    (raised,) = report(enrol(), [red()])
    claim(nurse, raised, 1, NOW)
    with transaction() as session:
        triage.record_contact(session, actor=nurse, episode_id=raised.episode_id, version=2, now=NOW)
        triage.close_episode(session, actor=nurse, episode_id=raised.episode_id, version=3, outcome="advice-given",
                     note="Seen.", now=NOW)  # fmt: skip
    assert [row.outcome for row in behind("closed", level="red").rows] == ["advice-given"]
    assert [(row.study_number, row.count) for row in behind("calls").rows] == [("RJ-001", 1)]
    assert behind("closed", level="amber").rows == behind("reminders").rows == ()


@pytest.mark.parametrize("kind", ["reports", "alerts", "completion"])
def test_rows_come_a_page_at_a_time_and_none_is_left_out(kind: str) -> None:
    for number in range(1, 6):
        report(enrol(number), [red()], now=NOW - DAY)
    seen, after = [], ""
    while after is not None:
        page = behind(kind, after=after, limit=2)
        seen += [row.study_number for row in page.rows]
        after = page.next_after
    assert seen == [f"RJ-00{number}" for number in range(1, 6)]


def test_no_row_of_another_site_is_shown() -> None:
    report(enrol(), [red()])
    assert (
        figures.list_drilldown_rows(
            db.session, actor=at_site("SH"), kind="reports", asked=figures.DrilldownFilter(now=NOW)
        ).rows
        == ()
    )


def test_the_number_of_statements_does_not_grow() -> None:
    enrol(1)
    with counted() as few:
        read()
    for number in range(2, 12):
        report(enrol(number), [red()])
    with counted() as many:
        read()
    assert few() == many()
