"""Results and assessments: asked about, signed, changed, and never changed in place."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pyotp
import pytest
from sqlalchemy import select, update

from portal.domain.access import SYSTEM, Actor, Role
from portal.domain.alert_rules import Organ
from portal.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from portal.domain.signing import SignatureMeaning, SignatureStatus
from portal.extensions import db, transaction
from portal.models.assessments import Assessment
from portal.models.audit import AuditEvent
from portal.models.people import Staff
from portal.services import assessments, audit, tasks, team, triage
from tests.support.assessments import FINDINGS
from tests.support.diaries import hire, red, report
from tests.support.people import NOW, PASSWORD, TODAY, at_site, enrol

pytestmark = pytest.mark.usefixtures("core")
HOUR = timedelta(hours=1)


@pytest.fixture
def doctor() -> tuple[Actor, pyotp.TOTP]:
    """An investigator with a real password and one-time codes."""
    with transaction() as session:
        made = team.create_staff(
            session,
            actor=SYSTEM,
            email="dr@example.org",
            name="Dr Lu",
            role=Role.INVESTIGATOR,
            sites=frozenset({"RJ"}),
            password=PASSWORD,
            now=NOW,
        )
    return Actor("staff", Role.INVESTIGATOR, made.id, sites=frozenset({"RJ"})), pyotp.TOTP(made.totp_secret)


def enter(actor: Actor, value: str, measure: str = "bilirubin:umol/L", **changes: Any) -> assessments.EnteredResult:
    with transaction() as session:
        values = {"measured_at": NOW, "now": NOW, **changes}
        return assessments.enter_result(
            session, actor=actor, study_number="RJ-001", measure=measure, value=Decimal(value), **values
        )


def results() -> tuple[assessments.LabResultView, ...]:
    db.session.rollback()
    return assessments.list_results(db.session, actor=at_site("RJ"), study_number="RJ-001")


def test_a_bilirubin_is_kept_with_its_code_and_gives_the_liver_stage() -> None:
    enrol()
    enter(hire(), "60")
    (seen,) = results()
    assert (seen.value, seen.unit, seen.code, seen.entered_by) == (Decimal(60), "umol/L", "14631-6", "Li Na")
    assert seen.liver is not None
    assert seen.liver.stage == 2


def test_an_unlikely_value_is_kept_only_when_somebody_stands_by_it() -> None:
    enrol()
    nurse = hire()
    asked = enter(nurse, "60", "bilirubin:mg/dL")
    assert (asked.id, results()) == (None, ())
    assert enter(nurse, "60", "bilirubin:mg/dL", confirmed=True).id
    assert results()[0].questioned


@pytest.mark.parametrize("measured_at", [NOW + timedelta(minutes=6), NOW - timedelta(days=22)])
def test_a_time_that_cannot_be_is_refused(measured_at: datetime) -> None:
    enrol()
    with pytest.raises(Invalid) as refused:
        enter(hire(), "20", measured_at=measured_at)
    assert "measured_on" in refused.value.problems


def test_a_bilirubin_closes_the_task_and_settles_the_jaundice() -> None:
    person, nurse = enrol(), hire()
    report(person, [red("jaundice-red", Organ.LIVER)])
    assert not triage.is_liver_settled(db.session, participant_id=person.id, now=NOW)
    enter(nurse, "20", now=NOW + HOUR)
    (task,) = tasks.list_participant_tasks(db.session, participant_id=person.id)
    assert (task.closed_how, task.closed_by) == ("result", "Li Na")
    assert triage.is_liver_settled(db.session, participant_id=person.id, now=NOW + HOUR)


def test_an_old_bilirubin_neither_closes_nor_settles() -> None:
    person, nurse = enrol(), hire()
    report(person, [red("jaundice-red", Organ.LIVER)])
    enter(nurse, "20", measured_at=NOW - timedelta(hours=25))
    assert tasks.list_participant_tasks(db.session, participant_id=person.id)[0].closed_at is None
    assert not triage.is_liver_settled(db.session, participant_id=person.id, now=NOW)


def test_a_voided_result_stays_visible_and_settles_nothing() -> None:
    person, nurse = enrol(), hire()
    report(person, [red("jaundice-red", Organ.LIVER)])
    enter(nurse, "20")
    with transaction() as session:
        assessments.void_result(
            session, actor=nurse, study_number="RJ-001", result_id=1, reason="Another patient", now=NOW
        )
    assert (results()[0].void_reason, results()[0].voided_by) == ("Another patient", "Li Na")
    assert not triage.is_liver_settled(db.session, participant_id=person.id, now=NOW)


def test_other_sites_and_roles_enter_nothing() -> None:
    enrol()
    with pytest.raises(NotFound):
        enter(hire("Far Away", sites=["XX"]), "20")
    with pytest.raises(NotAllowed):
        enter(hire("Mo", role=Role.MONITOR), "20")


def create(actor: Actor, **changes: Any) -> int:
    with transaction() as session:
        return assessments.create_assessment(
            session, actor=actor, study_number="RJ-001", findings=replace(FINDINGS, **changes), now=NOW
        )


def sign(actor: Actor, totp: pyotp.TOTP, id_: int = 1, *, at: datetime = NOW, password: str = PASSWORD) -> bool:
    with transaction() as session:
        return assessments.sign_assessment(
            session,
            actor=actor,
            assessment_id=id_,
            meaning=SignatureMeaning.ASSESSED,
            password=password,
            code=totp.at(at),
            now=at,
        )


def seen(id_: int = 1) -> assessments.AssessmentView:
    db.session.rollback()
    return next(
        one
        for one in assessments.list_assessments(db.session, actor=at_site("RJ"), study_number="RJ-001")
        if one.id == id_
    )


def test_the_grade_is_computed_from_the_stages(doctor: tuple[Actor, pyotp.TOTP]) -> None:
    enrol()
    create(doctor[0], skin=3, liver=0)
    assert (seen().grade, seen().at_least, seen().standing) == ("II", "II", SignatureStatus.UNSIGNED)


def test_an_organ_that_was_not_assessed_leaves_the_grade_open(doctor: tuple[Actor, pyotp.TOTP]) -> None:
    enrol()
    create(doctor[0], liver=None, lower_gi=2)
    assert (seen().grade, seen().at_least) == (None, "III")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"skin": 5}, "skin"),
        ({"upper_gi": 2}, "upper_gi"),
        ({"skin": None, "liver": None, "upper_gi": None, "lower_gi": None}, "skin"),
        ({"assessed_on": TODAY + timedelta(days=1)}, "assessed_on"),
        ({"certainty": "perhaps"}, "certainty"),
        ({"onset_on": None}, "onset_on"),
        ({"onset_on": TODAY - timedelta(days=21)}, "onset_on"),
        ({"certainty": "not-gvhd"}, "cause"),
        ({"treatment": "Methylprednisolone"}, "treatment_on"),
        ({"treatment_on": TODAY}, "treatment_on"),
    ],
)
def test_findings_that_cannot_be_are_named_by_field(
    doctor: tuple[Actor, pyotp.TOTP], changes: dict[str, Any], field: str
) -> None:
    enrol()
    with pytest.raises(Invalid) as refused:
        create(doctor[0], **changes)
    assert field in refused.value.problems


def test_a_coordinator_does_not_assess() -> None:
    enrol()
    with pytest.raises(NotAllowed):
        create(hire())


def test_a_signature_has_name_time_meaning_and_holds(doctor: tuple[Actor, pyotp.TOTP]) -> None:
    enrol()
    create(doctor[0])
    assert sign(*doctor)
    found = seen().signature
    assert found is not None
    assert (found.name, found.meaning, found.signed_at, found.role) == ("Dr Lu", "assessed", NOW, "investigator")
    assert seen().standing is SignatureStatus.SIGNED


def test_a_change_is_a_new_version_and_voids_the_signature(doctor: tuple[Actor, pyotp.TOTP]) -> None:
    enrol()
    create(doctor[0])
    sign(*doctor)
    change(doctor[0], 1, skin=3)
    assert (seen(1).standing, seen(2).standing) == (SignatureStatus.VOID, SignatureStatus.UNSIGNED)
    assert (seen(2).version, seen(2).change_reason, seen(1).findings.skin) == (2, "Looked again", 2)


def change(actor: Actor, id_: int, reason: str = "Looked again", **changes: Any) -> int:
    with transaction() as session:
        return assessments.change_assessment(
            session, actor=actor, assessment_id=id_, findings=replace(FINDINGS, **changes), reason=reason, now=NOW
        )


def test_only_the_newest_version_is_changed_or_signed(doctor: tuple[Actor, pyotp.TOTP]) -> None:
    enrol()
    create(doctor[0])
    change(doctor[0], 1)
    with pytest.raises(Conflict):
        change(doctor[0], 1)
    with pytest.raises(Conflict):
        sign(*doctor, 1)


def test_content_that_was_altered_behind_the_portals_back_is_seen(doctor: tuple[Actor, pyotp.TOTP]) -> None:
    enrol()
    create(doctor[0])
    sign(*doctor)
    with transaction() as session:
        audit.begin(session, actor=SYSTEM, action="test:tamper", now=NOW)
        session.execute(update(Assessment).values(skin=0))
    assert seen().standing is SignatureStatus.BROKEN


def test_a_used_code_does_not_sign_again(doctor: tuple[Actor, pyotp.TOTP]) -> None:
    enrol()
    create(doctor[0])
    create(doctor[0])
    assert [sign(*doctor, 1), sign(*doctor, 2), sign(*doctor, 2, at=NOW + timedelta(seconds=30))] == [True, False, True]


def test_a_wrong_password_signs_nothing_and_is_counted(doctor: tuple[Actor, pyotp.TOTP]) -> None:
    enrol()
    create(doctor[0])
    assert not sign(*doctor, password="wrong")
    assert seen().signature is None
    assert db.session.scalars(select(Staff.failed_tries)).one() == 1
    assert "signature:refused" in db.session.scalars(select(AuditEvent.action)).all()


def test_wrong_tries_lock_and_then_the_right_words_do_not_help(doctor: tuple[Actor, pyotp.TOTP]) -> None:
    enrol()
    create(doctor[0])
    for _ in range(5):
        sign(*doctor, password="wrong")
    assert not sign(*doctor)


def test_a_signed_assessment_settles_rash_and_jaundice_until_it_is_changed(doctor: tuple[Actor, pyotp.TOTP]) -> None:
    person = enrol()
    report(person, [red(), red("jaundice-red", Organ.LIVER)], now=NOW - HOUR)
    create(doctor[0])
    asked = (triage.is_rash_assessed, triage.is_liver_settled)
    assert [ask(db.session, participant_id=person.id, now=NOW) for ask in asked] == [False, False]
    sign(*doctor)
    assert [ask(db.session, participant_id=person.id, now=NOW) for ask in asked] == [True, True]
    change(doctor[0], 1)
    assert [ask(db.session, participant_id=person.id, now=NOW) for ask in asked] == [False, False]
