"""``flask demo``: a small synthetic trial, by way of the real command, on both databases."""

import json
import shutil
import stat
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select

from config import Config, load
from portal import configure
from portal import demo as service
from portal.adapters.encryption import Vault
from portal.cli.demo import demo
from portal.demo.courses import SymptomCourse
from portal.domain.access import STAFF_ROLES, SYSTEM, Actor, Role
from portal.domain.eligibility import age_on
from portal.extensions import db, init_database, transaction
from portal.models import inject_cipher
from portal.models.assessments import Assessment
from portal.models.audit import AuditEvent
from portal.models.diary import Diary
from portal.models.enrolment import Allocation, Screening
from portal.models.infusions import Infusion
from portal.models.messages import Message
from portal.models.people import Account, Participant
from portal.models.triage import Episode, EpisodeStep, Flag
from portal.services import accounts, allocation, figures, screening
from tests.support.keys import KEYS
from tests.support.people import at_site, enrol

AS_OF = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
SMALL = ["--participants", "8", "--as-of", AS_OF.isoformat()]


def run(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(demo, [*(arguments or SMALL)])


def settings(folder: Path, database_url: str) -> Config:
    keys = {"SECRET_KEY": "s" * 40, "FIELD_KEYS": KEYS[0], "BLIND_INDEX_KEY": KEYS[1]}
    return load({"APP_ENV": "demo", "DATABASE_URL": database_url, **keys}, instance_dir=folder)


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[dict[str, Any]]:
    """One demo trial of eight for all the tests that only look at it; what the command wrote down."""
    folder = tmp_path_factory.mktemp("demo")
    shutil.copy(sqlite_template, folder / "portal.sqlite3")
    app = Flask("demo")
    configure(app, settings(folder, f"sqlite:///{folder}/portal.sqlite3"))
    inject_cipher(Vault((KEYS[0],), KEYS[1]))
    init_database(app)
    with app.app_context():
        result = run(app)
        assert result.exit_code == 0, result.output
        yield {**json.loads((folder / "demo.json").read_text()), "printed": result.output}
        db.session.close()
        db.engine.dispose()


def test_the_arms_are_equal(trial: dict[str, Any]) -> None:
    assert Counter(db.session.scalars(select(Participant.arm))) == {"imsc": 4, "control": 4}


def test_the_file_has_exactly_its_keys(trial: dict[str, Any]) -> None:
    assert set(trial) == {"base_url", "participants", "staff", "printed"}
    assert trial["base_url"] == "http://127.0.0.1:8000"
    keys = "study_number phone card_code birth_year activated pin arm language role"
    assert {frozenset(one) for one in trial["participants"]} == {frozenset(keys.split())}
    assert {frozenset(one) for one in trial["staff"]} == {frozenset(("email", "password", "totp_secret", "role"))}


def test_every_role_of_the_team_has_its_person(trial: dict[str, Any]) -> None:
    assert [one["role"] for one in trial["staff"]] == [str(role) for role in STAFF_ROLES]


def test_two_cards_wait_for_their_owners(trial: dict[str, Any]) -> None:
    waiting = [one for one in trial["participants"] if not one["activated"]]
    assert len(waiting) == 2
    assert {one["pin"] for one in waiting} == {None}
    assert {one["language"] for one in waiting} == {"en", "zh-CN"}


def test_a_child_of_fifteen_and_45_kg_has_a_guardian(trial: dict[str, Any]) -> None:
    (guardian,) = [one for one in trial["participants"] if one["role"] == "guardian"]
    child = db.session.scalars(select(Participant).where(Participant.study_number == guardian["study_number"])).one()
    assert age_on(date.fromisoformat(child.born_on), AS_OF) == 15
    assert child.weight_kg == Decimal("45.0")
    assert len(child.accounts) == 2


def test_study_days_go_from_the_first_to_beyond_the_hundredth(trial: dict[str, Any]) -> None:
    days = [(AS_OF - on).days for on in db.session.scalars(select(Participant.transplant_on))]
    assert min(days) == 8
    assert max(days) > 100


def test_everybody_was_screened_and_drawn_from_a_list_that_has_rows_left(trial: dict[str, Any]) -> None:
    assert Counter(db.session.scalars(select(Screening.state))) == {"allocated": 8, "failed": 2, "open": 3}
    drawn = db.session.execute(
        select(Participant.study_number).join(Allocation, Allocation.participant_id == Participant.id)
        .order_by(Allocation.sequence)
    ).scalars()  # fmt: skip
    assert list(drawn) == [f"RJ-{number:03}" for number in range(1, 9)]
    (stratum,) = allocation.list_allocation_lists(db.session)[0].strata
    assert (stratum.rows, stratum.drawn) == (16, 8)


def test_one_screening_waits_for_nothing_but_its_allocation(trial: dict[str, Any]) -> None:
    coordinator = Actor("staff", Role.COORDINATOR, 1, sites=frozenset({"RJ"}))
    numbers = db.session.scalars(select(Screening.number).where(Screening.state == "open")).all()
    stand = [
        screening.get_screening(db.session, actor=coordinator, number=one, now=NOW).standing.outcome for one in numbers
    ]
    assert sorted(map(str, stand)) == ["eligible", "incomplete", "incomplete"]


def test_only_the_trial_arm_has_infusions(trial: dict[str, Any]) -> None:
    arms = db.session.scalars(select(Participant.arm).join(Infusion, Infusion.participant_id == Participant.id))
    assert set(arms) == {"imsc"}


def test_infusions_are_given_and_moved(trial: dict[str, Any]) -> None:
    rows = db.session.scalars(select(Infusion)).all()
    assert {"given", "planned"} <= {row.state for row in rows}
    assert any(row.planned_at != row.original_at for row in rows)


def test_every_flag_came_with_a_diary(trial: dict[str, Any]) -> None:
    assert None not in set(db.session.scalars(select(Flag.diary_id)))
    severities = dict(db.session.execute(select(Diary.id, Diary.severity)).all())
    assert all(severities[diary_id] for diary_id in db.session.scalars(select(Flag.diary_id)) if diary_id)


def test_episodes_are_open_and_closed_with_the_steps_of_staff(trial: dict[str, Any]) -> None:
    states = set(db.session.scalars(select(Episode.state)))
    assert {"new", "closed"} <= states
    assert {"open", "claim", "contact", "close"} <= set(db.session.scalars(select(EpisodeStep.kind)))


def test_most_alerts_are_seen_and_closed_in_time_and_some_are_not(trial: dict[str, Any]) -> None:
    for level in figures.compute_metrics(db.session, actor=at_site("RJ"), now=NOW).answering:
        assert 0.5 < level.seen_in_time.count / level.seen_in_time.of <= 1
        assert 0.25 < level.closed_in_time.count / level.closed_in_time.of < 1


def test_an_onset_has_been_recorded_for_whoever_was_thought_to_have_the_disease(trial: dict[str, Any]) -> None:
    suspected = set(db.session.scalars(select(Episode.participant_id).where(Episode.outcome == "agvhd-suspected")))
    recorded = set(db.session.scalars(select(Assessment.participant_id).where(Assessment.onset_on.is_not(None))))
    assert suspected <= recorded
    assert recorded


def test_a_red_clock_is_running(trial: dict[str, Any]) -> None:
    fresh = db.session.scalars(select(Episode).where(Episode.state == "new", Episode.severity == "red")).all()
    assert any(NOW - timedelta(hours=1) < one.opened_at <= NOW < one.acknowledge_by_at for one in fresh)


def test_somebody_has_not_sent_todays_diary(trial: dict[str, Any]) -> None:
    sent = set(db.session.scalars(select(Diary.participant_id).where(Diary.diary_on == AS_OF)))
    active = select(Participant.id).where(Participant.transplant_on >= AS_OF - timedelta(days=100))
    assert set(db.session.scalars(active)) - sent


def test_diaries_go_back_to_enrolment_and_some_days_are_missing(trial: dict[str, Any]) -> None:
    oldest = db.session.scalars(select(Participant).order_by(Participant.enrolled_on)).first()
    assert oldest is not None
    days = set(db.session.scalars(select(Diary.diary_on).where(Diary.participant_id == oldest.id)))
    span = (max(days) - min(days)).days + 1
    assert (min(days) - oldest.enrolled_on).days <= 3
    assert 0.7 * span < len(days) < span


def test_texts_have_met_every_fate(trial: dict[str, Any]) -> None:
    states = set(db.session.scalars(select(Message.state)))
    assert {"planned", "sent", "delivered", "failed", "suppressed", "expired"} <= states


def test_no_text_waits_whose_hour_has_gone(trial: dict[str, Any]) -> None:
    stale = select(Message.id).where(Message.state == "planned", Message.expires_at <= NOW)
    assert db.session.scalars(stale).all() == []


def test_nothing_happened_after_the_day(trial: dict[str, Any]) -> None:
    assert max(db.session.scalars(select(AuditEvent.at))) <= NOW
    assert max(db.session.scalars(select(Diary.received_at))) <= NOW


def test_everybody_can_sign_in(trial: dict[str, Any]) -> None:
    one = next(one for one in trial["participants"] if one["activated"])
    for who in (one["phone"], one["card_code"]):
        with transaction() as session:
            user = accounts.sign_in_account(session, actor=SYSTEM, who=who, pin=one["pin"], now=NOW)
        assert user is not None
    card = next(one for one in trial["participants"] if not one["activated"])
    with transaction() as session:
        opened = accounts.check_card(
            session, actor=SYSTEM, code=card["card_code"], birth_year=str(card["birth_year"]), now=NOW
        )
    assert isinstance(opened, accounts.Activation)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_the_trial_is_the_same_on_postgresql(core: Flask, trial: dict[str, Any]) -> None:
    result = run(core)
    assert result.exit_code == 0, result.output
    assert counts(result.output) == counts(trial["printed"])
    content = json.loads((core.config["PORTAL"].instance_dir / "demo.json").read_text())
    assert content == {key: value for key, value in trial.items() if key != "printed"}


def counts(printed: str) -> dict[str, Any]:
    line: dict[str, Any] = json.loads(printed.splitlines()[-1])
    return {key: value for key, value in line.items() if key != "file"}


def test_the_same_seed_and_day_make_the_same_people() -> None:
    def people(seed: int) -> object:
        return service.build_roster(participants=12, seed=seed, today=AS_OF)

    assert people(7) == people(7)
    assert people(7) != people(8)


@pytest.mark.parametrize("participants", [4, 5, 8, 13, 56, 57])
@pytest.mark.parametrize("seed", [1, 7, 23])
def test_every_roster_has_both_arms_and_one_child(participants: int, seed: int) -> None:
    people = service.build_roster(participants=participants, seed=seed, today=AS_OF)
    arms = Counter(person.arm for person in people)
    children = [person for person in people if len(person.holders) == 2]
    assert abs(arms["imsc"] - arms["control"]) <= 1
    assert [(child.arm, child.weight_kg, child.activated) for child in children] == [("imsc", Decimal(45), True)]


@pytest.mark.parametrize("participants", [8, 56])
def test_every_enrolment_is_eligible_by_day_and_age(participants: int) -> None:
    for person in service.build_roster(participants=participants, seed=7, today=AS_OF):
        assert 7 <= (person.enrolled_on - person.transplant_on).days <= 21
        assert 14 <= age_on(person.born_on, person.enrolled_on) <= 70
        assert person.enrolled_on < AS_OF


def test_phones_and_cards_are_nobody_elses_twice() -> None:
    holders = [
        holder for person in service.build_roster(participants=56, seed=7, today=AS_OF) for holder in person.holders
    ]
    assert len({holder.phone for holder in holders}) == len({holder.card_code for holder in holders}) == len(holders)


def test_both_arms_fare_the_same_way() -> None:
    """The courses are dealt without a look at the arm: the demo is no evidence."""
    people = service.build_roster(participants=400, seed=7, today=AS_OF)
    ill = Counter(person.arm for person in people if person.course.kind != "well")
    assert abs(ill["imsc"] - ill["control"]) < 40


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_database_with_anybody_in_it_is_refused(core: Flask) -> None:
    enrol()
    result = run(core)
    assert result.exit_code == 1
    assert "empty" in result.output
    assert not (core.config["PORTAL"].instance_dir / "demo.json").exists()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_file_is_for_its_owners_eyes(core: Flask) -> None:
    run(core, "--participants", "4")
    path: Path = core.config["PORTAL"].instance_dir / "demo.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_production_install_has_no_demo(core: Flask) -> None:
    core.config["PORTAL"] = replace(core.config["PORTAL"], env="production")
    result = run(core)
    assert result.exit_code == 1
    assert db.session.scalars(select(Account.id)).all() == []


def test_a_strength_rises_and_falls_within_its_course() -> None:
    course = SymptomCourse("skin", onset=20, length=12, peak=0.8)
    strengths = [course.strength(day) for day in range(19, 33)]
    assert strengths[0] == strengths[-1] == 0
    assert 0 < strengths[1] < max(strengths) <= 0.8
