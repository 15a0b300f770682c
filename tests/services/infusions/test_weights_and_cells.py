"""A weight far off the last is asked about before it makes a dose, and cells outside the tolerance are a deviation."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from portal.domain.errors import Invalid
from portal.extensions import db, transaction
from portal.models.diary import Diary
from portal.models.infusions import Infusion
from portal.models.people import Participant
from portal.models.tasks import Task
from portal.services import assessments, infusions
from tests.support.diaries import hire, send
from tests.support.people import NOW, enrol
from tests.support.plans import NURSE, PROTOCOL, planned

pytestmark = pytest.mark.usefixtures("core")
HOUR = timedelta(hours=1)
GIVEN = infusions.GivenInfusion(
    weight_kg=Decimal("62.5"), started_at=NOW - 2 * HOUR, ended_at=NOW - HOUR, lot="MSC-1", deviation="early"
)


def first() -> Infusion:
    db.session.rollback()
    return db.session.scalars(select(Infusion).where(Infusion.number == 1)).one()


def preview(given: infusions.GivenInfusion) -> infusions.RecordingPreview:
    return infusions.preview_recording(
        db.session, actor=NURSE, infusion_id=first().id, given=given, protocol=PROTOCOL, now=NOW
    )


def record(given: infusions.GivenInfusion) -> int:
    infusion_id = first().id
    with transaction() as session:
        return infusions.record_infusion(
            session, actor=NURSE, infusion_id=infusion_id, given=given, protocol=PROTOCOL, now=NOW
        )


def enter_weight(kg: str) -> None:
    nurse = hire()
    with transaction() as session:
        assessments.enter_result(
            session, actor=nurse, study_number="RJ-001", measure="weight:kg", value=Decimal(kg),
            measured_at=NOW - 3 * HOUR, now=NOW - 3 * HOUR, confirmed=True,
        )  # fmt: skip


def test_a_weight_in_jin_is_asked_about_with_the_kilograms_that_it_would_be() -> None:
    planned(weight_kg=Decimal("62.5"))
    question = preview(replace(GIVEN, weight_kg=Decimal(125))).question
    assert question is not None
    assert dict(question.params) == {"value": "125", "last": "62.5", "half": "62.5"}
    assert preview(replace(GIVEN, weight_kg=Decimal("68.7"))).question is None


def test_a_dose_is_recorded_only_when_somebody_stands_by_the_weight() -> None:
    planned(weight_kg=Decimal("62.5"))
    with pytest.raises(Invalid) as refused:
        record(replace(GIVEN, weight_kg=Decimal("26.5")))
    assert "confirmed" in refused.value.problems
    assert record(replace(GIVEN, weight_kg=Decimal("26.5"), confirmed=True)) == 26_500_000


def test_a_weight_is_compared_with_the_newest_of_any_source() -> None:
    planned(weight_kg=Decimal("62.5"))
    enter_weight("48")
    assert preview(replace(GIVEN, weight_kg=Decimal("48.5"))).question is None
    assert preview(GIVEN).question is not None


@pytest.mark.parametrize(("millions", "listed"), [(40, True), (56, True), (57, False), (68, False), (69, True)])
def test_cells_outside_the_tolerance_are_a_deviation_with_a_reason(millions: int, listed: bool) -> None:
    planned(weight_kg=Decimal("62.5"))
    given = replace(GIVEN, cells=millions * 1_000_000)
    assert ("cells" in {one.rule for one in preview(given).broken}) is listed
    record(given)
    assert ("cells" in (first().deviations or {})) is listed


def weigh(person: Participant, kg: str) -> Decimal | None:
    receipt = send(person, weight=Decimal(kg))
    db.session.rollback()
    return db.session.get_one(Diary, receipt.diary_id).weight_kg


def test_a_diary_weight_far_off_is_not_used_and_staff_are_asked() -> None:
    person = enrol(weight_kg=Decimal(45))
    assert weigh(person, "90") == Decimal(45)
    assert db.session.scalars(select(Task.kind)).all() == ["weight-to-confirm"]
    assert infusions.find_last_weight(db.session, db.session.get_one(Participant, person.id)) == Decimal(45)
    nurse = hire()
    with transaction() as session:
        assessments.enter_result(
            session, actor=nurse, study_number="RJ-001", measure="weight:kg", value=Decimal(46),
            measured_at=NOW + HOUR, now=NOW + HOUR, confirmed=True,
        )  # fmt: skip
    assert db.session.scalars(select(Task.closed_how)).all() == ["result"]


def test_a_diary_weight_near_the_last_is_used() -> None:
    assert weigh(enrol(weight_kg=Decimal(45)), "46.5") == Decimal("46.5")
    assert db.session.scalars(select(Task)).all() == []
