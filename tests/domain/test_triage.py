"""Episodes by the table: what opens, joins and worsens one, the ways between states, and the clock by the calendar."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from portal import protocols
from portal.domain import triage
from portal.domain.alert_rules import Evidence, Flag, Organ, Severity
from portal.domain.errors import Conflict
from portal.domain.triage import AlertReason, EpisodeState, EpisodeStepKind, EpisodeUpdate, OpenEpisode

CLOCKS = protocols.load_protocol().clocks
SHANGHAI = ZoneInfo("Asia/Shanghai")
AMBER, RED = Severity.AMBER, Severity.RED


def flag(rule: str = "rash-new", severity: Severity = AMBER) -> Flag:
    return Flag(rule, 1, severity, Organ.SKIN, Evidence("Redness"), (), rule)


def opened(severity: Severity = AMBER, stage: int | None = 1) -> OpenEpisode:
    return OpenEpisode(severity, stage, frozenset({"rash-new"}))


def test_a_first_flag_opens_an_episode_and_alerts() -> None:
    assert triage.update_episode(None, [flag()], 1) == EpisodeUpdate(AMBER, 1, (AlertReason.OPENED,))


def test_an_episode_takes_the_highest_severity_of_the_report() -> None:
    assert triage.update_episode(None, [flag(), flag("rash-extent-red", RED)], 3).severity is RED


def test_the_same_again_joins_without_an_alert() -> None:
    assert triage.update_episode(opened(), [flag()], 1) == EpisodeUpdate(AMBER, 1, ())


@pytest.mark.parametrize(
    ("severity", "rule", "stage", "why"),
    [
        (RED, "rash-new", 1, (AlertReason.SEVERITY,)),
        (AMBER, "rash-new", 2, (AlertReason.STAGE,)),
        (AMBER, "rash-growing", 1, (AlertReason.RULE,)),
        (RED, "rash-extent-red", 3, (AlertReason.SEVERITY, AlertReason.STAGE, AlertReason.RULE)),
        (AMBER, "rash-new", 0, ()),
        (AMBER, "rash-new", None, ()),
    ],
)
def test_only_what_is_worse_alerts_again(
    severity: Severity, rule: str, stage: int | None, why: tuple[AlertReason, ...]
) -> None:
    assert triage.update_episode(opened(), [flag(rule, severity)], stage).why == why


@pytest.mark.parametrize(("before", "stage", "alerts"), [(None, 0, False), (None, 1, True), (2, 1, False)])
def test_a_stage_that_becomes_known_alerts_only_above_nothing(before: int | None, stage: int, alerts: bool) -> None:
    assert triage.update_episode(opened(stage=before), [flag()], stage).alert is alerts


def test_an_episode_never_gets_milder() -> None:
    assert triage.update_episode(opened(RED, 3), [flag()], 1) == EpisodeUpdate(RED, 3, ())


def test_an_episode_without_a_flag_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="needs a flag"):
        triage.update_episode(None, [], 1)


@pytest.mark.parametrize("state", EpisodeState)
@pytest.mark.parametrize("verb", EpisodeStepKind)
def test_every_pair_of_state_and_verb_is_a_way_or_a_conflict(state: EpisodeState, verb: EpisodeStepKind) -> None:
    if (state, verb) in triage.TRANSITIONS:
        assert triage.next_state(state, verb) is triage.TRANSITIONS[state, verb]
        return
    with pytest.raises(Conflict):
        triage.next_state(state, verb)


def test_nobody_closes_what_nobody_has_looked_at() -> None:
    assert triage.allowed_verbs("new") == (EpisodeStepKind.CLAIM, EpisodeStepKind.NOTE)


def test_a_closed_episode_can_be_noted_and_reopened() -> None:
    assert triage.allowed_verbs("closed") == (EpisodeStepKind.NOTE, EpisodeStepKind.REOPEN)


def test_no_person_can_do_what_only_a_report_does() -> None:
    offered = {verb for state in EpisodeState for verb in triage.allowed_verbs(state)}
    assert offered == set(EpisodeStepKind) - triage.SYSTEM_STEPS


@pytest.mark.parametrize(
    "state", [EpisodeState.NEW, EpisodeState.CLAIMED, EpisodeState.CONTACTED, EpisodeState.WAITING]
)
def test_what_gets_worse_has_to_be_looked_at_again(state: EpisodeState) -> None:
    assert triage.next_state(state, EpisodeStepKind.WORSEN) is EpisodeState.NEW


@pytest.mark.parametrize("state", EpisodeState)
def test_a_note_moves_nothing(state: EpisodeState) -> None:
    assert triage.next_state(state, EpisodeStepKind.NOTE) is state


@pytest.mark.parametrize(
    ("after", "reopens"),
    [(timedelta(days=7), True), (timedelta(days=7, seconds=1), False), (timedelta(0), True)],
)
def test_a_recurrence_within_the_protocols_days_belongs_to_the_same_episode(after: timedelta, reopens: bool) -> None:
    closed_at = datetime(2026, 11, 2, 3, 0, tzinfo=UTC)
    assert triage.is_reopened_by(closed_at, now=closed_at + after, clocks=CLOCKS) is reopens


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def deadline(severity: Severity, at: str) -> datetime:
    return triage.acknowledge_by(severity, at=local(at).astimezone(UTC), clocks=CLOCKS, timezone="Asia/Shanghai")


@pytest.mark.parametrize("at", ["2026-11-28T23:30", "2026-10-01T03:00", "2026-11-23T10:00"])
def test_red_runs_day_and_night_weekends_and_holidays(at: str) -> None:
    assert deadline(RED, at) == local(at) + timedelta(minutes=60)


@pytest.mark.parametrize(
    ("at", "by"),
    [
        ("2026-11-23T08:00", "2026-11-23T16:00"),  # Monday, the whole day before it
        ("2026-11-23T09:00", "2026-11-23T17:00"),  # to the very minute of closing
        ("2026-11-23T09:01", "2026-11-24T08:01"),
        ("2026-11-23T05:00", "2026-11-23T16:00"),  # before opening
        ("2026-11-23T17:00", "2026-11-24T16:00"),  # at closing
        ("2026-11-26T16:00", "2026-11-27T15:00"),  # Thursday
        ("2026-11-27T18:30", "2026-11-30T16:00"),  # Friday evening
        ("2026-11-27T15:00", "2026-11-30T14:00"),  # Friday, over the weekend
        ("2026-11-29T12:00", "2026-11-30T16:00"),  # Sunday
        ("2026-09-30T16:00", "2026-10-08T15:00"),  # National Day, seven days
        ("2026-10-01T10:00", "2026-10-08T16:00"),  # a holiday on a Thursday
    ],
)
def test_amber_counts_working_hours_by_the_hospital_calendar(at: str, by: str) -> None:
    assert deadline(AMBER, at) == local(by)


@pytest.mark.parametrize("saturday", [day for day in CLOCKS.extra_working_days if day.isoweekday() == 6])
def test_amber_counts_a_weekend_day_that_is_worked_in_exchange(saturday: date) -> None:
    friday = (saturday - timedelta(days=1)).isoformat()
    assert deadline(AMBER, f"{friday}T17:00") == local(f"{saturday.isoformat()}T16:00")


def test_a_deadline_is_in_utc() -> None:
    assert deadline(AMBER, "2026-11-23T08:00").tzinfo is UTC


def test_working_hours_survive_the_change_to_summer_time() -> None:
    clocks = replace(CLOCKS, working_weekdays=(1, 2, 3, 4, 5, 6, 7), working_until=CLOCKS.working_from.replace(hour=12))
    at = datetime(2026, 3, 28, 9, 0, tzinfo=ZoneInfo("Europe/Berlin"))
    by = triage.acknowledge_by(AMBER, at=at, clocks=clocks, timezone="Europe/Berlin")
    assert by == datetime(2026, 3, 30, 9, 0, tzinfo=ZoneInfo("Europe/Berlin"))


def test_a_calendar_without_working_days_is_named() -> None:
    with pytest.raises(ValueError, match="working time"):
        triage.acknowledge_by(AMBER, at=local("2026-11-23T08:00"), clocks=replace(CLOCKS, working_weekdays=()),
                              timezone="Asia/Shanghai")  # fmt: skip
