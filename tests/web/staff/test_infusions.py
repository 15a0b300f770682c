"""The plan, the course, each act on an infusion or a visit, and the two lists, as a coordinator uses them."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.domain.access import Role
from portal.extensions import db
from portal.models.infusions import Infusion, Visit
from portal.models.people import Participant
from portal.services import audit
from tests.support.people import NOW, TODAY, enrol
from tests.support.plans import act, infusion, planned
from tests.support.web.visitor import Page, Visitor

PERSON = "/staff/participants/RJ-001"
PLAN, COURSE = f"{PERSON}/plan", f"{PERSON}/course"
DEVIATIONS = "/staff/infusions/deviations"


@pytest.fixture
def enrolled(coordinator: Visitor) -> Participant:
    """Enrolled today, on day +10, without a plan."""
    return enrol(day=10, enrolled_on=TODAY)


@pytest.fixture
def person(coordinator: Visitor) -> Participant:
    """The same with a plan: Monday 23 November 2026 and every Thursday and Monday after it."""
    return planned()


def path(number: int, act: str) -> str:
    return f"/staff/infusions/{infusion(number).id}/{act}"


def visit_path(code: str = "d28") -> str:
    id_ = db.session.scalars(select(Visit.id).where(Visit.code == code)).one()
    return f"/staff/visits/{id_}"


def press(visitor: Visitor, where: str, button: str, *, page: Page | None = None, **typed: str) -> TestResponse:
    """Fill in the page's form and send it with one of its buttons."""
    form = (page or visitor.visit(where)).form(where)
    assert ("do", button) in form.buttons
    return visitor.post(where, data={**form.filled(**typed), "do": button})


def states() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(Infusion.state).order_by(Infusion.number)))


# --- The plan -------------------------------------------------------------------------------------------------------


def test_the_plan_is_proposed_for_mondays_and_thursdays_and_made_as_it_stands(
    coordinator: Visitor, enrolled: Participant
) -> None:
    page = coordinator.visit(PLAN)
    assert page.says("Infusion 8 · day +38")
    assert press(coordinator, PLAN, "plan", page=page).location == COURSE
    assert states() == ["planned"] * 8


def test_other_weekdays_are_proposed_for_the_asking(coordinator: Visitor, enrolled: Participant) -> None:
    values = dict(coordinator.visit(f"{PLAN}?weekdays=2-5").form(PLAN).values)
    assert [values[f"on_{number}"] for number in (1, 2, 3)] == ["2026-11-24", "2026-11-27", "2026-12-01"]


def test_weekdays_that_cannot_hold_the_plan_are_refused(coordinator: Visitor, enrolled: Participant) -> None:
    assert coordinator.get(f"{PLAN}?weekdays=1-2").status_code == 422


def test_a_day_that_breaks_rules_names_each_of_them(coordinator: Visitor, enrolled: Participant) -> None:
    page = Page(press(coordinator, PLAN, "check", on_2="2026-11-28").text)
    assert page.says("further from the proposed day than the window allows; too close to the infusion before")
    assert states() == []


def test_a_plan_that_breaks_a_rule_wants_a_reason_and_is_then_listed(
    coordinator: Visitor, enrolled: Participant
) -> None:
    asked = press(coordinator, PLAN, "plan", on_2="2026-11-28")
    assert asked.status_code == 422
    again = Page(asked.text)
    assert again.says("too close to the infusion before")
    assert press(coordinator, PLAN, "plan", page=again, reason="no bed on Thursday").status_code == 302
    assert coordinator.visit(DEVIATIONS).says("too close to the infusion before. no bed on Thursday")


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"on_3": "tomorrow"}, "Enter a day, such as 2026-11-26."),
        ({"time_3": ""}, "Enter a time, such as 09:30."),
        ({"on_3": "2026-11-20"}, "The time must be in the future."),
        ({"on_3": "2026-11-25"}, "This must be after the one before."),
    ],
)
def test_what_cannot_be_is_asked_again_and_stays_as_typed(
    coordinator: Visitor, enrolled: Participant, typed: dict[str, str], words: str
) -> None:
    answer = press(coordinator, PLAN, "plan", **typed)
    page = Page(answer.text)
    assert (answer.status_code, page.says(words)) == (422, True)
    assert dict(page.form(PLAN).values).items() >= {key: value for key, value in typed.items() if value}.items()


def test_what_is_planned_leads_to_the_course(coordinator: Visitor, person: Participant) -> None:
    assert coordinator.get(PLAN).location == COURSE


def test_the_control_arm_has_nothing_to_plan(coordinator: Visitor) -> None:
    planned(arm="control")
    assert coordinator.visit(PLAN).says("This group has visits and the diary only.")
    assert not coordinator.visit(COURSE).says("Infusions Not planned")


# --- The course -----------------------------------------------------------------------------------------------------


def test_the_course_shows_every_infusion_and_visit_with_its_study_day(
    coordinator: Visitor, person: Participant
) -> None:
    page = coordinator.visit(COURSE)
    assert page.says("Mon 23 Nov, 09:30day +10")
    assert page.says("day +28")
    assert coordinator.visit(PERSON).links.count(COURSE) == 1


def test_a_date_is_confirmed_by_one_button(coordinator: Visitor, person: Participant) -> None:
    assert coordinator.submit(COURSE, action=path(2, "confirm")).location == COURSE
    assert states()[1] == "confirmed"


def test_an_old_page_confirms_nothing(coordinator: Visitor, person: Participant) -> None:
    old = coordinator.visit(COURSE)
    act("hold", 3)
    answer = coordinator.submit(COURSE, page=old, action=path(2, "confirm"))
    assert (answer.status_code, states()[1]) == (409, "planned")


@pytest.mark.parametrize(("verb", "state"), [("hold", "held"), ("miss", "missed"), ("cancel", "cancelled")])
def test_what_did_not_take_place_wants_a_reason(
    coordinator: Visitor, person: Participant, verb: str, state: str
) -> None:
    where = path(2, verb)
    assert coordinator.submit(where, reason="").status_code == 422
    assert coordinator.submit(where, reason="fever since the night").location == COURSE
    assert states()[1] == state
    assert coordinator.visit(COURSE).says("fever since the night")
    assert coordinator.get(where).status_code == 404


# --- Moving ---------------------------------------------------------------------------------------------------------


def test_a_move_is_shown_before_it_is_made(coordinator: Visitor, person: Participant) -> None:
    where = path(3, "move")
    shown = Page(press(coordinator, where, "look", on="2026-12-01").text)
    assert shown.says("4 Now Thursday 3 December, 09:30")
    assert shown.says("Then Friday 4 December, 09:30")
    assert infusion(3).planned_at.day == 30
    assert press(coordinator, where, "move", page=shown).location == COURSE
    assert [infusion(number).planned_at.day for number in (3, 4, 5)] == [1, 4, 7]


def test_a_time_that_nobody_looked_at_is_not_moved_to(coordinator: Visitor, person: Participant) -> None:
    where = path(3, "move")
    shown = Page(press(coordinator, where, "look", on="2026-12-01").text)
    answer = press(coordinator, where, "move", page=shown, on="2026-12-02")
    assert (answer.status_code, infusion(3).planned_at.day) == (200, 30)


def test_a_move_that_breaks_a_rule_keeps_its_preview_until_the_reason_comes(
    coordinator: Visitor, person: Participant
) -> None:
    where = path(3, "move")
    shown = Page(press(coordinator, where, "look", on="2026-11-28").text)
    assert shown.says("Infusion 3: too close to the infusion before")
    refused = press(coordinator, where, "move", page=shown)
    assert refused.status_code == 422
    assert press(coordinator, where, "move", page=Page(refused.text), reason="travels").location == COURSE
    assert coordinator.visit(DEVIATIONS).says("travels")


def test_a_move_into_the_past_is_refused_at_its_day(coordinator: Visitor, person: Participant) -> None:
    answer = press(coordinator, path(3, "move"), "look", on="2026-11-20")
    assert (answer.status_code, Page(answer.text).says("The new time must be in the future.")) == (422, True)


# --- Given ----------------------------------------------------------------------------------------------------------

AS_GIVEN = {
    "weight_kg": "62.5",
    "started_at": "09:30",
    "ended_at": "09:55",
    "lot": "MSC-2026-011",
    "cells_millions": "63.1",
    "before-temperature": "36.6",
    "before-systolic": "120",
    "before-diastolic": "75",
    "during-pulse": "88",
    "after-spo2": "98",
    "grade": "1",
    "reaction": "flushing",
}


def test_the_dose_of_the_weight_is_shown_and_recorded(coordinator: Visitor, person: Participant) -> None:
    where = path(1, "given")
    shown = Page(press(coordinator, where, "look", **AS_GIVEN).text)
    assert shown.says("62,500,000 (6.25 × 10⁷)")
    assert press(coordinator, where, "record", page=shown, reaction="flushing").location == COURSE
    row = infusion(1)
    assert (row.state, row.dose_cells, row.cells_given, row.lot) == ("given", 62_500_000, 63_100_000, "MSC-2026-011")
    assert row.vital_signs == {
        "before": {"temperature": "36.6", "systolic": "120", "diastolic": "75"},
        "during": {"pulse": "88"},
        "after": {"spo2": "98"},
    }
    course = coordinator.visit(COURSE)
    assert course.says("reaction of grade 1: flushing")
    assert course.says("BeforeTemperature, °C 36.6Blood pressure, upper, mmHg 120")


def test_another_weight_is_computed_again_before_it_is_recorded(coordinator: Visitor, person: Participant) -> None:
    where = path(1, "given")
    shown = Page(press(coordinator, where, "look", **AS_GIVEN).text)
    answer = press(coordinator, where, "record", page=shown, reaction="flushing", weight_kg="63")
    assert Page(answer.text).says("63,000,000")
    assert states()[0] == "planned"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"weight_kg": ""}, "Enter a number."),
        ({"weight_kg": "625"}, "Enter the weight in kg, between 20 and 250."),
        ({"ended_at": "09:00"}, "The end must be after the start and not in the future."),
        ({"lot": ""}, "Enter the lot number."),
        ({"before-temperature": "366"}, "This value cannot be. Check it and its unit."),
        ({"before-systolic": "70"}, "The lower blood pressure must be below the upper one."),
        ({"cells_millions": "0.5"}, "Enter the cells in millions, between 1 and 1,000."),
        ({"reaction": ""}, "Say what the reaction was."),
    ],
)
def test_a_slip_of_the_pen_is_named_at_its_field(
    coordinator: Visitor, person: Participant, typed: dict[str, str], words: str
) -> None:
    answer = press(coordinator, path(1, "given"), "look", **{**AS_GIVEN, **typed})
    assert (answer.status_code, Page(answer.text).says(words)) == (422, True)


def test_given_on_another_day_than_the_rules_allow_wants_a_reason(coordinator: Visitor, person: Participant) -> None:
    """The second, on the day of the first."""
    where = path(2, "given")
    shown = Page(press(coordinator, where, "look", **{**AS_GIVEN, "started_on": "2026-11-23", "grade": "0"}).text)
    assert shown.says("Infusion 2: too close to the infusion before")
    refused = press(coordinator, where, "record", page=shown)
    assert refused.status_code == 422
    done = press(coordinator, where, "record", page=Page(refused.text), deviation="bag about to expire")
    assert done.location == COURSE
    assert coordinator.visit(DEVIATIONS).says("bag about to expire")


def test_a_record_is_corrected_with_a_reason_and_the_old_one_stays_in_the_history(
    coordinator: Visitor, person: Participant
) -> None:
    give_the_first(coordinator)
    where = path(1, "correct")
    known = coordinator.visit(where).form(where).filled(reaction="flushing")
    assert {name: known[name] for name in AS_GIVEN} == AS_GIVEN
    right = {"weight_kg": "65.2", "reaction": "flushing", "correction": "read off the wrong line"}
    refused = press(coordinator, where, "look", **{**right, "correction": ""})
    assert (refused.status_code, Page(refused.text).says("Please give the reason.")) == (422, True)
    shown = Page(press(coordinator, where, "look", **right).text)
    assert shown.says("65,200,000")
    assert press(coordinator, where, "record", page=shown, **right).location == COURSE
    assert (infusion(1).state, infusion(1).dose_cells) == ("given", 65_200_000)
    change = audit.list_row_changes(db.session, entity="infusion", entity_id=infusion(1).id)[-1]
    assert (change.action, change.reason) == ("infusion:correct", "read off the wrong line")
    assert change.fields["dose_cells"] == (62_500_000, 65_200_000)


def test_only_what_was_given_can_be_corrected_and_it_is_given_once(coordinator: Visitor, person: Participant) -> None:
    assert coordinator.get(path(1, "correct")).status_code == 404
    give_the_first(coordinator)
    assert coordinator.get(path(1, "given")).status_code == 404


@pytest.mark.parametrize("recorded", ["given", "missed"])
def test_a_slip_is_taken_back_with_a_reason(coordinator: Visitor, person: Participant, recorded: str) -> None:
    if recorded == "given":
        give_the_first(coordinator)
    else:
        coordinator.submit(path(1, "miss"), reason="fever since the night")
    assert states()[0] == recorded
    assert coordinator.submit(path(1, "take-back"), reason="").status_code == 422
    assert coordinator.submit(path(1, "take-back"), reason="that was RJ-002").location == COURSE
    row = infusion(1)
    assert (row.state, row.dose_cells, row.lot, row.started_at, row.reaction) == ("planned", None, None, None, None)
    assert coordinator.visit(COURSE).says("Reason: that was RJ-002")
    assert not coordinator.visit(DEVIATIONS).says("fewer infusions")


def give_the_first(coordinator: Visitor) -> None:
    where = path(1, "given")
    shown = Page(press(coordinator, where, "look", **AS_GIVEN).text)
    press(coordinator, where, "record", page=shown, reaction="flushing")


# --- Visits ---------------------------------------------------------------------------------------------------------


def test_a_visit_is_moved_inside_its_window_without_a_reason(coordinator: Visitor, person: Participant) -> None:
    where = visit_path()
    answer = coordinator.submit(where, action=f"{where}/moved", to_on="2026-12-10", to_at="10:15")
    assert answer.location == COURSE
    assert coordinator.visit(COURSE).says("Thu 10 Dec, 10:15")


def test_a_visit_outside_its_window_wants_a_reason_and_is_listed(coordinator: Visitor, person: Participant) -> None:
    where = visit_path()
    typed = {"to_on": "2027-01-20", "to_at": "10:15"}
    refused = coordinator.submit(where, action=f"{where}/moved", **typed)
    assert Page(refused.text).says("This day is outside the visit's window. Please give the reason.")
    assert coordinator.submit(where, action=f"{where}/moved", **typed, move_reason="in another city").location == COURSE
    assert coordinator.visit(DEVIATIONS).says("outside the window. in another city")


def test_a_visit_took_place_or_it_did_not(coordinator: Visitor, person: Participant) -> None:
    where = visit_path()
    early = coordinator.submit(where, action=f"{where}/attended", on="2026-12-11")
    assert Page(early.text).says("The day cannot be in the future, nor before the transplant.")
    assert coordinator.submit(where, action=f"{where}/missed").status_code == 422
    assert coordinator.submit(where, action=f"{where}/missed", miss_reason="too ill to travel").location == COURSE
    assert coordinator.post(f"{where}/attended", data={}).status_code == 400
    assert coordinator.visit(where).says("missed")


def test_a_visit_that_was_recorded_by_a_slip_is_planned_again(coordinator: Visitor, person: Participant) -> None:
    where = visit_path()
    coordinator.submit(where, action=f"{where}/missed", miss_reason="too ill to travel")
    assert coordinator.submit(where, action=f"{where}/taken-back").status_code == 422
    assert coordinator.submit(where, action=f"{where}/taken-back", back_reason="she came after all").location == COURSE
    assert coordinator.visit(where).form(f"{where}/attended")


# --- The lists ------------------------------------------------------------------------------------------------------


def test_the_days_list_holds_what_is_due_and_what_waits(coordinator: Visitor, person: Participant) -> None:
    act("hold", 5)
    page = coordinator.visit("/staff/infusions")
    assert (page.says("Infusion 1"), page.says("Infusion 2"), page.says("Infusion 5")) == (True, False, True)
    assert path(1, "given") in page.links


def test_what_nobody_recorded_on_its_day_says_so(coordinator: Visitor) -> None:
    planned(enrolled_on=TODAY - timedelta(days=4))
    assert coordinator.visit("/staff/infusions").says("Infusion 1 Thu 19 Nov, 09:30day +6 planned not recorded")


def test_a_list_is_read_page_by_page(
    coordinator: Visitor, person: Participant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.services.infusions.lists.PAGE", 2)
    for number in (2, 3, 4):
        act("hold", number)
    first = coordinator.visit("/staff/infusions")
    further = next(link for link in first.links if "after=" in link)
    second = coordinator.visit(further)
    assert (first.says("Infusion 2"), first.says("Infusion 3")) == (True, False)
    assert (second.says("Infusion 3"), second.says("Infusion 4")) == (True, True)


@pytest.mark.parametrize("after", ["x", "2026-11-26T01:30:00,infusion,1", "2026-11-26T01:30:00+00:00,tea,1"])
def test_an_odd_place_in_a_list_is_not_found(coordinator: Visitor, after: str) -> None:
    assert coordinator.get("/staff/infusions", query_string={"after": after}).status_code == 404


def test_without_anything_the_lists_say_so(coordinator: Visitor) -> None:
    assert coordinator.visit("/staff/infusions").says("Nothing is due.")
    assert coordinator.visit(DEVIATIONS).says("No deviation is recorded.")


# --- Who may --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.MONITOR, Role.DATA_MANAGER])
def test_who_only_reads_sees_the_course_and_acts_on_nothing(
    staff_of: Callable[[Role], Visitor], person: Participant, role: Role
) -> None:
    reader = staff_of(role)
    page = reader.visit(COURSE)
    assert not [form for form in page.forms if form.action.startswith("/staff/infusions")]
    assert reader.get(path(1, "given")).status_code == 403
    assert reader.get(PLAN).status_code == 403


@pytest.mark.parametrize("role", [Role.STATISTICIAN, Role.ADMINISTRATOR])
def test_who_sees_no_participant_sees_no_list(staff_of: Callable[[Role], Visitor], role: Role) -> None:
    assert staff_of(role).get("/staff/infusions").status_code == 403


def test_another_site_is_not_there(coordinator: Visitor, person: Participant) -> None:
    db.session.rollback()
    from portal.extensions import transaction
    from portal.services import audit
    from tests.support.plans import NURSE

    with transaction() as session:
        audit.begin(session, actor=NURSE, action="test:site", now=NOW, participant_id=person.id)
        session.get_one(Participant, person.id).site = "XX"
    assert coordinator.get(COURSE).status_code == 404
    assert coordinator.get(path(1, "move")).status_code == 404
    assert coordinator.get(visit_path()).status_code == 404


# --- Leaving and coming back ----------------------------------------------------------------------------------------


def test_who_leaves_has_nothing_ahead_and_is_planned_again_when_back(
    coordinator: Visitor, staff_of: Callable[[Role], Visitor], person: Participant
) -> None:
    """What was given stays; the rest keeps its number and its place in the phone's calendar."""
    standing = f"{PERSON}/participation"
    uids = [(row.number, row.uid) for row in db.session.scalars(select(Infusion).order_by(Infusion.number))]
    shown = Page(press(coordinator, path(1, "given"), "look", **{**AS_GIVEN, "grade": "0"}).text)
    press(coordinator, path(1, "given"), "record", page=shown)
    coordinator.submit(standing, step="withdraw", reason="asked for by the participant")
    assert states() == ["given"] + ["cancelled"] * 7
    assert coordinator.get(PLAN).location == COURSE
    staff_of(Role.INVESTIGATOR).submit(standing, step="reinstate", reason="recorded for the wrong person")
    again = coordinator.visit(PLAN)
    assert (again.says("Infusion 1"), again.says("Infusion 2")) == (False, True)
    assert press(coordinator, PLAN, "plan", page=again).location == COURSE
    assert states() == ["given"] + ["planned"] * 7
    rows = list(db.session.scalars(select(Infusion).order_by(Infusion.number)))
    assert [(row.number, row.uid) for row in rows] == uids
    assert all(row.sequence == 2 for row in rows[1:])
    assert coordinator.visit(COURSE).says("Visit on day 28")
