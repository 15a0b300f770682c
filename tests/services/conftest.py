"""A small trial with a row of every kind, for what reads all of it."""

from decimal import Decimal
from typing import Any

import pyotp
import pytest
from flask import Flask

from portal.domain.access import SYSTEM, Actor, Role
from portal.domain.signing import SignatureMeaning
from portal.extensions import transaction
from portal.services import assessments, team
from tests.support.answers import BLOODY
from tests.support.assessments import FINDINGS
from tests.support.diaries import correct, send
from tests.support.every_table import fill
from tests.support.people import NOW, PASSWORD, enrol
from tests.support.plans import planned


@pytest.fixture
def doctor(core: Flask) -> tuple[Actor, pyotp.TOTP]:
    """An investigator with a real password and one-time codes."""
    with transaction() as session:
        made = team.create_staff(session, actor=SYSTEM, email="dr@example.org", name="Dr Lu", password=PASSWORD,
                                     role=Role.INVESTIGATOR, sites=frozenset({"RJ"}), now=NOW)  # fmt: skip
    return Actor("staff", Role.INVESTIGATOR, made.id, sites=frozenset({"RJ"})), pyotp.TOTP(made.totp_secret)


@pytest.fixture
def trial(doctor: Any) -> None:
    """Somebody with a plan, a corrected report, a voided result, a signed assessment and a row in every other table;
    somebody without anything."""
    actor, codes = doctor
    person = planned(day=8)
    enrol(2, arm="control")
    warm = {"temperature_taken": True, "temperature": Decimal("37.2"), "note": "=1+1 and a name"}
    signs = {"infusion_signs": ("none",)}  # the infusion of the day before is planned and not recorded
    correct(person, send(person, **{**BLOODY, **warm, **signs}).diary_id, **signs)
    with transaction() as session:
        result = assessments.enter_result(session, actor=actor, study_number="RJ-001", measure="bilirubin:umol/L",
                                   value=Decimal("30.5"), measured_at=NOW, now=NOW)  # fmt: skip
        kept = assessments.enter_result(session, actor=actor, study_number="RJ-001", measure="temperature:Cel",
                                 value=Decimal("38.2"), measured_at=NOW, now=NOW)  # fmt: skip
        assert result.id
        assert kept.id
    with transaction() as session:
        assessments.void_result(
            session, actor=actor, study_number="RJ-001", result_id=result.id, reason="Wrong", now=NOW
        )
    with transaction() as session:
        made = assessments.create_assessment(session, actor=actor, study_number="RJ-001", findings=FINDINGS, now=NOW)
    with transaction() as session:
        assert assessments.sign_assessment(
            session,
            actor=actor,
            assessment_id=made,
            meaning=SignatureMeaning.ASSESSED,
            password=PASSWORD,
            code=codes.at(NOW),
            now=NOW,
        )
    fill(person)
