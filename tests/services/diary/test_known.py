"""What one question finds out before a report is judged: each thing that is there is dealt with as if asked alone."""

from collections.abc import Callable
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import select

from portal.domain.access import SYSTEM, Actor, Role
from portal.domain.assessing import Findings
from portal.domain.signing import SignatureMeaning
from portal.domain.tasks import TaskKind
from portal.extensions import db, transaction
from portal.models.infusions import Infusion
from portal.models.people import Participant
from portal.models.tasks import Task
from portal.models.triage import Flag
from portal.services import assessments, audit, diary, tasks, team
from tests.support.answers import STREAKS, submission, themselves
from tests.support.messages import ledger, plan, reachable
from tests.support.people import NOW, TODAY, enrol

pytestmark = pytest.mark.usefixtures("core")
PASSWORD = "correct horse battery staple"
DAY = timedelta(days=1)
RASH = {"skin-change": True, "skin-areas": {"trunk-front": "some"}, "skin-itch": 1, "skin-blisters": False,
        "skin-peeling": False}  # fmt: skip


def send(person: Participant, *, day: int = 0, **answers: object) -> set[str]:
    """The rules that a report met."""
    now = NOW + day * DAY
    sent = submission(client_id=f"c-{day}", diary_on=TODAY + day * DAY, entered_at=now, **answers)
    with transaction() as session:
        actor = themselves(session.get_one(Participant, person.id))
        receipt = diary.submit(session, actor=actor, submission=sent, now=now)
    return set(db.session.scalars(select(Flag.rule_id).where(Flag.diary_id == receipt.diary_id)))


def given(person: Participant, hours: int) -> None:
    at = NOW - timedelta(hours=hours)
    with transaction() as session:
        audit.act(session, actor=SYSTEM, action="infusion:given", now=NOW)
        session.add(Infusion(participant_id=person.id, number=90, planned_at=at, original_at=at, state="given",
                             started_at=at, protocol_version="1.1"))  # fmt: skip


def assess(skin: int | None, liver: int | None) -> None:
    """A clinician assesses and signs, the day after the first report."""
    with transaction() as session:
        made = team.create_staff(session, actor=SYSTEM, email="dr@example.org", name="Dr Lu",
                                     role=Role.INVESTIGATOR, sites=frozenset({"RJ"}), password=PASSWORD,
                                     now=NOW)  # fmt: skip
    doctor, then = Actor("staff", Role.INVESTIGATOR, made.id, sites=frozenset({"RJ"})), NOW + timedelta(hours=1)
    found = Findings(assessed_on=TODAY, skin=skin, liver=liver, upper_gi=0, lower_gi=0, certainty="suspected",
                     onset_on=TODAY)  # fmt: skip
    with transaction() as session:
        id_ = assessments.create(session, actor=doctor, study_number="RJ-001", findings=found, now=then)
    with transaction() as session:
        assert assessments.sign(
            session,
            actor=doctor,
            assessment_id=id_,
            meaning=SignatureMeaning.ASSESSED,
            password=PASSWORD,
            code=pyotp.TOTP(made.totp_secret).at(then),
            now=then,
        )


@pytest.mark.parametrize(("hours", "counts"), [(1, True), (47, True), (49, False)])
def test_new_signs_count_as_after_an_infusion_only_within_its_hours(hours: int, counts: bool) -> None:
    person = enrol(day=20)
    given(person, hours)
    with_page = {"infusion-signs": ("none",)} if counts else {}
    assert any("infusion" in rule for rule in send(person, **STREAKS, **with_page)) is counts


@pytest.mark.parametrize(
    ("assessment", "flagged"),
    [(None, True), (lambda: assess(2, 0), False), (lambda: assess(None, 1), True)],
    ids=["none", "of the skin", "of the liver alone"],
)
def test_a_rash_that_stays_is_flagged_until_a_clinician_has_signed_for_the_skin(
    assessment: Callable[[], None] | None, flagged: bool
) -> None:
    person = enrol(day=20)
    send(person, **RASH)
    if assessment:
        assessment()
    assert ("rash-persisting" in send(person, day=1, **RASH)) is flagged


def test_a_report_closes_the_call_that_waited_for_it_and_no_other_task() -> None:
    person = enrol(day=20)
    with transaction() as session:
        audit.act(session, actor=SYSTEM, action="task:open", now=NOW - DAY)
        for kind in (TaskKind.CALL_NO_DIARY, TaskKind.BILIRUBIN_WANTED):
            tasks.open_task(session, kind=kind, participant_id=person.id, site=person.site, occurrence="o",
                            due_at=NOW, now=NOW - DAY)  # fmt: skip
    send(person)
    still_open = select(Task.kind).where(Task.closed_at.is_(None))
    assert db.session.scalars(still_open).all() == [str(TaskKind.BILIRUBIN_WANTED)]


def test_a_report_takes_off_the_texts_of_its_own_day_and_no_other() -> None:
    person = reachable(day=20)
    plan()
    plan(NOW + DAY)
    assert {row.state for row in ledger()} == {"planned"}
    db.session.rollback()
    send(person)
    today = {row.occurrence.startswith(TODAY.isoformat()): row.reason for row in ledger()}
    assert today == {True: "diary-sent", False: None}
