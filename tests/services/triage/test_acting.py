"""What staff do to an episode, and what the second of two people is told."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from portal.domain.access import Actor, Role
from portal.domain.errors import Conflict, Invalid, NotAllowed, NotFound, PortalError
from portal.domain.triage import EpisodeStepKind
from portal.extensions import db, transaction
from portal.models.triage import Episode, EpisodeStep
from portal.services import audit, triage
from portal.services.triage import acting
from tests.support.diaries import flag, hire, red, report
from tests.support.people import NOW, enrol

pytestmark = pytest.mark.usefixtures("core")
LATER = NOW + timedelta(minutes=42)


def raised_episode() -> int:
    return report(enrol(), [red()])[0].episode_id


def do(verb: Callable[..., None], **values: object) -> None:
    with transaction() as session:
        verb(session, **{"now": LATER, **values})


def the_episode() -> Episode:
    db.session.rollback()
    return db.session.scalars(select(Episode)).one()


def claimed(nurse: Actor) -> int:
    episode_id = raised_episode()
    do(triage.claim_episode, actor=nurse, episode_id=episode_id, version=1)
    return episode_id


def test_a_claim_says_who_has_seen_it_and_when() -> None:
    nurse = hire()
    claimed(nurse)
    episode = the_episode()
    assert (episode.state, episode.owner_id, episode.seen_by_id, episode.seen_at) == (
        "claimed", nurse.id, nurse.id, LATER)  # fmt: skip


def test_an_episode_goes_all_the_way_and_every_step_is_kept() -> None:
    nurse = hire()
    step = {"actor": nurse, "episode_id": claimed(nurse)}
    do(triage.record_contact, **step, version=2, note="Spoke with him.")
    do(triage.set_waiting, **step, version=3, waiting_for="visit", note="Comes at 14:00.")
    do(triage.add_note, **step, note="He came.")
    do(triage.close_episode, **step, version=4, outcome="agvhd-suspected", note="Biopsy.")
    rows = db.session.execute(select(EpisodeStep.kind, EpisodeStep.to_state).order_by(EpisodeStep.id)).all()
    assert [tuple(row) for row in rows] == [
        ("open", "new"),
        ("claim", "claimed"),
        ("contact", "contacted"),
        ("wait", "waiting"),
        ("note", "waiting"),
        ("close", "closed"),
    ]
    assert (the_episode().outcome, the_episode().closed_at) == ("agvhd-suspected", LATER)


def test_what_it_waits_for_stands_until_it_goes_on() -> None:
    nurse = hire()
    step = {"actor": nurse, "episode_id": claimed(nurse)}
    do(triage.set_waiting, **step, version=2, waiting_for="laboratory")
    assert the_episode().waiting_for == "laboratory"
    do(triage.add_note, **step, note="Still no result.")
    assert the_episode().waiting_for == "laboratory"
    do(triage.record_contact, **step, version=3)
    assert the_episode().waiting_for is None


def test_waiting_has_to_be_for_something() -> None:
    nurse = hire()
    episode_id = claimed(nurse)
    with pytest.raises(Invalid) as refused:
        do(triage.set_waiting, actor=nurse, episode_id=episode_id, version=2, waiting_for="better weather")
    assert set(refused.value.problems) == {"waiting_for"}


def test_an_episode_that_is_opened_again_has_a_new_time_to_be_closed() -> None:
    nurse = hire()
    episode_id = claimed(nurse)
    before = the_episode().close_by_at
    do(triage.close_episode, actor=nurse, episode_id=episode_id, version=2, outcome="other-cause", note="A drug.")
    do(triage.reopen_episode, actor=nurse, episode_id=episode_id, version=3, now=LATER + timedelta(days=9))
    assert the_episode().close_by_at - before == LATER + timedelta(days=9) - NOW


def test_every_step_is_in_the_trail_with_the_person() -> None:
    nurse = hire()
    episode_id = claimed(nurse)
    change = audit.list_row_changes(db.session, entity="episode", entity_id=episode_id)[-1]
    assert (change.action, change.actor_id, change.fields["state"]) == ("episode:claim", nurse.id, ("new", "claimed"))


def test_the_second_to_claim_is_told_who_was_first_and_when() -> None:
    episode_id = claimed(hire("Li Na"))
    with pytest.raises(Conflict) as refused:
        do(triage.claim_episode, actor=hire("Zhou Min"), episode_id=episode_id, version=1)
    assert refused.value.message % refused.value.params == "Already claimed by Li Na at 10:42."


def test_a_first_step_of_another_day_is_named_with_its_date() -> None:
    episode_id = claimed(hire("Li Na"))
    with pytest.raises(Conflict) as refused:
        do(
            triage.claim_episode,
            actor=hire("Zhou Min"),
            episode_id=episode_id,
            version=1,
            now=LATER + timedelta(days=1),
        )
    assert refused.value.params["time"] == "2026-11-23 10:42"


def test_a_report_that_came_meanwhile_has_to_be_read_first() -> None:
    participant, nurse = enrol(), hire()
    (raised,) = report(participant, [flag()])
    report(participant, [red()], now=NOW + timedelta(minutes=5))
    with pytest.raises(Conflict) as refused:
        do(triage.claim_episode, actor=nurse, episode_id=raised.episode_id, version=1)
    assert refused.value.message % refused.value.params == "A new report came at 10:05. Read it before you go on."


@pytest.mark.parametrize("act", [triage.claim_episode, triage.reopen_episode])
def test_what_the_state_does_not_allow_is_refused_with_the_state(act: Any) -> None:
    nurse = hire()
    with pytest.raises(Conflict, match="claimed by"):
        do(act, actor=nurse, episode_id=claimed(nurse), version=2)


def test_a_note_is_never_lost_to_somebody_who_was_faster() -> None:
    nurse = hire()
    do(triage.add_note, actor=hire("Zhou Min"), episode_id=claimed(nurse), note="His wife rang.")
    stored = db.session.scalars(select(EpisodeStep).order_by(EpisodeStep.id.desc())).first()
    assert stored is not None
    assert (stored.kind, stored.note) == ("note", "His wife rang.")


@pytest.mark.parametrize("words", ["", "  \n", "x" * 2001])
def test_a_note_needs_words_and_not_too_many(words: str) -> None:
    with pytest.raises(Invalid) as refused:
        do(triage.add_note, actor=hire(), episode_id=raised_episode(), note=words)
    assert "note" in refused.value.problems


@pytest.mark.parametrize(("outcome", "words", "problem"), [("cured", "Why.", "outcome"), ("other-cause", "", "note")])
def test_closing_needs_an_outcome_of_the_list_and_a_reason(outcome: str, words: str, problem: str) -> None:
    nurse = hire()
    with pytest.raises(Invalid) as refused:
        do(triage.close_episode, actor=nurse, episode_id=claimed(nurse), version=2, outcome=outcome, note=words)
    assert set(refused.value.problems) == {problem}


def test_a_colleague_can_take_it_over() -> None:
    nurse, colleague = hire("Li Na"), hire("Zhou Min", role=Role.INVESTIGATOR)
    do(triage.hand_over_episode, actor=nurse, episode_id=claimed(nurse), version=2, to_staff_id=colleague.id)
    assert (the_episode().owner_id, the_episode().state) == (colleague.id, "claimed")


@pytest.mark.parametrize("other", [{"role": Role.MONITOR}, {"sites": ("SH",)}])
def test_nobody_gets_an_episode_who_may_not_act_on_it(other: dict[str, object]) -> None:
    nurse, stranger = hire("Li Na"), hire("Zhou Min", **other)  # type: ignore[arg-type]
    with pytest.raises(Invalid):
        do(triage.hand_over_episode, actor=nurse, episode_id=claimed(nurse), version=2, to_staff_id=stranger.id)


def test_a_closed_episode_can_be_taken_up_again() -> None:
    nurse = hire()
    episode_id = claimed(nurse)
    do(
        triage.close_episode,
        actor=nurse,
        episode_id=episode_id,
        version=2,
        outcome="false-alarm",
        note="Typed wrongly.",
    )
    do(triage.reopen_episode, actor=nurse, episode_id=episode_id, version=3)
    assert (the_episode().state, the_episode().outcome, the_episode().closed_at) == ("claimed", None, None)


def test_an_old_episode_stays_closed_while_a_newer_one_is_open() -> None:
    nurse, participant = hire(), enrol()
    (old,) = report(participant, [flag()])
    do(triage.claim_episode, actor=nurse, episode_id=old.episode_id, version=1)
    do(triage.close_episode, actor=nurse, episode_id=old.episode_id, version=2, outcome="advice-given", note="Cream.")
    report(participant, [flag()], now=LATER + timedelta(days=8))
    with pytest.raises(Conflict, match="newer episode"):
        do(triage.reopen_episode, actor=nurse, episode_id=old.episode_id, version=3)


def test_another_sites_episode_does_not_exist() -> None:
    stranger = hire(sites=("SH",))
    with pytest.raises(NotFound):
        do(triage.claim_episode, actor=stranger, episode_id=raised_episode(), version=1)


def test_a_monitor_may_look_but_not_act() -> None:
    monitor = hire(role=Role.MONITOR)
    with pytest.raises(NotAllowed):
        do(triage.claim_episode, actor=monitor, episode_id=raised_episode(), version=1)


def test_a_row_that_changed_under_our_hands_is_a_conflict() -> None:
    nurse = hire()
    episode_id = raised_episode()
    with transaction() as session:
        audit.begin(session, actor=nurse, action="episode:test", now=NOW)
        episode = session.get_one(Episode, episode_id)
        session.connection().execute(text("UPDATE episode SET version = 9"))
        move = acting.EpisodeAction(nurse, episode_id, EpisodeStepKind.CLAIM, NOW, 1)
        with pytest.raises(Conflict, match="meantime"):
            acting._finish(session, episode, move)
        session.rollback()


def test_of_two_who_claim_at_the_same_moment_one_gets_it(core: Flask) -> None:
    episode_id, both = raised_episode(), Barrier(2)
    nurses = [hire("Li Na"), hire("Zhou Min")]

    def try_it(nurse: Actor) -> str:
        with core.app_context():
            both.wait()
            try:
                do(triage.claim_episode, actor=nurse, episode_id=episode_id, version=1)
            except PortalError as refused:
                return refused.code
            return "mine"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(try_it, nurses)) == ["conflict", "mine"]
