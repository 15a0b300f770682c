"""Rule replay: the same diaries under other thresholds, and not one row the worse for it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.exc import DBAPIError

from portal import protocols
from portal.domain.access import SYSTEM, Role
from portal.domain.assessing import AssessmentFindings
from portal.domain.protocol import Protocol
from portal.extensions import db, transaction
from portal.models import Base
from portal.models.jobs import Heartbeat
from portal.models.people import Participant
from portal.services import assessments, diary, watching
from portal.services import replay as replays
from portal.services.replay import Replay, running
from tests.support.answers import submission, themselves
from tests.support.diaries import hire
from tests.support.people import NOW, TODAY, at_site, enrol

pytestmark = pytest.mark.usefixtures("core")
FEVER: Mapping[str, Any] = {"temperature_taken": True, "temperature": Decimal("38.1")}
RASH: Mapping[str, Any] = {"skin_change": True, "skin_areas": {"neck-front": "most"}, "skin_itch": 0}
SKIN_OK: Mapping[str, Any] = {"skin_blisters": False, "skin_peeling": False}


def proposed(**changes: Any) -> Protocol:
    protocol = protocols.load_protocol()
    return replace(protocol, thresholds=replace(protocol.thresholds, **changes))


LATER_FEVER = proposed(fever_red_cel=Decimal("38.3"))


def send(person: Participant, days_ago: int = 0, **answers: Any) -> None:
    at, on = NOW - timedelta(days=days_ago), TODAY - timedelta(days=days_ago)
    with transaction() as session:
        actor = themselves(session.get_one(Participant, person.id))
        sent = submission(client_id=f"{person.id}-{on}", diary_on=on, entered_at=at, **answers)
        diary.submit_diary(session, actor=actor, submission=sent, now=at)


def replayed(protocol: Protocol, **limits: Any) -> Replay:
    return replays.replay_rules(db.session, **{"actor": SYSTEM, "proposed": protocol, **limits})


def summary(found: Replay) -> dict[str, Any]:
    return next(line for line in replays.replay_lines(found) if line["kind"] == "summary")


def test_under_the_same_thresholds_nothing_changes() -> None:
    send(enrol(), **FEVER)
    found = replayed(protocols.load_protocol())
    assert (found.tally.gained, found.tally.lost, found.changed) == ({}, {}, {})
    assert (found.tally.diaries, found.tally.unlike_record) == (1, 0)


def test_flags_that_come_and_go_are_counted_by_rule_with_examples() -> None:
    send(enrol(1), **FEVER)
    send(enrol(2))
    found = replayed(LATER_FEVER)
    assert (found.tally.gained, found.tally.lost) == ({"fever-amber": 1}, {"fever-red": 1})
    assert (found.tally.participants, found.tally.affected) == (2, 1)
    assert {(one.study_number, one.rule, one.change) for one in found.tally.examples} == {
        ("RJ-001", "fever-amber", "gained"),
        ("RJ-001", "fever-red", "lost"),
    }


def test_the_summary_says_what_was_changed_and_how_much_is_flagged() -> None:
    send(enrol(), **FEVER)
    said = summary(replayed(LATER_FEVER))
    assert said["changed"] == {"fever_red_cel": ["38", "38.3"]}
    assert (said["red_in_force"], said["red_proposed"], said["flagged_a_day_proposed"]) == (1, 0, 1.0)


def test_other_parts_of_the_file_that_differ_are_named() -> None:
    changed = replace(LATER_FEVER, clocks=replace(LATER_FEVER.clocks, red_acknowledge_minutes=30))
    assert replayed(changed).not_replayed == ("clocks",)


def test_a_replay_changes_no_row() -> None:
    send(enrol(), **FEVER)
    before = everything()
    assert replayed(LATER_FEVER).tally.affected == 1
    assert everything() == before


def test_the_sandbox_refuses_a_write_and_ends_with_itself() -> None:
    beat = insert(Heartbeat).values(job="x", started_at=NOW)
    with pytest.raises(DBAPIError, match=r"read-?only"), replays.read_only_snapshot(db.session) as session:
        session.connection().execute(beat)
    with transaction() as session:
        session.execute(beat)


def test_days_before_the_first_are_history_and_nothing_else() -> None:
    person = enrol()
    for days_ago in (2, 1, 0):
        send(person, days_ago, stomach_trouble=True, nausea=1, appetite_loss=0, vomiting_count=0, fluids_kept=True)
    found = replayed(proposed(persistence_days=2), since=TODAY)
    assert (found.tally.diaries, found.tally.in_force.rules["nausea-days"]) == (1, 1)


def test_what_a_clinician_has_assessed_stays_assessed() -> None:
    person = enrol()
    send(person, 2, **RASH, **SKIN_OK)
    assess(skin=1, onset_on=TODAY - timedelta(days=2))
    send(person, 0, **RASH, **SKIN_OK)
    assert replayed(LATER_FEVER).tally.in_force.rules == {"rash-new": 1}


def test_an_onset_is_held_against_the_flags_before_it() -> None:
    person = enrol()
    send(person, 3, **FEVER)
    assess(onset_on=TODAY - timedelta(days=1))
    in_force, after = warnings(replayed(proposed(fever_red_cel=Decimal(39), fever_amber_cel=Decimal("38.9"))))
    assert (in_force["onsets"], in_force["flagged_before"], in_force["hours_earlier_median"]) == (1, 1, 38.0)
    assert (after["onsets"], after["flagged_before"], after["hours_earlier_median"]) == (1, 0, None)


def test_a_flag_more_than_a_week_before_an_onset_does_not_announce_it() -> None:
    person = enrol()
    send(person, 10, **FEVER)
    assess(onset_on=TODAY - timedelta(days=1))
    assert warnings(replayed(LATER_FEVER))[0]["flagged_by_the_day"] == 0


def test_silence_is_replayed_as_well() -> None:
    send(enrol(), 5)
    watching.judge_missed_diaries(transaction, now=NOW)
    found = replayed(proposed(missed_red=2, missed_call_task=1))
    assert found.tally.missed >= 2
    assert found.tally.gained["missed-in-a-row"] > 0
    assert found.tally.diaries == 1


def test_only_the_sites_asked_for_are_replayed() -> None:
    send(enrol(), **FEVER)
    assert replayed(LATER_FEVER, actor=at_site("XX")).tally.participants == 0


def test_participants_come_in_batches_and_each_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "BATCH", 2)
    for number in range(1, 6):
        send(enrol(number), **FEVER)
    assert (replayed(LATER_FEVER).tally.participants, replayed(LATER_FEVER).tally.diaries) == (5, 5)
    few = replayed(LATER_FEVER, most_diaries=3)
    assert (few.complete, few.tally.participants) == (False, 3)


def assess(*, skin: int = 1, onset_on: Any = None) -> None:
    findings = AssessmentFindings(TODAY - timedelta(days=1), skin, 0, 0, 0, "confirmed", onset_on=onset_on)
    doctor, at = hire(role=Role.INVESTIGATOR), NOW - timedelta(days=1)
    with transaction() as session:
        made = assessments.create_assessment(session, actor=doctor, study_number="RJ-001", findings=findings, now=at)
        _sign(session, doctor.id, made, at)


def _sign(session: Any, staff_id: int | None, assessment_id: int, at: Any) -> None:
    from portal.models.assessments import Assessment, Signature

    row = session.get_one(Assessment, assessment_id)
    session.add(
        Signature(
            participant_id=row.participant_id, assessment_id=assessment_id, staff_id=staff_id, name="Li Na",
            role="investigator", meaning="assessed", signed_at=at, content_hash="0" * 64,
        )
    )  # fmt: skip


def warnings(found: Replay) -> list[dict[str, Any]]:
    return [line for line in replays.replay_lines(found) if line["kind"] == "onsets"]


def everything() -> dict[str, tuple[int, str]]:
    """Each table's number of rows, and all that stands in them."""
    found = {}
    for table in Base.metadata.sorted_tables:
        rows = db.session.execute(select(table).order_by(*table.primary_key.columns)).all()
        count = db.session.execute(select(func.count()).select_from(table)).scalar_one()
        found[table.name] = (int(count), repr(rows))
    db.session.rollback()
    assert SYSTEM.id is None
    return found
