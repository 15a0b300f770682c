"""Screening as pages: a step at a time, hidden names, a review that tells the truth, and its ends."""

from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from portal.domain.access import SYSTEM, Actor, Role
from portal.domain.screening import ScreeningStep
from portal.extensions import db, transaction
from portal.models.audit import AuditEvent
from portal.models.enrolment import Allocation, Screening
from portal.models.people import Account, Participant
from portal.services import allocation
from tests.support.people import NOW
from tests.support.screenings import ADULT, MINOR, Answers
from tests.support.screenings import begin as start
from tests.support.web.visitor import Page, Visitor

LIST, NEW, FIRST = "/staff/screenings", "/staff/screenings/new", "/staff/screenings/RJ-S001"


def import_list(rows: str = "1,all,imsc\n2,all,control\n") -> None:
    with transaction() as session:
        allocation.import_allocation_list(
            session, actor=SYSTEM, content=f"sequence,stratum,arm\n{rows}".encode(), now=NOW
        )


def begin(visitor: Visitor, answers: Answers = ADULT) -> None:
    answer = visitor.submit(NEW, **answers[ScreeningStep.PERSON])
    assert answer.location == f"{FIRST}/disease", answer.text


def screen(visitor: Visitor, answers: Answers = ADULT, **changes: dict[str, str]) -> None:
    """Every step through its own page; ``changes`` by the name of a step."""
    begin(visitor, answers)
    for step in list(ScreeningStep)[1:]:
        answer = visitor.submit(f"{FIRST}/{step}", **answers[step] | changes.get(step, {}))
        assert answer.status_code == 302, answer.text


def allocate(visitor: Visitor, **typed: str) -> Page:
    answer = visitor.submit(f"{FIRST}/allocate", **typed)
    assert answer.location == FIRST, answer.text
    return visitor.visit(FIRST)


def stored() -> Screening:
    db.session.expire_all()
    return db.session.scalars(select(Screening)).one()


@pytest.mark.usefixtures("both_databases")
def test_from_the_first_step_to_an_arm_and_what_comes_next(coordinator: Visitor) -> None:
    import_list()
    screen(coordinator)
    assert coordinator.visit(FIRST).says("Eligible: every criterion is met and every consent recorded")
    page = allocate(coordinator)
    assert page.says("RJ-001: iMSC arm")
    assert "/staff/participants/RJ-001/plan" in page.links
    assert page.form("/staff/participants/RJ-001/card").filled()["account_id"]


def test_the_control_arm_has_no_plan_to_make(coordinator: Visitor) -> None:
    import_list("1,all,control\n")
    screen(coordinator)
    page = allocate(coordinator)
    assert page.says("RJ-001: Control arm")
    assert "/staff/participants/RJ-001/plan" not in page.links


def test_the_steps_follow_each_other_and_can_be_left_for_the_review(coordinator: Visitor) -> None:
    begin(coordinator)
    ways = [coordinator.submit(f"{FIRST}/{step}").location for step in list(ScreeningStep)[1:]]
    assert ways == [f"{FIRST}/{step}" for step in (*list(ScreeningStep)[2:], "review")]
    page = coordinator.visit(f"{FIRST}/map")
    assert ("then", "review") in page.form(f"{FIRST}/map").buttons
    values = page.form(f"{FIRST}/map").filled()
    assert coordinator.post(f"{FIRST}/map", data={**values, "then": "review"}).location == f"{FIRST}/review"
    assert coordinator.visit(f"{FIRST}/review").says("Not all is known yet")


def test_what_was_saved_is_there_again_on_another_day(coordinator: Visitor) -> None:
    begin(coordinator)
    coordinator.submit(f"{FIRST}/map", **ADULT[ScreeningStep.MAP])
    values = coordinator.visit(f"{FIRST}/map").form(f"{FIRST}/map").filled()
    assert {name: values[name] for name in ADULT[ScreeningStep.MAP]} == ADULT[ScreeningStep.MAP]


def test_what_cannot_stand_is_said_at_its_field_and_nothing_typed_is_lost(coordinator: Visitor) -> None:
    begin(coordinator)
    answer = coordinator.submit(f"{FIRST}/map", **{**ADULT[ScreeningStep.MAP], "map_first": "14"})
    page = Page(answer.text)
    assert (answer.status_code, page.says("This number cannot be right.")) == (422, True)
    assert page.form(f"{FIRST}/map").filled()["map_first_laboratory"] == "瑞金医院检验科"


def test_a_first_step_with_a_fault_begins_nothing(coordinator: Visitor) -> None:
    answer = coordinator.submit(NEW, **{**ADULT[ScreeningStep.PERSON], "born_on": ""})
    assert (answer.status_code, Page(answer.text).form(NEW).filled()["name"]) == (422, "王小明")
    assert db.session.scalar(select(func.count()).select_from(Screening)) == 0


def test_a_map_of_0_138_is_not_met_and_shown_as_it_was_reported(coordinator: Visitor) -> None:
    second = {name.replace("first", "second"): value for name, value in ADULT[ScreeningStep.MAP].items()}
    screen(coordinator, map={"map_first": "0.138", **second, "map_second": "0.1399"})
    page = coordinator.visit(FIRST)
    assert page.says("Not eligible")
    assert page.says("MAP of day +14: 0.1399 (must be from 0.14)")
    assert page.says("0.138 · Ann Arbor 1 · ELISA")
    assert page.says("the protocol asks for day +14")


def test_the_review_names_every_registered_criterion_with_number_and_wording(coordinator: Visitor) -> None:
    begin(coordinator)
    page = coordinator.visit(FIRST)
    assert page.words.count("Registered wording") == 19
    assert page.says("Primary malignant hematologic disease was not remission;")
    assert page.words.count("? unknown") == 18  # the age is known
    assert page.words.count("✓ met") == 1


def test_a_person_under_18_is_asked_for_guardian_and_assent(coordinator: Visitor) -> None:
    begin(coordinator, MINOR)
    names = coordinator.visit(f"{FIRST}/consent").form(f"{FIRST}/consent").names
    assert {"guardian", "assent", "sensitive"} <= names
    assert "own" not in names


def test_an_adult_is_asked_for_their_own_consent(coordinator: Visitor) -> None:
    begin(coordinator)
    names = coordinator.visit(f"{FIRST}/consent").form(f"{FIRST}/consent").names
    assert {"own", "own_version", "own_on", "own_signer", "sensitive"} <= names
    assert not {"guardian", "assent"} & names


def test_a_minor_with_guardian_gets_two_cards(coordinator: Visitor) -> None:
    import_list()
    screen(coordinator, MINOR)
    forms = [form for form in allocate(coordinator).forms if form.action.endswith("/card")]
    assert len({form.filled()["account_id"] for form in forms}) == 2


def test_a_refused_consent_to_sensitive_data_keeps_out(coordinator: Visitor) -> None:
    screen(coordinator, consent={"sensitive": "no"})
    page = coordinator.visit(FIRST)
    assert page.says("Not eligible")
    assert page.says("Separate consent for sensitive personal data (health): refused")


def test_names_are_shown_on_demand_only_and_the_trail_says_so(coordinator: Visitor) -> None:
    screen(coordinator)
    for path in (LIST, FIRST, f"{FIRST}/person", f"{FIRST}/consent", f"{FIRST}/allocate"):
        assert "王小明" not in coordinator.get(path).text
    for step in ("person", "consent"):
        assert "王小明" in coordinator.submit(f"{FIRST}/{step}", action=f"{FIRST}/{step}/reveal").text
    looked = select(func.count()).where(AuditEvent.action == "screening:identify")
    assert db.session.scalar(looked) == 2


def test_a_revealed_step_can_be_changed(coordinator: Visitor) -> None:
    begin(coordinator)
    shown = Page(coordinator.submit(f"{FIRST}/person", action=f"{FIRST}/person/reveal").text)
    answer = coordinator.submit(f"{FIRST}/person", page=shown, name="王大明")
    assert (answer.status_code, stored().answers["name"]) == (302, "王大明")


def test_two_who_save_at_once_do_not_overwrite_each_other(coordinator: Visitor) -> None:
    begin(coordinator)
    mine = coordinator.visit(f"{FIRST}/disease")
    coordinator.submit(f"{FIRST}/disease", diagnosis="AML")
    answer = coordinator.submit(f"{FIRST}/disease", page=mine, diagnosis="ALL")
    assert (answer.status_code, stored().answers["diagnosis"]) == (409, "AML")
    again = Page(answer.text)
    assert again.says("Somebody has saved this screening meanwhile.")
    assert again.form(f"{FIRST}/disease").filled()["diagnosis"] == "ALL"


def test_the_allocation_page_leads_back_where_a_criterion_is_open(coordinator: Visitor) -> None:
    screen(coordinator, inclusion={"hct_ci": ""})
    assert coordinator.get(f"{FIRST}/allocate").location == FIRST


def test_nothing_is_allocated_before_the_day_of_enrolment(coordinator: Visitor) -> None:
    screen(coordinator, disease={"enrol_on": "2026-11-25"}, inclusion={"first_treatment_on": "2026-11-26"})
    page = coordinator.visit(FIRST)
    assert page.says("The arm can be allocated on that day.")
    assert f"{FIRST}/allocate" not in page.links


def test_without_a_list_the_page_says_whom_to_ask(coordinator: Visitor) -> None:
    screen(coordinator)
    answer = coordinator.submit(f"{FIRST}/allocate")
    assert (answer.status_code, Page(answer.text).says("Ask the statistician.")) == (409, True)


def test_a_second_tap_draws_nothing_more(coordinator: Visitor) -> None:
    import_list()
    screen(coordinator)
    page = coordinator.visit(f"{FIRST}/allocate")
    answers = [coordinator.submit(f"{FIRST}/allocate", page=page).location for _ in range(2)]
    assert answers == [FIRST, FIRST]
    assert db.session.scalar(select(func.count(Allocation.drawn_at))) == 1


def test_a_stratum_is_asked_for_where_it_cannot_be_known(coordinator: Visitor) -> None:
    import_list("1,A,imsc\n1,B,control\n")
    screen(coordinator)
    answer = coordinator.submit(f"{FIRST}/allocate")
    assert (answer.status_code, Page(answer.text).says("Choose the stratum.")) == (422, True)
    assert allocate(coordinator, stratum="B").says("RJ-001: Control arm")


def test_an_allocation_made_elsewhere_is_recorded_with_its_reference(coordinator: Visitor) -> None:
    screen(coordinator)
    there = f"{FIRST}/elsewhere"
    wrong = coordinator.submit(f"{FIRST}/allocate", action=there, arm="control", reference="", reason="IWRS")
    assert (wrong.status_code, Page(wrong.text).says("Write the reference")) == (422, True)
    given = {"arm": "control", "reference": "IWRS-0042", "reason": "The portal was down"}
    assert coordinator.submit(f"{FIRST}/allocate", action=there, **given).location == FIRST
    page = coordinator.visit(FIRST)
    assert page.says("RJ-001: Control arm")
    assert page.says("IWRS-0042")


def test_a_screen_failure_is_kept_with_its_reasons_and_without_an_account(coordinator: Visitor) -> None:
    screen(coordinator, exclusion={"allergy": "yes"})
    assert coordinator.submit(FIRST, action=f"{FIRST}/fail").location == FIRST
    page = coordinator.visit(FIRST)
    assert page.says("Screen failure")
    assert page.says("Exclusion 9")
    assert db.session.scalar(select(func.count()).select_from(Account)) == 0
    assert db.session.scalar(select(func.count()).select_from(Participant)) == 0


def test_ending_an_eligible_screening_needs_a_reason(coordinator: Visitor) -> None:
    screen(coordinator)
    answer = coordinator.submit(FIRST, action=f"{FIRST}/fail")
    assert (answer.status_code, Page(answer.text).says("Please give the reason.")) == (422, True)
    assert coordinator.submit(FIRST, action=f"{FIRST}/fail", reason="does not want to").location == FIRST
    assert coordinator.visit(FIRST).says("does not want to")


def test_an_ended_screening_is_only_read(coordinator: Visitor) -> None:
    screen(coordinator, exclusion={"allergy": "yes"})
    mine = coordinator.visit(f"{FIRST}/disease")
    coordinator.submit(FIRST, action=f"{FIRST}/fail")
    page = coordinator.visit(f"{FIRST}/disease")
    assert page.says("AML")
    assert [form.action for form in page.forms if form.action.startswith(LIST)] == []
    assert coordinator.submit(f"{FIRST}/disease", page=mine, diagnosis="ALL").status_code == 409


def test_an_investigator_opens_it_again_with_a_reason(
    coordinator: Visitor, staff_of: Callable[[Role], Visitor]
) -> None:
    screen(coordinator, exclusion={"allergy": "yes"})
    coordinator.submit(FIRST, action=f"{FIRST}/fail")
    assert f"{FIRST}/reopen" not in {form.action for form in coordinator.visit(FIRST).forms}
    doctor = staff_of(Role.INVESTIGATOR)
    assert doctor.submit(FIRST, action=f"{FIRST}/reopen").status_code == 422
    assert doctor.submit(FIRST, action=f"{FIRST}/reopen", reason="wrong chart").location == FIRST
    assert stored().state == "open"


def test_the_list_tells_state_and_steps(coordinator: Visitor) -> None:
    begin(coordinator)
    page = coordinator.visit(LIST)
    assert FIRST in page.links
    assert page.says("in progress")
    assert page.says("1 of 6")


def test_a_long_list_goes_on_over_the_page(coordinator: Visitor) -> None:
    li_na = Actor("staff", Role.COORDINATOR, 1, sites=frozenset({"RJ"}))
    for _number in range(51):
        start(li_na)
    assert f"{LIST}?before=2" in coordinator.visit(LIST).links
    assert coordinator.visit(f"{LIST}?before=2").says("RJ-S001")


def test_a_page_is_a_fixed_number_of_statements(coordinator: Visitor, statements: list[str]) -> None:
    def cost(path: str) -> int:
        statements.clear()
        coordinator.visit(path)
        return len(statements)

    screen(coordinator)
    few = {path: cost(path) for path in (LIST, FIRST, f"{FIRST}/map")}
    for _number in range(5):
        start(Actor("staff", Role.COORDINATOR, 1, sites=frozenset({"RJ"})))
    assert {path: cost(path) for path in few} == few
    assert max(few.values()) <= 12


def test_only_who_enrols_sees_a_screening(coordinator: Visitor, staff_of: Callable[[Role], Visitor]) -> None:
    begin(coordinator)
    for role in (Role.DATA_MANAGER, Role.MONITOR, Role.STATISTICIAN, Role.ADMINISTRATOR):
        visitor = staff_of(role)
        assert {visitor.get(path).status_code for path in (LIST, NEW, FIRST, f"{FIRST}/map")} == {403}, role


def test_what_is_not_there_is_not_found(coordinator: Visitor) -> None:
    begin(coordinator)
    for path in (f"{LIST}/RJ-S999", f"{FIRST}/nothing", f"{LIST}/RJ-S999/map"):
        assert coordinator.get(path).status_code == 404, path
