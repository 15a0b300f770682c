"""What reports do to episodes."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.domain.alert_rules import Organ, Severity
from portal.extensions import db, transaction
from portal.models.people import Participant
from portal.models.triage import Episode, EpisodeStep, Flag
from portal.services import audit, triage
from tests.support.diaries import flag, hire, red, report
from tests.support.people import NOW, enrol

pytestmark = pytest.mark.usefixtures("core")
DAY = timedelta(days=1)


def the_episode() -> Episode:
    db.session.rollback()
    return db.session.scalars(select(Episode)).one()


def step_kinds() -> list[str]:
    return list(db.session.scalars(select(EpisodeStep.kind).order_by(EpisodeStep.id)))


def the_participant() -> Participant:
    return db.session.scalars(select(Participant)).one()


def closed_episode(outcome: str = "advice-given") -> int:
    (raised,) = report(enrol(), [flag()], stage=2)
    nurse = hire()
    with transaction() as session:
        triage.claim_episode(session, actor=nurse, episode_id=raised.episode_id, version=1, now=NOW)
    with transaction() as session:
        triage.close_episode(
            session, actor=nurse, episode_id=raised.episode_id, version=2, outcome=outcome, note="Cream.", now=NOW
        )
    return raised.episode_id


def test_a_first_flag_opens_an_episode_with_a_clock() -> None:
    (raised,) = report(enrol(), [red()], stage=3)
    episode = the_episode()
    assert (raised.alert, raised.alert_number, raised.severity) == (True, 1, Severity.RED)
    assert (episode.state, episode.severity, episode.stage, episode.site) == ("new", "red", 3, "RJ")
    assert episode.acknowledge_by_at == raised.acknowledge_by_at == NOW + timedelta(hours=1)


def test_every_flag_is_kept_with_rule_version_and_evidence() -> None:
    report(enrol(), [red(), flag()])
    stored = db.session.scalars(select(Flag).order_by(Flag.id)).all()
    assert [(row.rule_id, row.rule_version) for row in stored] == [("skin-blisters-red", 1), ("rash-new", 1)]
    assert stored[0].evidence["msgid"] == "Blisters on the skin"


def test_each_organ_has_an_episode_of_its_own_touched_once_a_report() -> None:
    raised = report(enrol(), [flag(), flag("rash-growing"), flag("nausea-days", organ=Organ.UPPER_GI)])
    assert [one.organ for one in raised] == ["skin", "upper_gi"]
    assert step_kinds() == ["open", "open"]


def test_a_report_without_flags_raises_nothing() -> None:
    assert report(enrol()) == ()


def test_the_same_again_next_day_joins_quietly() -> None:
    participant = enrol()
    (first,) = report(participant, [flag()], stage=1)
    (second,) = report(participant, [flag()], stage=1, now=NOW + DAY)
    assert (second.episode_id, second.alert, second.alert_number) == (first.episode_id, False, 1)
    assert second.acknowledge_by_at == first.acknowledge_by_at
    assert step_kinds() == ["open", "join"]


def test_worse_alerts_again_and_has_to_be_seen_again() -> None:
    participant, nurse = enrol(), hire()
    (first,) = report(participant, [flag()], stage=1)
    with transaction() as session:
        triage.claim_episode(session, actor=nurse, episode_id=first.episode_id, version=1, now=NOW)
    (second,) = report(participant, [red()], stage=3, now=NOW + DAY)
    episode = the_episode()
    assert (second.alert, second.alert_number) == (True, 2)
    assert (episode.state, episode.severity, episode.stage, episode.seen_at) == ("new", "red", 3, None)
    assert episode.acknowledge_by_at == NOW + DAY + timedelta(hours=1)
    assert episode.owner_id == nurse.id


def test_worse_never_puts_off_a_clock_that_is_still_running() -> None:
    participant = enrol()
    (first,) = report(participant, [red()])
    (second,) = report(participant, [red(), flag()], now=NOW + timedelta(minutes=30))
    assert (second.alert, second.acknowledge_by_at) == (True, first.acknowledge_by_at)


def test_a_milder_report_in_a_red_episode_says_amber_and_leaves_it_red() -> None:
    participant = enrol()
    report(participant, [red()])
    (second,) = report(participant, [flag()], now=NOW + DAY)
    assert (second.severity, the_episode().severity) == (Severity.AMBER, "red")


def test_jaundice_alerts_once_on_every_day() -> None:
    participant = enrol()
    jaundice = [red("jaundice-red", Organ.LIVER)]
    alerts = [report(participant, jaundice, now=NOW + after)[0].alert for after in (DAY * 0, timedelta(hours=1), DAY)]
    assert alerts == [True, False, True]


def test_trouble_that_comes_back_within_a_week_reopens_with_its_own_severity() -> None:
    episode_id = closed_episode()
    (raised,) = report(the_participant(), [red()], stage=1, now=NOW + 7 * DAY)
    episode = the_episode()
    assert (raised.episode_id, raised.alert, raised.alert_number) == (episode_id, True, 2)
    assert (episode.state, episode.severity, episode.stage) == ("new", "red", 1)
    assert (episode.outcome, episode.closed_at, episode.seen_at) == (None, None, None)


def test_trouble_that_comes_back_later_is_a_new_episode() -> None:
    episode_id = closed_episode()
    (raised,) = report(the_participant(), [flag()], now=NOW + 7 * DAY + timedelta(seconds=1))
    assert raised.episode_id != episode_id
    assert raised.alert_number == 1


def test_the_trail_of_the_report_holds_the_episode() -> None:
    (raised,) = report(enrol(), [red()])
    (change,) = audit.list_row_changes(db.session, entity="episode", entity_id=raised.episode_id)
    assert (change.action, change.fields["severity"]) == ("diary:submit", (None, "red"))


@pytest.mark.parametrize(
    ("outcome", "settled"), [("other-cause", True), ("false-alarm", True), ("unreachable", False), ("duplicate", False)]
)
def test_jaundice_is_settled_once_somebody_has_judged_it(outcome: str, settled: bool) -> None:
    participant, nurse = enrol(), hire()
    (raised,) = report(participant, [red("jaundice-red", Organ.LIVER)])
    with transaction() as session:
        triage.claim_episode(session, actor=nurse, episode_id=raised.episode_id, version=1, now=NOW)
        assert not triage.is_liver_settled(session, participant_id=participant.id, now=NOW)
        triage.close_episode(
            session, actor=nurse, episode_id=raised.episode_id, version=2, outcome=outcome, note="Bilirubin.", now=NOW
        )
        assert triage.is_liver_settled(session, participant_id=participant.id, now=NOW) is settled


def test_without_a_liver_episode_nothing_is_settled() -> None:
    assert not triage.is_liver_settled(db.session, participant_id=enrol().id, now=NOW)
