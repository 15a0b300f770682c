"""What one question finds out before a report is judged: each thing that is there is dealt with as if asked alone."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pyotp
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import protocols
from portal.domain.access import SYSTEM, Actor, Role
from portal.domain.assessing import AssessmentFindings
from portal.domain.signing import SignatureMeaning
from portal.domain.tasks import TaskKind
from portal.extensions import db, transaction
from portal.models.infusions import Infusion
from portal.models.locking import DataLock
from portal.models.people import Participant
from portal.models.tasks import Task
from portal.models.triage import Flag
from portal.services import assessments, audit, diary, infusions, locking, messages, tasks, team
from portal.services.diary import history, known, submitting
from tests.support.answers import STREAKS, submission, themselves
from tests.support.messages import ledger, plan, reachable
from tests.support.people import NOW, TODAY, at_site, enrol, hire

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
        receipt = diary.submit_diary(session, actor=actor, submission=sent, now=now)
    return set(db.session.scalars(select(Flag.rule_id).where(Flag.diary_id == receipt.diary_id)))


def given(person: Participant, hours: int) -> None:
    at = NOW - timedelta(hours=hours)
    with transaction() as session:
        audit.begin(session, actor=SYSTEM, action="infusion:given", now=NOW)
        session.add(Infusion(participant_id=person.id, number=90, planned_at=at, original_at=at, state="given",
                             started_at=at, protocol_version="1.1"))  # fmt: skip


def assess(skin: int | None, liver: int | None) -> None:
    """A clinician assesses and signs, the day after the first report."""
    with transaction() as session:
        made = team.create_staff(session, actor=SYSTEM, email="dr@example.org", name="Dr Lu",
                                     role=Role.INVESTIGATOR, sites=frozenset({"RJ"}), password=PASSWORD,
                                     now=NOW)  # fmt: skip
    doctor, then = Actor("staff", Role.INVESTIGATOR, made.id, sites=frozenset({"RJ"})), NOW + timedelta(hours=1)
    found = AssessmentFindings(assessed_on=TODAY, skin=skin, liver=liver, upper_gi=0, lower_gi=0, certainty="suspected",
                     onset_on=TODAY)  # fmt: skip
    with transaction() as session:
        id_ = assessments.create_assessment(session, actor=doctor, study_number="RJ-001", findings=found, now=then)
    with transaction() as session:
        assert assessments.sign_assessment(
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
        audit.begin(session, actor=SYSTEM, action="task:open", now=NOW - DAY)
        for kind in (TaskKind.CALL_NO_DIARY, TaskKind.BILIRUBIN_WANTED):
            tasks.open_task(session, kind=kind, participant_id=person.id, site=person.site, dedupe_key="o",
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
    today = {row.dedupe_key.startswith(TODAY.isoformat()): row.reason for row in ledger()}
    assert today == {True: "diary-sent", False: None}


def kept_draft(person: Participant) -> None:
    with transaction() as session:
        actor = themselves(session.get_one(Participant, person.id))
        diary.save_draft_page(session, actor=actor, diary_on=TODAY, client_id="c-0", page="skin", raw={}, now=NOW)


def red_draft(person: Participant) -> None:
    raw = {"warning-signs": ["chest-pain"]}
    with transaction() as session:
        actor = themselves(session.get_one(Participant, person.id))
        diary.save_draft_page(session, actor=actor, diary_on=TODAY, client_id="c-7", page="how", raw=raw, now=NOW)


def waiting_call(person: Participant) -> None:
    with transaction() as session:
        audit.begin(session, actor=SYSTEM, action="task:open", now=NOW)
        tasks.open_task(
            session,
            kind=TaskKind.CALL_NO_DIARY,
            participant_id=person.id,
            site=person.site,
            dedupe_key="o",
            due_at=NOW,
            now=NOW,
        )


def planned_reminder(_person: Participant) -> None:
    plan()


def closed_data(person: Participant, *, of_site: bool = False) -> None:
    manager = hire(Role.DATA_MANAGER)
    with transaction() as session:
        audit.begin(session, actor=SYSTEM, action="data:freeze", now=NOW)
        session.add(DataLock(kind="freeze", site=person.site, participant_id=None if of_site else person.id,
                             reason="checked", set_at=NOW, set_by_id=manager,
                             until_on=TODAY if of_site else None))  # fmt: skip


STATES: dict[str, Callable[[Participant], object]] = {
    "nothing": lambda _person: None,
    "an infusion": lambda person: given(person, 1),
    "an infusion long ago": lambda person: given(person, 49),
    "an assessment": lambda _person: assess(2, 0),
    "a draft": kept_draft,
    "a red draft": red_draft,
    "a call": waiting_call,
    "a reminder": planned_reminder,
    "closed data": closed_data,
    "a closed site": lambda person: closed_data(person, of_site=True),
    "a report of that day": lambda person: send(person, weight=Decimal("61.5")),
}


def answers_of(session: Session, person: Participant) -> dict[str, object]:
    """What the services say of each thing, asked one by one, and undone."""
    actor = themselves(session.get_one(Participant, person.id))
    one = {"participant_id": person.id, "now": NOW}
    hours = timedelta(hours=protocols.load_protocol().thresholds.after_infusion_hours)
    return {
        "infusion_given": infusions.list_given_times(session, participant_id=person.id, since=NOW - hours) != (),
        "assessment_signed": any(
            each.signature
            for each in assessments.list_assessments(session, actor=at_site("RJ"), study_number=person.study_number)
        ),
        "unsent_reds": diary.list_unsent_reds(session, actor=actor, diary_on=TODAY) != (),
        "draft_kept": diary.get_draft(session, actor=actor, diary_on=TODAY).stored,
        "call_open": tasks.settle_task(session, kind=TaskKind.CALL_NO_DIARY, **one) > 0,  # type: ignore[arg-type]
        "reminder_planned": messages.cancel_diary_reminder(session, diary_on=TODAY, **one) > 0,  # type: ignore[arg-type]
        "stored": submitting.find_by_client_id(session, actor=actor, client_id="c-0") is not None,
        "recent": history.list_recent_reports(session, participant_id=person.id, until_on=TODAY),
    }


@pytest.mark.parametrize("state", STATES)
def test_one_statement_says_what_each_service_says(state: str) -> None:
    person = reachable(day=20)
    STATES[state](person)
    with transaction() as session:
        audit.begin(session, actor=SYSTEM, action="task:close", now=NOW)
        actor = themselves(session.get_one(Participant, person.id))
        found = known.read(session, actor=actor, participant_id=person.id, client_id="c-0", diary_on=TODAY,
                           entered_at=NOW)  # fmt: skip
        closed = session.info.get("locks", {}).get(person.id) != ()
        said = answers_of(session, person)
        assert {name: getattr(found, name) for name in said} | {"stored": found.stored is not None} == said
        assert closed is bool(locking.list_active_locks(session, participant_id=person.id))
        assert (found.last_weight or person.weight_kg) == history.find_last_weight(session, person)
        session.rollback()
    assert (state == "nothing") is not (closed or any(said.values()) or state.endswith("ago"))
