"""From the first question to a screen failure: saved step by step, told truly, and kept."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from portal.domain.access import Actor, Role
from portal.domain.eligibility import EligibilityOutcome
from portal.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from portal.domain.screening import ScreeningState, ScreeningStep
from portal.extensions import db, transaction
from portal.models.audit import AuditEvent
from portal.models.enrolment import Consent, Screening
from portal.models.people import Account, Participant
from portal.services import audit, screening
from tests.support.people import NOW, enrol, hire
from tests.support.screenings import ADULT, MINOR, begin, nurse, save, screened

pytestmark = pytest.mark.usefixtures("core")


def seen(actor: Actor, number: str) -> screening.ScreeningView:
    db.session.rollback()
    return screening.get_screening(db.session, actor=actor, number=number, now=NOW)


def fail(actor: Actor, number: str, reason: str = "") -> None:
    version = seen(actor, number).version
    with transaction() as session:
        screening.fail_screening(session, actor=actor, number=number, reason=reason, version=version, now=NOW)


def test_screenings_are_numbered_by_site() -> None:
    li_na = nurse()
    assert [begin(li_na), begin(li_na)] == ["RJ-S001", "RJ-S002"]


def test_each_step_is_kept_as_it_was_typed_and_found_again() -> None:
    li_na = nurse()
    number = begin(li_na)
    save(li_na, number, ScreeningStep.MAP, ADULT[ScreeningStep.MAP] | {"map_first": " 0.1400 "})
    shown = seen(li_na, number)
    assert shown.answers["map_first"] == "0.1400"
    assert (shown.saved, shown.standing.outcome) == (
        (ScreeningStep.MAP, ScreeningStep.PERSON),
        EligibilityOutcome.INCOMPLETE,
    )


@pytest.mark.parametrize("answers", [ADULT, MINOR])
def test_somebody_with_every_answer_and_consent_is_eligible(answers: dict[ScreeningStep, dict[str, str]]) -> None:
    li_na = nurse()
    assert seen(li_na, screened(li_na, answers)).standing.outcome is EligibilityOutcome.ELIGIBLE


def test_nothing_of_the_person_is_readable_in_the_row_and_nothing_identifying_on_the_page() -> None:
    li_na = nurse()
    number = screened(li_na, ADULT)
    raw = bytes(db.session.execute(text("SELECT answers FROM screening")).scalar_one())
    assert b"AML" not in raw
    assert "1992" not in str(raw)
    assert not {"name", "born_on", "phone"} & set(seen(li_na, number).answers)


def test_names_are_shown_on_request_and_the_trail_knows() -> None:
    li_na = nurse()
    number = screened(li_na, ADULT)
    with transaction() as session:
        person = screening.reveal_step(session, actor=li_na, number=number, step=ScreeningStep.PERSON, now=NOW)
        consents = screening.reveal_step(session, actor=li_na, number=number, step=ScreeningStep.CONSENT, now=NOW)
    assert (person["name"], consents["own_signer"]) == ("王小明", "王小明")
    assert "screening:identify" in set(db.session.scalars(select(AuditEvent.action)))


def test_the_trail_says_old_and_new_of_an_answer() -> None:
    li_na = nurse()
    number = begin(li_na)
    save(li_na, number, ScreeningStep.INCLUSION, ADULT[ScreeningStep.INCLUSION])
    save(li_na, number, ScreeningStep.INCLUSION, ADULT[ScreeningStep.INCLUSION] | {"ecog": "3"})
    last = audit.list_row_changes(db.session, entity="screening", entity_id=1)[-1]
    assert (last.fields["answers.ecog"], last.actor_id) == (("1", "3"), li_na.id)


def test_a_consent_that_is_taken_back_leaves_its_first_words_in_the_trail() -> None:
    li_na = nurse()
    number = screened(li_na, ADULT)
    save(li_na, number, ScreeningStep.CONSENT, {"own": "no"})
    assert db.session.scalar(select(func.count()).select_from(Consent)) == 2
    own = db.session.scalars(select(Consent).where(Consent.kind == "own")).one()
    changed = audit.list_row_changes(db.session, entity="consent", entity_id=own.id)[-1]
    assert (own.given, own.signer, changed.fields["signer"]) == (False, None, ("王小明", None))


def test_a_step_saved_from_an_old_page_is_refused() -> None:
    li_na = nurse()
    number = begin(li_na)
    with transaction() as session, pytest.raises(Conflict, match="meanwhile"):
        screening.save_step(session, actor=li_na, number=number, step=ScreeningStep.MAP, typed={}, version=7, now=NOW)


@pytest.mark.parametrize(
    ("field", "number"), [("phone", "12"), ("phone", "+8613800130001"), ("guardian_phone", "138 0013 0077")]
)
def test_a_phone_must_be_one_and_free(field: str, number: str) -> None:
    enrol()
    li_na, typed = nurse(), ADULT[ScreeningStep.PERSON] | {field: number}
    with transaction() as session, pytest.raises(Invalid) as refused:
        screening.begin_screening(session, actor=li_na, site="RJ", typed=typed, now=NOW)
    assert set(refused.value.problems) == {field}


def test_a_screen_failure_keeps_its_criteria_and_nobody_gets_an_account() -> None:
    li_na = nurse()
    number = screened(li_na, ADULT, inclusion={"ecog": "3"}, exclusion={"allergy": "yes"})
    fail(li_na, number)
    shown = seen(li_na, number)
    assert (shown.state, shown.decision["criteria"]) == (ScreeningState.FAILED, [["inclusion", 6], ["exclusion", 9]])
    assert db.session.scalar(select(func.count()).select_from(Participant)) == 0
    assert db.session.scalar(select(func.count()).select_from(Account)) == 0


def test_a_screen_failure_stands_as_it_was_on_its_day() -> None:
    li_na = nurse()
    number = screened(li_na, ADULT, inclusion={"ecog": "3"})
    fail(li_na, number)
    later = screening.get_screening(db.session, actor=li_na, number=number, now=NOW + timedelta(days=60))
    assert [one.criterion.code for one in later.standing.findings if one.keeps_out] == ["performance"]


def test_without_a_criterion_a_failure_needs_a_reason() -> None:
    li_na = nurse()
    number = begin(li_na)
    with pytest.raises(Invalid) as refused:
        fail(li_na, number)
    assert set(refused.value.problems) == {"reason"}
    fail(li_na, number, "Changed his mind.")
    assert seen(li_na, number).decision["reason"] == "Changed his mind."


def test_what_has_ended_cannot_be_changed() -> None:
    li_na = nurse()
    number = screened(li_na, ADULT, inclusion={"ecog": "3"})
    fail(li_na, number)
    with pytest.raises(Conflict, match="ended"):
        save(li_na, number, ScreeningStep.INCLUSION, ADULT[ScreeningStep.INCLUSION])
    with pytest.raises(Conflict, match="ended"):
        fail(li_na, number, "Again.")


def test_an_investigator_reopens_a_failure_with_a_reason() -> None:
    doctor = nurse(Role.INVESTIGATOR)
    number = screened(doctor, ADULT, inclusion={"ecog": "3"})
    fail(doctor, number)
    with transaction() as session:
        screening.reopen_screening(session, actor=doctor, number=number, reason="ECOG was typed wrongly.", now=NOW)
    save(doctor, number, ScreeningStep.INCLUSION, ADULT[ScreeningStep.INCLUSION])
    assert seen(doctor, number).standing.outcome is EligibilityOutcome.ELIGIBLE
    with transaction() as session, pytest.raises(Conflict):
        screening.reopen_screening(session, actor=doctor, number=number, reason="Twice.", now=NOW)


def test_a_coordinator_does_not_reopen() -> None:
    li_na = nurse()
    number = begin(li_na)
    fail(li_na, number, "Went home.")
    with transaction() as session, pytest.raises(NotAllowed):
        screening.reopen_screening(session, actor=li_na, number=number, reason="Came back.", now=NOW)


def test_another_sites_screening_does_not_exist() -> None:
    number = begin(nurse())
    stranger = Actor("staff", Role.COORDINATOR, hire(Role.INVESTIGATOR), sites=frozenset({"SH"}))
    with pytest.raises(NotFound):
        seen(stranger, number)
    with pytest.raises(NotFound):
        save(stranger, number, ScreeningStep.MAP, {}, version=1)
    assert screening.list_screenings(db.session, actor=stranger).rows == ()


@pytest.mark.parametrize("role", [Role.MONITOR, Role.STATISTICIAN, Role.DATA_MANAGER, Role.ADMINISTRATOR])
def test_only_coordinators_and_investigators_screen(role: Role) -> None:
    other = nurse(role)
    with pytest.raises(NotAllowed):
        begin(other)


def test_the_list_is_paged_from_the_newest_and_decrypts_no_person() -> None:
    li_na = nurse()
    numbers = [begin(li_na) for _ in range(3)]
    first = screening.list_screenings(db.session, actor=li_na, limit=2)
    rest = screening.list_screenings(db.session, actor=li_na, limit=2, before=first.next_before)
    assert [row.number for row in (*first.rows, *rest.rows)] == numbers[::-1]
    assert (first.rows[0].by, rest.next_before) == ("李娜", None)


def test_the_day_of_a_planned_enrolment_decides() -> None:
    li_na = nurse()
    late = {"enrol_on": (NOW.date() + timedelta(days=12)).isoformat()}
    stands = seen(li_na, screened(li_na, ADULT, disease=late)).standing
    assert (stands.waits, stands.outcome) == (True, EligibilityOutcome.NOT_ELIGIBLE)


def test_a_screening_row_cannot_change_without_an_act() -> None:
    begin(nurse())
    with pytest.raises(Exception, match="screening"), transaction() as session:  # noqa: PT012
        session.scalars(select(Screening)).one().state = "failed"
        session.flush()
