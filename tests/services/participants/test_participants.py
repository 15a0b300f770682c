"""Participants as staff see them: the list, the page, the timeline, the identifiers."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from portal.domain.access import Actor, Role
from portal.domain.alert_rules import Organ
from portal.domain.errors import Invalid, NotAllowed, NotFound
from portal.extensions import db, transaction
from portal.models.audit import AuditEvent
from portal.models.people import Participant
from portal.services import assessments, participants, triage
from tests.support.diaries import flag, hire, red, report
from tests.support.messages import add_text
from tests.support.people import NOW, TODAY, at_site, enrol
from tests.support.plans import add_infusion, add_visit
from tests.support.statements import counted

pytestmark = pytest.mark.usefixtures("core")
DAY = timedelta(days=1)


def numbers(**asked: object) -> list[str]:
    page = participants.list_participants(db.session, **{"actor": at_site("RJ"), "now": NOW, **asked})  # type: ignore[arg-type]
    return [row.study_number for row in page.rows]


def open_page(study_number: str = "RJ-001") -> participants.ParticipantPage:
    return participants.get_participant_page(db.session, actor=hire(), study_number=study_number, now=NOW)


def entries(participant: Participant, **asked: object) -> tuple[participants.Entry, ...]:
    found = participants.get_timeline(db.session, participant_id=participant.id, **{"now": NOW, **asked})  # type: ignore[arg-type]
    return found.entries


def test_the_list_is_in_order_of_study_numbers_and_pages_by_key() -> None:
    for number in (3, 1, 2):
        enrol(number)
    first = participants.list_participants(db.session, actor=at_site("RJ"), now=NOW, limit=2)
    assert ([row.study_number for row in first.rows], first.next_after) == (["RJ-001", "RJ-002"], "RJ-002")
    assert numbers(limit=2, after="RJ-002") == ["RJ-003"]


def test_the_last_page_has_no_next() -> None:
    enrol()
    assert participants.list_participants(db.session, actor=at_site("RJ"), now=NOW, limit=1).next_after is None


@pytest.mark.parametrize(("typed", "found"), [("rj-01", ["RJ-010"]), ("1", ["RJ-001", "RJ-010"]), ("%", []), ("_", [])])
def test_the_list_can_be_searched_by_part_of_a_study_number(typed: str, found: list[str]) -> None:
    enrol(1)
    enrol(10)
    assert numbers(matching=typed) == found


def test_the_list_shows_no_other_site() -> None:
    enrol()
    assert numbers(actor=at_site("SH")) == []


def test_a_row_says_study_day_last_diary_and_what_is_open() -> None:
    participant = enrol(day=20)
    report(participant, [flag()], on=TODAY - DAY)
    report(participant, [red(organ=Organ.GENERAL)], on=TODAY - 2 * DAY)
    (row,) = participants.list_participants(db.session, actor=at_site("RJ"), now=NOW).rows
    assert (row.study_day, row.last_on, row.severity, row.arm) == (20, TODAY - DAY, "red", "imsc")


def test_a_page_says_where_in_the_study_somebody_is() -> None:
    enrol(day=20)
    page = open_page()
    assert (page.study_number, page.study_day, page.arm, page.status) == ("RJ-001", 20, "imsc", "active")
    assert page.scales == ("adult",)
    assert [(one.role, one.language, one.activated) for one in page.accounts] == [("participant", "zh-CN", False)]


@pytest.mark.parametrize(
    ("born_on", "weight", "scales"),
    [
        (date(2011, 5, 1), "45.0", ("child",)),
        (date(2011, 5, 1), None, ("adult", "child")),
        (date(1992, 5, 1), None, ("adult",)),
    ],
)
def test_a_page_says_on_which_scale_stool_is_counted(
    born_on: date, weight: str | None, scales: tuple[str, ...]
) -> None:
    enrol(born_on=born_on, weight_kg=weight)
    assert open_page().scales == scales


def test_a_page_shows_open_episodes_the_estimate_and_every_organs_strip() -> None:
    participant = enrol()
    report(participant, [red()], stage=2)
    page = open_page()
    assert [(one.organ, one.severity, one.state) for one in page.open_episodes] == [("skin", "red", "new")]
    assert page.estimate is not None
    assert page.estimate.at_least == "II"
    heat = participants.get_disease_course(db.session, participant_id=page.id, now=NOW).heat
    assert set(heat) == {str(organ) for organ in Organ}
    assert (heat["skin"][-1].level, heat["liver"][-1].level, len(heat["skin"])) == ("red", "quiet", 11)


def test_a_page_knows_the_next_infusion_and_the_days_of_those_given() -> None:
    participant = enrol()
    add_infusion(participant, NOW - 3 * DAY, 1, given=True)
    add_infusion(participant, NOW + DAY, 2)
    page = open_page()
    course = participants.get_disease_course(db.session, participant_id=page.id, now=NOW)
    assert course.infusion_days == {TODAY - 3 * DAY}
    assert page.next_appointment is not None
    assert page.next_appointment.at == NOW + DAY


def test_a_participant_of_another_site_is_not_found() -> None:
    enrol()
    with pytest.raises(NotFound):
        participants.get_participant_page(db.session, actor=hire(sites=("SH",)), study_number="RJ-001", now=NOW)


def test_the_timeline_mixes_everything_newest_first() -> None:
    participant = enrol()
    add_infusion(participant, NOW - 3 * DAY, given=True)
    add_visit(participant, NOW - 2 * DAY)
    add_text(participant, NOW - DAY)
    report(participant, [red(), flag()])
    kinds = [type(entry).__name__ for entry in entries(participant)]
    assert kinds == ["StepEntry", "DiaryEntry", "MessageEntry", "VisitEntry", "InfusionEntry"]


def test_the_timeline_holds_nothing_that_is_still_to_come() -> None:
    participant = enrol()
    add_infusion(participant, NOW + DAY)
    add_visit(participant, NOW + DAY)
    add_text(participant, NOW + DAY, "planned")
    assert entries(participant) == ()


def test_a_report_shows_once_what_it_raised_in_two_organs() -> None:
    participant = enrol()
    report(participant, [red("two-ambers"), red("two-ambers", Organ.LIVER), flag()])
    diary = next(entry for entry in entries(participant) if isinstance(entry, participants.DiaryEntry))
    assert [evidence.msgid for evidence in diary.evidence] == [
        "Blisters on the skin",
        "Redness or rash that was not in the last report",
    ]


def test_the_steps_of_staff_stand_with_their_name_and_note() -> None:
    participant, nurse = enrol(), hire("Li Na")
    (raised,) = report(participant, [red()], now=NOW - DAY)
    with transaction() as session:
        triage.add_note(session, actor=nurse, episode_id=raised.episode_id, note="Rang, no answer.", now=NOW)
    newest = entries(participant)[0]
    assert isinstance(newest, participants.StepEntry)
    assert (newest.kind, newest.name, newest.note) == ("note", "Li Na", "Rang, no answer.")


def test_the_timeline_pages_by_time_and_loses_nothing() -> None:
    participant = enrol()
    for back in range(7):
        report(participant, [flag(f"rule-{back}")], now=NOW - back * DAY)
    seen: list[participants.Entry] = []
    before: datetime | None = None
    while True:
        piece = participants.get_timeline(db.session, participant_id=participant.id, now=NOW, before=before, limit=5)
        seen += piece.entries
        if (before := piece.earlier) is None:
            break
    whole = participants.get_timeline(db.session, participant_id=participant.id, now=NOW)
    assert tuple(seen) == whole.entries
    assert len(seen) == 14


def test_a_view_of_identifiers_is_in_the_trail() -> None:
    participant, nurse = enrol(), hire()
    with transaction() as session:
        shown = participants.reveal_identifiers(session, actor=nurse, study_number="RJ-001", now=NOW)
    assert (shown.name, shown.born_on) == ("王小明", date(1992, 3, 14))
    assert [contact.phone for contact in shown.contacts] == ["+8613800130001"]
    newest = db.session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert newest is not None
    assert (newest.action, newest.actor_id, newest.participant_id) == ("identifiers:view", nurse.id, participant.id)


@pytest.mark.parametrize(
    ("who", "refusal"),
    [({"role": Role.MONITOR}, NotAllowed), ({"role": Role.DATA_MANAGER}, NotAllowed), ({"sites": ("SH",)}, NotFound)],
)
def test_identifiers_are_for_the_sites_own_clinical_staff(who: dict[str, object], refusal: type[Exception]) -> None:
    enrol()
    actor = hire(**who)  # type: ignore[arg-type]
    with pytest.raises(refusal), transaction() as session:
        participants.reveal_identifiers(session, actor=actor, study_number="RJ-001", now=NOW)


def test_an_account_must_belong_to_the_participant() -> None:
    enrol(1)
    other = enrol(2)
    stranger = db.session.get_one(Participant, other.id).accounts[0].id
    with pytest.raises(NotFound):
        participants.find_card_holder(db.session, actor=hire(), study_number="RJ-001", account_id=stranger)


def test_a_page_and_its_timeline_take_the_same_number_of_statements_however_much_happened() -> None:
    participant, nurse = enrol(), hire()

    def statements() -> int:
        db.session.rollback()
        with counted() as number:
            participants.get_participant_overview(db.session, actor=nurse, study_number="RJ-001", now=NOW)
        return number()

    report(participant, [red()])
    short = statements()
    for back in range(1, 20):
        report(participant, [flag(f"rule-{back}")], now=NOW - back * DAY)
        add_text(participant, NOW - back * DAY)
    ring(nurse, "participant", "reached")
    assert statements() == short <= 20


def test_the_whole_page_says_what_its_parts_say_one_by_one() -> None:
    participant, nurse = enrol(), hire()
    report(participant, [red()], stage=2)
    report(participant, [flag()], on=TODAY - DAY, now=NOW - DAY)
    add_infusion(participant, NOW - 3 * DAY, 1, given=True)
    add_infusion(participant, NOW + DAY, 2)
    add_visit(participant, NOW - 2 * DAY)
    add_text(participant, NOW - DAY)
    ring(nurse, "participant", "reached")
    found = participants.get_participant_overview(db.session, actor=nurse, study_number="RJ-001", now=NOW)
    id_ = found.page.id
    assert found.page == participants.get_participant_page(db.session, actor=nurse, study_number="RJ-001", now=NOW)
    assert found.past == participants.get_timeline(db.session, participant_id=id_, now=NOW)
    assert found.course == participants.get_disease_course(db.session, participant_id=id_, now=NOW)
    assert found.calls == participants.list_calls(db.session, actor=at_site("RJ"), study_number="RJ-001")
    assert found.past.entries
    assert found.page.estimate


def ring(nurse: Actor, whom: str, outcome: str, at: datetime = NOW) -> None:
    with transaction() as session:
        call = participants.NewCall(whom, outcome, "", at)
        participants.record_call(session, actor=nurse, study_number="RJ-001", call=call, now=NOW)


@pytest.mark.parametrize(
    ("whom", "outcome", "at", "field"),
    [
        ("nobody", "reached", NOW, "whom"),
        ("guardian", "perhaps", NOW, "outcome"),
        ("guardian", "reached", NOW + DAY, "called_on"),
    ],
)
def test_a_call_that_cannot_be_is_refused_by_field(whom: str, outcome: str, at: datetime, field: str) -> None:
    enrol()
    with pytest.raises(Invalid) as refused:
        ring(hire(), whom, outcome, at)
    assert list(refused.value.problems) == [field]


def test_calls_are_recorded_by_the_sites_own_people_who_may_act() -> None:
    enrol()
    with pytest.raises(NotFound):
        ring(hire("Far", sites=["SH"]), "participant", "reached")
    with pytest.raises(NotAllowed):
        ring(hire("Reads", role=Role.MONITOR), "participant", "reached")


def test_what_was_measured_is_told_day_by_day_with_bilirubin_in_one_unit() -> None:
    person, nurse = enrol(), hire()
    bowel = {"bowel-trouble": True, "loose-stool-count": 3, "stool-volume-ml": 300, "stool-unmeasured-count": 1}
    report(
        person, now=NOW - DAY, answers={"skin-change": False, "temperature-taken": True, "temperature": "37.2", **bowel}
    )
    with transaction() as session:
        assessments.enter_result(
            session,
            actor=nurse,
            study_number="RJ-001",
            measure="bilirubin:mg/dL",
            value=Decimal(2),
            measured_at=NOW,
            now=NOW,
        )
    charts = participants.get_disease_course(db.session, participant_id=person.id, now=NOW).charts
    found = {name: [(day.on, list(day.values.values())) for day in days] for name, days in charts.items()}
    yesterday = TODAY - DAY
    assert found["temperature"] == [(yesterday, [Decimal("37.2")])]
    assert found["stool"] == [(yesterday, [Decimal(500)])]
    assert found["rash"] == [(yesterday, [Decimal(0)])]
    assert found["bilirubin"] == [(TODAY, [Decimal("34.2")])]


def test_an_instant_is_utc() -> None:
    participant = enrol()
    report(participant)
    assert entries(participant)[0].at.tzinfo is UTC
