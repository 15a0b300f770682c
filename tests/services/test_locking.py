"""Closed data stand still, whoever tries; what keeps people safe goes on, and opening a lock is signed."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from threading import Event, Thread
from typing import Any

import pyotp
import pytest
from flask import Flask
from sqlalchemy import select

from portal.domain.access import SYSTEM, Actor, Role
from portal.domain.errors import Conflict, Invalid, Locked, NotAllowed, NotFound
from portal.domain.locking import TABLES, LockKind, TableLocking
from portal.extensions import db, transaction
from portal.models.audit import AuditEvent
from portal.models.base import Base
from portal.models.diary import Diary
from portal.models.infusions import Infusion
from portal.models.people import Participant
from portal.models.triage import Episode
from portal.services import (
    assessments,
    audit,
    diary,
    diary_questions,
    infusions,
    locking,
    participation,
    photos,
    team,
)
from portal.services.locking import LockRequest
from tests.support.answers import BLOODY, submission, themselves
from tests.support.assessments import FINDINGS
from tests.support.diaries import correct, hire, send
from tests.support.every_table import fill
from tests.support.people import NOW, PASSWORD, TODAY, at_site, enrol
from tests.support.photos import JPEG
from tests.support.plans import planned

pytestmark = pytest.mark.usefixtures("core")
YESTERDAY = TODAY - timedelta(days=1)
WHOLE = LockRequest(LockKind.FREEZE, None, "RJ-001", None, "database lock for the analysis")


@pytest.fixture
def manager() -> tuple[Actor, pyotp.TOTP]:
    with transaction() as session:
        made = team.create_staff(
            session, actor=SYSTEM, email="dm@example.org", name="Shao Chen", role=Role.DATA_MANAGER,
            sites=frozenset({"RJ"}), password=PASSWORD, now=NOW,
        )  # fmt: skip
    return Actor("staff", Role.DATA_MANAGER, made.id, sites=frozenset({"RJ"})), pyotp.TOTP(made.totp_secret)


def close(actor: Actor, closing: LockRequest = WHOLE, **changes: Any) -> int:
    with transaction() as session:
        return locking.close_data(session, actor=actor, closing=replace(closing, **changes), now=NOW)


def lift(actor: Actor, lock_id: int, **given: Any) -> bool:
    with transaction() as session:
        return locking.lift_lock(
            session, actor=actor, lock_id=lock_id, **{"reason": "an error in it", "now": NOW, **given}
        )


def weigh(person_id: int) -> None:
    with transaction() as session:
        audit.begin(session, actor=SYSTEM, action="test:weigh", now=NOW, participant_id=person_id)
        session.get_one(Participant, person_id).weight_kg = Decimal(60)


def enter(measured_on: date = TODAY) -> None:
    nurse = hire(f"Zhou Yi {measured_on}")
    with transaction() as session:
        assessments.enter_result(
            session, actor=nurse, study_number="RJ-001", measure="bilirubin:umol/L", value=Decimal(19),
            measured_at=NOW - (TODAY - measured_on), confirmed=True, now=NOW,
        )  # fmt: skip


def assess() -> None:
    doctor = hire("Dr Lu", role=Role.INVESTIGATOR)
    with transaction() as session:
        assessments.create_assessment(session, actor=doctor, study_number="RJ-001", findings=FINDINGS, now=NOW)


def hold_an_infusion() -> None:
    nurse = hire("Nurse")
    with transaction() as session:
        id_ = session.scalars(select(Infusion.id).order_by(Infusion.number)).first()
        infusions.hold_infusion(session, actor=nurse, infusion_id=id_ or 0, reason="fever", now=NOW)


CHANGES: dict[str, Callable[[], None]] = {
    "a weight": lambda: weigh(1),
    "a result": enter,
    "an assessment": assess,
    "an infusion": hold_an_infusion,
}


@pytest.mark.parametrize("kind", list(LockKind))
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_closed_data_are_not_changed_and_the_reason_is_said(
    manager: tuple[Actor, pyotp.TOTP], change: Callable[[], None], kind: LockKind
) -> None:
    planned()
    close(manager[0], kind=kind)
    with pytest.raises(Locked) as refused:
        change()
    assert refused.value.params == {"reason": "database lock for the analysis"}


# The trail and its keys; the ward's work; rights and whereabouts of a person; what was before enrolment (ADR 020).
FREE = {
    "audit_change", "audit_event", "data_lock", "participant_key",
    "episode", "episode_step", "escalation", "flag", "inbound_text", "message", "missed_diary", "diary_question",
    "data_query", "task",
    "account", "participation_step", "stay",
    "allocation", "screening",
}  # fmt: skip


def test_every_table_about_participants_is_held_or_left_free_on_purpose() -> None:
    tables = Base.metadata.sorted_tables
    assert {one.name for one in tables if "participant_id" in one.columns} - set(TABLES) == FREE


@pytest.mark.parametrize("how", ["changed", "deleted"])
def test_no_row_of_a_held_table_is_changed_or_deleted_by_whichever_service(
    manager: tuple[Actor, pyotp.TOTP], how: str
) -> None:
    fill(enrol())
    close(manager[0], kind=LockKind.LOCK)
    assert {name for name in TABLES if stands_still(name, how)} == set(TABLES)


def stands_still(name: str, how: str) -> bool:
    (mapper,) = (one for one in Base.registry.mappers if one.persist_selectable.name == name)  # type: ignore[attr-defined]
    try:
        with transaction() as session:
            audit.begin(session, actor=SYSTEM, action="test:change", now=NOW)
            row = session.scalars(select(mapper.class_)).first()
            if how == "deleted":
                session.delete(row)
            else:
                setattr(row, a_held_field(mapper, row, TABLES[name]), None)
    except Locked:
        return True
    return False


def a_held_field(mapper: Any, row: Any, held: TableLocking) -> str:
    """One that says something and that a lock holds."""
    names = [one.key for one in mapper.column_attrs if one.key not in {"id", "participant_id"}]
    return next(name for name in names if held.touches([name]) and getattr(row, name) is not None)


def test_others_go_on(manager: tuple[Actor, pyotp.TOTP]) -> None:
    planned()
    close(manager[0])
    weigh(enrol(2).id)
    assert db.session.get_one(Participant, 2).weight_kg == 60


def test_a_cut_off_closes_a_sites_days_up_to_it_and_no_later_ones(manager: tuple[Actor, pyotp.TOTP]) -> None:
    planned()
    close(manager[0], study_number=None, site="RJ", until_on=YESTERDAY)
    enter(TODAY)
    with pytest.raises(Locked):
        enter(YESTERDAY)


def test_a_closed_day_cannot_be_left_by_moving_its_row(manager: tuple[Actor, pyotp.TOTP]) -> None:
    person = enrol()
    first = send(person, diary_on=YESTERDAY).diary_id
    close(manager[0], until_on=YESTERDAY)

    def move() -> None:
        with transaction() as session:
            audit.begin(session, actor=SYSTEM, action="test:move", now=NOW, participant_id=person.id)
            session.get_one(Diary, first).diary_on = TODAY

    with pytest.raises(Locked):
        move()


def test_a_report_is_taken_all_the_same_and_a_red_reaches_the_ward(manager: tuple[Actor, pyotp.TOTP]) -> None:
    person = enrol()
    close(manager[0], kind=LockKind.LOCK)
    receipt = send(person, **BLOODY)
    assert (receipt.timing, receipt.severity) == ("beyond", "red")
    assert db.session.scalars(select(Episode.severity)).all() == ["red"]


def test_a_photograph_is_taken_as_well(manager: tuple[Actor, pyotp.TOTP], tmp_path: Any) -> None:
    person = enrol()
    close(manager[0])
    with transaction() as session:
        me = themselves(session.get_one(Participant, person.id))
        assert photos.add_photo(session, actor=me, diary_on=TODAY, picture=JPEG, folder=tmp_path / "files", now=NOW)


def test_a_correction_of_a_closed_day_is_kept_as_a_later_report(manager: tuple[Actor, pyotp.TOTP]) -> None:
    person = enrol()
    first = send(person).diary_id
    close(manager[0])
    second = correct(person, first, **BLOODY)
    before, after = db.session.get_one(Diary, first), db.session.get_one(Diary, second)
    assert (before.superseded_at, after.first_id, after.timing, after.severity) == (None, None, "beyond", "red")


def test_identifiers_are_erased_on_their_day_whatever_is_closed(manager: tuple[Actor, pyotp.TOTP]) -> None:
    enrol()
    close(manager[0], kind=LockKind.LOCK)
    with transaction() as session:
        audit.begin(session, actor=SYSTEM, action="retention:erase", now=NOW, participant_id=1)
        session.get_one(Participant, 1).weight_kg = None
    assert db.session.get_one(Participant, 1).weight_kg is None


def test_leaving_the_study_is_never_refused(manager: tuple[Actor, pyotp.TOTP]) -> None:
    enrol()
    close(manager[0], kind=LockKind.LOCK)
    doctor = hire("Dr Lu", role=Role.INVESTIGATOR)
    with transaction() as session:
        participation.take_participation_step(
            session, actor=doctor, study_number="RJ-001", step="withdraw", reason="moved", now=NOW
        )
    assert db.session.get_one(Participant, 1).status == "withdrawn"


def test_a_question_to_the_participant_may_still_be_asked(manager: tuple[Actor, pyotp.TOTP]) -> None:
    first = send(enrol()).diary_id
    close(manager[0])
    with transaction() as session:
        assert diary_questions.ask_diary_question(
            session, actor=manager[0], study_number="RJ-001", diary_id=first, question="Which day?", now=NOW
        )


def test_a_freeze_is_opened_with_a_reason(manager: tuple[Actor, pyotp.TOTP]) -> None:
    enrol()
    lock = close(manager[0])
    assert lift(manager[0], lock)
    weigh(1)
    (seen,) = locking.list_locks(db.session, actor=at_site("RJ"))
    assert (seen.lift_reason, seen.lifted_by, seen.signed_by) == ("an error in it", "Shao Chen", None)


def test_a_lock_is_opened_with_password_and_code_only(manager: tuple[Actor, pyotp.TOTP]) -> None:
    enrol()
    lock, (actor, codes) = close(manager[0], kind=LockKind.LOCK), manager
    assert not lift(actor, lock, password=PASSWORD, code="000000")
    with pytest.raises(Locked):
        weigh(1)
    assert lift(actor, lock, password=PASSWORD, code=codes.at(NOW))
    weigh(1)
    assert locking.list_locks(db.session, actor=at_site("RJ"))[0].signed_by == "Shao Chen"


def test_closing_and_opening_are_in_the_trail_with_their_reasons(manager: tuple[Actor, pyotp.TOTP]) -> None:
    enrol()
    actor, codes = manager
    lift(actor, close(actor, kind=LockKind.LOCK), password=PASSWORD, code=codes.at(NOW))
    events = db.session.scalars(select(AuditEvent).where(AuditEvent.action.like("data:%")).order_by(AuditEvent.id))
    assert [(one.action, audit.decrypted_reason(db.session, one)) for one in events] == [
        ("data:lock", "database lock for the analysis"),
        ("data:open-lock", "an error in it"),
    ]


def test_it_is_opened_once(manager: tuple[Actor, pyotp.TOTP]) -> None:
    enrol()
    lock = close(manager[0])
    lift(manager[0], lock)
    with pytest.raises(Conflict, match="open again already"):
        lift(manager[0], lock)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reason": " "}, "reason"),
        ({"reason": "x" * 501}, "reason"),
        ({"study_number": "RJ-404"}, "study_number"),
        ({"study_number": None, "site": "RJ"}, "until_on"),
        ({"study_number": None, "site": "XX", "until_on": YESTERDAY}, "site"),
        ({"until_on": TODAY}, "until_on"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    manager: tuple[Actor, pyotp.TOTP], changes: dict[str, Any], field: str
) -> None:
    enrol()
    with pytest.raises(Invalid) as refused:
        close(manager[0], **changes)
    assert list(refused.value.problems) == [field]


def test_only_a_data_manager_of_the_site_may(manager: tuple[Actor, pyotp.TOTP]) -> None:
    enrol()
    lock = close(manager[0])
    with pytest.raises(NotAllowed):
        close(hire())
    with pytest.raises(NotAllowed):
        lift(hire("Other"), lock)
    with pytest.raises(NotFound):
        lift(hire("Stranger", role=Role.DATA_MANAGER, sites=("XX",)), lock)


def test_closing_waits_for_a_change_on_its_way(core: Flask, manager: tuple[Actor, pyotp.TOTP]) -> None:
    """Nothing is committed after the moment at which the data were closed."""
    enrol()
    begun, order = Event(), []

    def close_meanwhile() -> None:
        with core.app_context():
            begun.wait()
            close(manager[0])
            order.append("closed")

    closer = Thread(target=close_meanwhile)
    closer.start()
    with transaction() as session:
        audit.begin(session, actor=SYSTEM, action="test:weigh", now=NOW, participant_id=1)
        session.get_one(Participant, 1).weight_kg = Decimal(60)
        session.flush()
        begun.set()
        closer.join(0.2)
        order.append("changed")
    closer.join()
    assert order == ["changed", "closed"]


def test_submissions_of_other_days_count_as_before(manager: tuple[Actor, pyotp.TOTP]) -> None:
    person = enrol()
    close(manager[0], until_on=YESTERDAY)
    with transaction() as session:
        me = themselves(session.get_one(Participant, person.id))
        assert diary.submit_diary(session, actor=me, submission=submission(), now=NOW).timing == "on-time"
