"""The ward's list, one episode, the strips, and what a participant may know."""

from datetime import date, timedelta

import pytest

from portal.domain.access import Role
from portal.domain.alert_rules import Organ
from portal.domain.errors import NotFound
from portal.extensions import db, transaction
from portal.services import triage
from tests.support.diaries import flag, hire, red, report
from tests.support.people import NOW, TODAY, acting_for, at_site, enrol
from tests.support.statements import counted

pytestmark = pytest.mark.usefixtures("core")
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


def open_list(now=NOW, sites=("RJ",)):  # type: ignore[no-untyped-def]
    db.session.rollback()
    return triage.list_open_episodes(db.session, actor=at_site(*sites), now=now)


def test_red_comes_first_then_what_nobody_has_looked_at_then_the_clock() -> None:
    nurse = hire()
    report(enrol(1), [flag()])
    report(enrol(2), [red()], now=NOW + 2 * MINUTE)
    report(enrol(3), [red()], now=NOW + 3 * MINUTE)
    (seen,) = report(enrol(4), [red()], now=NOW + MINUTE)
    with transaction() as session:
        triage.claim_episode(session, actor=nurse, episode_id=seen.episode_id, version=1, now=NOW + 4 * MINUTE)
    assert [row.study_number for row in open_list()] == ["RJ-002", "RJ-003", "RJ-004", "RJ-001"]


def test_a_row_says_who_what_changed_and_whose_it_is() -> None:
    report(enrol(), [flag(), red()], stage=2)
    (row,) = open_list()
    assert (row.study_number, row.study_day, row.organ, row.stage, row.owner) == ("RJ-001", 20, "skin", 2, None)
    assert [reason.evidence.msgid for reason in row.reasons] == [
        "Blisters on the skin",
        "Redness or rash that was not in the last report",
    ]


def test_the_worst_reason_that_nobody_has_spoken_about_stands_first_with_its_time() -> None:
    participant = enrol()
    report(participant, [flag("rash-growing")])
    report(participant, [red()], now=NOW + DAY)
    report(participant, [flag()], now=NOW + 2 * DAY)
    found = [(reason.rule_id, reason.since_at) for reason in open_list(now=NOW + 2 * DAY)[0].reasons]
    assert found == [("skin-blisters-red", NOW + DAY), ("rash-growing", NOW), ("rash-new", NOW + 2 * DAY)]


def test_a_contact_answers_what_came_before_it_and_a_row_never_stands_without_a_reason() -> None:
    participant, nurse = enrol(), hire()
    (raised,) = report(participant, [red()])
    with transaction() as session:
        triage.claim_episode(session, actor=nurse, episode_id=raised.episode_id, version=1, now=NOW + MINUTE)
        triage.record_contact(session, actor=nurse, episode_id=raised.episode_id, version=2, now=NOW + 2 * MINUTE)
    assert [reason.rule_id for reason in open_list()[0].reasons] == ["skin-blisters-red"]
    assert open_list()[0].since_seen is None
    report(participant, [red(), flag()], now=NOW + DAY, stage=None)
    page = triage.get_episode(db.session, episode_id=raised.episode_id, actor=nurse, now=NOW + DAY)
    assert [(one.rule_id, one.raised_at) for one in page.waiting] == [
        ("skin-blisters-red", NOW + DAY),
        ("rash-new", NOW + DAY),
    ]
    assert [one.raised_at for one in page.earlier] == [NOW]


def test_a_row_says_that_a_report_has_come_since_only_when_one_has() -> None:
    participant, nurse = enrol(), hire()
    (raised,) = report(participant, [red()])
    with transaction() as session:
        triage.claim_episode(session, actor=nurse, episode_id=raised.episode_id, version=1, now=NOW + MINUTE)
    assert open_list()[0].since_seen is None
    report(participant, [red()], now=NOW + DAY)
    assert open_list()[0].since_seen == "report"


def test_a_new_red_of_an_episode_in_hand_stands_among_the_unseen() -> None:
    participant, nurse = enrol(1), hire()
    (raised,) = report(participant, [red()])
    with transaction() as session:
        triage.claim_episode(session, actor=nurse, episode_id=raised.episode_id, version=1, now=NOW + MINUTE)
    report(participant, now=NOW + DAY)
    report(enrol(2), [red()], now=NOW + DAY + 5 * MINUTE)
    assert [row.study_number for row in open_list()] == ["RJ-002", "RJ-001"]
    report(participant, [red()], on=TODAY + DAY, now=NOW + DAY + MINUTE)
    assert [row.study_number for row in open_list()] == ["RJ-001", "RJ-002"]


def test_more_unseen_reds_than_are_named_are_counted_truly() -> None:
    for number in range(1, 54):
        report(enrol(number), [red()])
    page = triage.list_open_page(db.session, actor=at_site("RJ"), now=NOW, limit=1)
    assert (len(page.elsewhere), page.elsewhere_total) == (50, 52)


def test_the_list_shows_no_other_site() -> None:
    report(enrol(), [red()])
    assert open_list(sites=("SH",)) == ()


def test_the_strip_tells_quiet_flagged_missed_and_not_due_apart() -> None:
    participant = enrol(day=20)  # diaries from day 10, enrolment
    report(participant, [flag()], on=TODAY - 2 * DAY, now=NOW - 2 * DAY)
    report(participant, [flag("nausea-days", organ=Organ.UPPER_GI)], on=TODAY - DAY, now=NOW - DAY)
    report(participant, [red()], on=TODAY)
    strip = next(row.strip for row in open_list() if row.organ == "skin")
    assert [day.level for day in strip] == ["outside"] * 3 + ["missed"] * 8 + ["amber", "quiet", "red"]
    assert (strip[0].on, strip[-1].on) == (TODAY - 13 * DAY, TODAY)


def test_the_number_of_statements_does_not_grow_with_the_list() -> None:
    report(enrol(1), [red()])
    with counted() as one:
        open_list()
    for number in range(2, 31):
        report(enrol(number), [red()])
    with counted() as thirty:
        assert len(open_list()) == 30
    assert one() == thirty()


@pytest.mark.parametrize(("last", "silent"), [(0, False), (1, False), (2, False), (3, True)])
def test_two_days_without_a_diary_are_silence(last: int, silent: bool) -> None:
    report(enrol(), on=TODAY - last * DAY)
    listed = triage.list_without_recent_diary(db.session, actor=at_site("RJ"), now=NOW)
    assert [row.last_on for row in listed] == ([TODAY - 3 * DAY] if silent else [])


@pytest.mark.parametrize(("day", "silent"), [(8, False), (9, True), (20, True), (101, True), (102, False)])
def test_silence_counts_only_days_that_had_a_diary(day: int, silent: bool) -> None:
    enrol(day=day, enrolled_on=date(2026, 1, 1))
    listed = triage.list_without_recent_diary(db.session, actor=at_site("RJ"), now=NOW)
    assert [row.last_on for row in listed] == ([None] if silent else [])


def test_what_has_been_looked_at_is_sorted_by_when_it_has_to_be_closed() -> None:
    nurse = hire()
    for number, later in ((1, timedelta(hours=2)), (2, timedelta(hours=1))):
        (raised,) = report(enrol(number), [red()], now=NOW + later)
        with transaction() as session:
            triage.claim_episode(session, actor=nurse, episode_id=raised.episode_id, version=1, now=NOW + 3 * later)
    report(enrol(3), [red()], now=NOW + timedelta(hours=4))
    assert [row.study_number for row in open_list()] == ["RJ-003", "RJ-002", "RJ-001"]


def test_some_of_the_silent_are_the_latest_transplants_and_all_of_them_are_counted() -> None:
    for number, day in ((1, 40), (2, 20), (3, 30)):
        enrol(number, day=day, enrolled_on=date(2026, 1, 1))
    some = triage.list_without_recent_diary(db.session, actor=at_site("RJ"), now=NOW, limit=2)
    assert {row.study_day for row in some} == {20, 30}
    assert triage.count_without_recent_diary(db.session, actor=at_site("RJ"), now=NOW) == 3
    assert triage.count_without_recent_diary(db.session, actor=at_site("SH"), now=NOW) == 0


def test_an_episode_shows_flags_steps_and_what_can_be_done() -> None:
    nurse, participant = hire(), enrol()
    (raised,) = report(participant, [red()], stage=2)
    page = triage.get_episode(db.session, episode_id=raised.episode_id, actor=nurse, now=NOW)
    assert (page.study_number, page.study_day, page.state, page.version) == ("RJ-001", 20, "new", 1)
    assert [(one.rule_id, one.diary_on) for one in page.flags] == [("skin-blisters-red", TODAY)]
    assert [(step.kind, step.name) for step in page.steps] == [("open", None)]
    assert page.verbs == ("claim", "note")


def test_the_estimate_says_on_how_many_days_it_rests_and_what_is_not_assessed() -> None:
    (raised,) = report(enrol(), [red()])
    page = triage.get_episode(db.session, episode_id=raised.episode_id, actor=hire(), now=NOW)
    assert page.estimate is not None
    stages = {one.organ: (one.stage, one.days_known, one.days_wanted) for one in page.estimate.organs}
    assert stages["lower_gi"] == (1, 2, 3)
    assert stages["liver"][0] is None


def test_colleagues_are_those_of_the_site_who_may_act() -> None:
    hire("Zhou Min", role=Role.MONITOR)
    hire("Wu Hao", sites=("SH",))
    nurse = hire("Li Na")
    (raised,) = report(enrol(), [red()])
    page = triage.get_episode(db.session, episode_id=raised.episode_id, actor=nurse, now=NOW)
    assert [one.name for one in page.colleagues] == ["Li Na"]


def test_an_episode_of_another_site_is_not_found() -> None:
    (raised,) = report(enrol(), [red()])
    with pytest.raises(NotFound):
        triage.get_episode(db.session, episode_id=raised.episode_id, actor=hire(sites=("SH",)), now=NOW)


def test_the_participant_learns_that_somebody_has_seen_it() -> None:
    participant, nurse = enrol(), hire()
    (raised,) = report(participant, [red()])
    with transaction() as session:
        triage.claim_episode(session, actor=nurse, episode_id=raised.episode_id, version=1, now=NOW + MINUTE)
    (seen,) = triage.list_latest_episodes(db.session, actor=acting_for(participant), now=NOW)
    assert (seen.state, seen.severity, seen.seen_at) == ("claimed", "red", NOW + MINUTE)


def open_page(**asked):  # type: ignore[no-untyped-def]
    db.session.rollback()
    return triage.list_open_page(db.session, actor=at_site("RJ"), now=NOW, **{"limit": 2, **asked})


def test_pages_by_key_show_everything_once_in_the_order_of_the_list() -> None:
    for number in range(1, 6):
        report(enrol(number), [red() if number % 2 else flag()], now=NOW - number * MINUTE)
    seen, after = [], None
    for _ in range(3):
        page = open_page(after=after)
        seen += [row.episode_id for row in page.rows]
        after = page.next_after
    assert after is None
    assert seen == [row.episode_id for row in open_list()]
    assert page.total == 5


@pytest.mark.parametrize(
    ("narrowed", "numbers"),
    [
        (triage.EpisodeFilter(), ["RJ-001", "RJ-002", "RJ-003"]),
        (triage.EpisodeFilter(severity="red"), ["RJ-001"]),
        (triage.EpisodeFilter(organ="liver"), ["RJ-003"]),
        (triage.EpisodeFilter(state="claimed"), ["RJ-002"]),
        (triage.EpisodeFilter(owner_id=triage.NO_OWNER), ["RJ-001", "RJ-003"]),
        (triage.EpisodeFilter(site="SH"), []),
    ],
)
def test_the_list_is_narrowed_by_what_is_asked_for(narrowed: triage.EpisodeFilter, numbers: list[str]) -> None:
    nurse = hire()
    report(enrol(1), [red()])
    (mine,) = report(enrol(2), [flag()])
    report(enrol(3), [flag("pale-stools", organ=Organ.LIVER)])
    with transaction() as session:
        triage.claim_episode(session, actor=nurse, episode_id=mine.episode_id, version=1, now=NOW)
    page = open_page(narrowed=narrowed, limit=50)
    assert sorted(row.study_number for row in page.rows) == numbers
    assert len(open_page(narrowed=triage.EpisodeFilter(owner_id=nurse.id)).rows) == 1


def test_a_red_that_a_narrowed_page_hides_is_named_beside_it() -> None:
    report(enrol(1), [red()])
    (hidden,) = open_page(narrowed=triage.EpisodeFilter(severity="amber")).elsewhere
    assert (hidden.study_number, hidden.organ) == ("RJ-001", "skin")
    assert open_page().elsewhere == ()
