"""What the record knows beside the reports reaches the rules and the estimate, under both protocols."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from portal import protocols
from portal.domain.access import SYSTEM, Actor, Role
from portal.extensions import db, transaction
from portal.models.diary import Diary
from portal.models.infusions import Infusion
from portal.models.people import Participant
from portal.models.triage import Episode, Flag
from portal.services import assessments, audit, diary
from portal.services.diary import facts
from portal.services.replay import replay_rules
from tests.support.answers import submission, themselves
from tests.support.people import NOW, TODAY, at_site, enrol, hire

pytestmark = pytest.mark.usefixtures("core")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
YELLOW = {"liver_signs": ("yellow",)}
POOR_APPETITE = {"stomach_trouble": True, "appetite_loss": 2, "nausea": 0, "vomiting_count": 0, "fluids_kept": True}


@pytest.fixture
def draft() -> Iterator[None]:
    protocols.run_draft("2.0")
    yield
    protocols.run_draft(None)


def send(person: Participant, *, day: int = 0, **answers: object) -> Diary:
    now = NOW + day * DAY
    sent = submission(client_id=f"c-{day}", diary_on=TODAY + day * DAY, entered_at=now, **answers)
    with transaction() as session:
        receipt = diary.submit_diary(
            session, actor=themselves(session.get_one(Participant, person.id)), submission=sent, now=now
        )
    return db.session.get_one(Diary, receipt.diary_id)


def rules_of(report: Diary) -> set[str]:
    return set(db.session.scalars(select(Flag.rule_id).where(Flag.diary_id == report.id)))


def result(measure: str, value: str, *, day: int = 0) -> None:
    staff = Actor(kind="staff", role=Role.INVESTIGATOR, id=hire(Role.INVESTIGATOR), sites=frozenset({"RJ"}))
    at = NOW + day * DAY - HOUR
    with transaction() as session:
        assessments.enter_result(
            session, actor=staff, study_number="RJ-001", measure=measure, value=Decimal(value), measured_at=at,
            now=at, confirmed=True,
        )  # fmt: skip


def test_a_bilirubin_is_the_stage_of_the_liver_in_the_estimate_of_the_next_report() -> None:
    person = enrol()
    assert send(person).estimate["liver"]["stage"] is None
    result("bilirubin:umol/L", "140", day=1)
    later = send(person, day=1)
    assert later.estimate["liver"]["stage"] == 3
    assert later.estimate["at_least"] == "III"
    assert later.estimate["liver_sampled_on"] == (TODAY + DAY).isoformat()


@pytest.mark.usefixtures("draft")
@pytest.mark.parametrize(("umol", "is_red"), [("140", True), ("30", False)])
def test_only_a_bilirubin_below_the_limit_ends_the_daily_red(umol: str, is_red: bool) -> None:
    person = enrol()
    assert rules_of(send(person, **YELLOW)) == {"jaundice-red"}
    result("bilirubin:umol/L", umol, day=1)
    assert ("jaundice-red" in rules_of(send(person, day=1, **YELLOW))) is is_red


def test_a_weight_that_staff_have_recorded_decides_the_scale() -> None:
    person = enrol(born_on=TODAY.replace(year=TODAY.year - 15), weight_kg=Decimal("55.0"))
    result("weight:kg", "48.0")
    loose = {"bowel_trouble": True, "loose_stool_count": 3, "stool_volume_ml": 960, "stool_unmeasured_count": 0,
             "stool_blood": "none", "abdominal_pain": 0}  # fmt: skip
    report = send(person, **loose)
    assert report.estimate["scale"] == "child"
    assert rules_of(report) == {"stool-red"}  # 20.0 mL/kg
    assert report.weight_kg == Decimal("48.0")


@pytest.mark.usefixtures("draft")
def test_a_known_poor_appetite_is_shown_and_neither_listed_nor_an_episode() -> None:
    """It is news once, on the third day; from then on it is this person's baseline."""
    person = enrol()
    reports = [send(person, day=day, **POOR_APPETITE) for day in range(5)]
    assert [report.severity for report in reports] == [None, None, "amber", "amber", "amber"]
    assert [rules_of(report) for report in reports] == [set(), set(), {"appetite-days"}, set(), set()]
    assert [report.damped for report in reports] == [False, False, False, True, True]
    assert db.session.scalars(select(Episode.last_flag_at)).all() == [NOW + 2 * DAY]


def test_the_same_reports_are_listed_under_the_protocol_in_force() -> None:
    person = enrol()
    reports = [send(person, day=day, **POOR_APPETITE) for day in range(4)]
    assert [rules_of(report) for report in reports] == [set(), set(), {"appetite-days"}, {"appetite-days"}]


@pytest.mark.usefixtures("draft")
def test_a_planned_infusion_that_nobody_has_recorded_starts_the_hours_after_it() -> None:
    person = enrol()
    with transaction() as session:
        audit.begin(session, actor=SYSTEM, action="infusion:plan", now=NOW - DAY, participant_id=person.id)
        session.add(
            Infusion(participant_id=person.id, number=1, planned_at=NOW - 6 * HOUR, original_at=NOW - 6 * HOUR,
                     state="confirmed", protocol_version="1.0")
        )  # fmt: skip
    nausea = {**POOR_APPETITE, "appetite_loss": 0, "nausea": 1}
    assert rules_of(send(person, infusion_signs=("none",), **nausea)) == {"infusion-new-nausea"}


def test_a_replay_knows_what_each_report_knew_and_compares_both_protocols() -> None:
    person = enrol()
    for day in range(4):
        send(person, day=day, **POOR_APPETITE)
    found = replay_rules(db.session, actor=at_site("RJ"), proposed=protocols.load_draft("2.0"))
    tally = found.tally
    assert (tally.diaries, tally.unlike_record) == (4, 0)
    assert (tally.in_force.flagged, tally.proposed.flagged) == (2, 1)
    assert tally.lost["appetite-days"] == 1


def test_what_became_known_later_is_not_known_to_a_report() -> None:
    person = enrol()
    result("bilirubin:umol/L", "140", day=1)
    records = facts.read_records(db.session, person.id)
    before = facts.facts_of(records, person, on=TODAY, at=NOW, now=NOW)
    after = facts.facts_of(records, person, on=TODAY + DAY, at=NOW + DAY, now=NOW + DAY)
    assert [len(one.bilirubins) for one in (before, after)] == [0, 1]


def test_diaries_of_both_versions_stand_side_by_side() -> None:
    person = enrol()
    first = send(person)
    protocols.run_draft("2.0")
    try:
        second = send(person, day=1, warning_signs=("shaking-chills",))
        assert (first.questionnaire, first.protocol_version) == ("daily-diary.v1", "1.1")
        assert (second.questionnaire, second.protocol_version) == ("daily-diary.v2", "2.0")
        assert rules_of(second) == {"shaking-chills-red"}
        pages = [
            diary.read_diary(db.session, actor=themselves(person), diary_id=one.id, language="en")
            for one in (first, second)
        ]
        questions = [str([row for section in page.sections for row in section.rows]) for page in pages]
        assert ["past 24 hours" in one for one in questions] == [True, False]
        assert "Shaking chills" in questions[1]
        assert "{" not in questions[1]
    finally:
        protocols.run_draft(None)


@pytest.mark.usefixtures("draft")
def test_a_poor_appetite_that_lasts_asks_for_the_weight_and_a_correction_keeps_it() -> None:
    person = enrol()
    actor = themselves(person)
    for day in (1, 2):
        send(person, day=day, **POOR_APPETITE)
    asked = {
        day: "weight" in diary.own_form(db.session, actor=actor, diary_on=TODAY + day * DAY, at=NOW + day * DAY).by_link
        for day in (1, 2, 3, 4, 7)
    }
    assert asked == {1: False, 2: False, 3: True, 4: True, 7: True}  # day 7 is a Monday
    report = send(person, day=3, weight=Decimal("60.0"), **POOR_APPETITE)
    assert report.weight_kg == Decimal("60.0")
    form = diary.get_correctable_report(db.session, actor=actor, diary_id=report.id, now=NOW + 3 * DAY).form
    assert "weight" in form.by_link


def test_under_the_protocol_in_force_the_weight_is_asked_on_its_weekday_alone() -> None:
    person = enrol()
    for day in (1, 2):
        send(person, day=day, **POOR_APPETITE)
    form = diary.own_form(db.session, actor=themselves(person), diary_on=TODAY + 3 * DAY, at=NOW + 3 * DAY)
    assert "weight" not in form.by_link


@pytest.mark.usefixtures("draft")
@pytest.mark.parametrize(
    ("role", "day", "words"),
    [
        (Role.PARTICIPANT, 1, "In the past 24 hours, have you had any of these?"),
        (Role.PARTICIPANT, 0, "On Monday 23 November, have you had any of these?"),
        (Role.GUARDIAN, 1, "In the past 24 hours, has the patient had any of these?"),
        (Role.CAREGIVER, 0, "On Monday 23 November, has the patient had any of these?"),
    ],
)
def test_questions_are_worded_for_the_day_and_for_who_writes(role: Role, day: int, words: str) -> None:
    actor = replace(themselves(enrol()), role=role)
    form = diary.own_form(db.session, actor=actor, diary_on=TODAY + day * DAY, at=NOW + DAY)
    assert form.item("warning-signs").text.en == words
