"""The sealed list: nobody reads ahead, each row is drawn once, and two who draw at once get two rows."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from portal.domain.access import SYSTEM, Actor, Role
from portal.domain.errors import Conflict, Invalid, NotAllowed
from portal.domain.screening import ScreeningStep
from portal.extensions import db, transaction
from portal.models.audit import AuditEvent
from portal.models.enrolment import Allocation, AllocationList, Screening
from portal.models.infusions import Infusion, Visit
from portal.models.people import Account, Participant
from portal.services import allocation, audit, screening
from tests.support.people import NOW, enrol
from tests.support.screenings import ADULT, MINOR, adult, nurse, save, screened

pytestmark = pytest.mark.usefixtures("core")
HEAD = "sequence,stratum,arm\n"
LIST = HEAD + "1,all,imsc\n2,all,control\n3,all,control\n4,all,imsc\n"


def import_list(content: str = LIST, actor: Actor = SYSTEM) -> allocation.ImportedList:
    with transaction() as session:
        return allocation.import_allocation_list(session, actor=actor, content=content.encode(), now=NOW)


def draw(
    actor: Actor, number: str, *, version: int | None = None, stratum: str | None = None
) -> screening.EnrolmentResult:
    db.session.rollback()
    if version is None:
        version = screening.get_screening(db.session, actor=actor, number=number, now=NOW).version
    with transaction() as session:
        return screening.allocate_participant(
            session, actor=actor, number=number, version=version, stratum=stratum, now=NOW
        )


def everything_stored() -> bytes:
    """Every value of every row of every table, as the database holds it."""
    tables = Allocation.metadata.sorted_tables
    rows = (db.session.execute(text(f'SELECT * FROM "{table.name}"')).all() for table in tables)
    return b"\n".join(
        bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
        for table in rows
        for row in table
        for value in row
    )


def test_an_imported_list_has_its_checksum_and_its_rows() -> None:
    made = import_list()
    assert (made.rows, made.new, len(made.checksum)) == (4, True, 64)
    assert db.session.scalar(select(func.count()).select_from(Allocation)) == 4
    assert db.session.get_one(AllocationList, made.list_id).imported_at == NOW


def test_the_same_file_again_changes_nothing() -> None:
    first, again = import_list(), import_list()
    assert (again.new, again.rows, again.list_id, again.checksum) == (False, 4, first.list_id, first.checksum)
    assert db.session.scalar(select(func.count()).select_from(AllocationList)) == 1


def test_another_file_is_refused_while_rows_are_left_and_taken_when_none_is() -> None:
    li_na = nurse()
    import_list(HEAD + "1,all,imsc\n")
    with pytest.raises(Conflict, match="still has rows"):
        import_list()
    draw(li_na, screened(li_na, ADULT))
    assert import_list().new


def test_a_faulty_list_names_its_faults_and_stores_nothing() -> None:
    with pytest.raises(Invalid) as refused:
        import_list(HEAD + "1,all,placebo\n3,all,imsc\n")
    assert [fault.line for fault in refused.value.params["faults"]] == [2]  # type: ignore[attr-defined]
    assert db.session.scalar(select(func.count()).select_from(AllocationList)) == 0


def test_only_a_statistician_or_a_terminal_imports() -> None:
    li_na, statistician = nurse(), nurse(Role.STATISTICIAN)
    with pytest.raises(NotAllowed):
        import_list(actor=li_na)
    assert import_list(actor=statistician).new


def test_no_arm_stands_anywhere_in_the_database_until_it_is_drawn() -> None:
    import_list()
    stored = everything_stored()
    assert b"imsc" not in stored
    assert b"control" not in stored
    lengths = {len(bytes(row)) for row in db.session.scalars(select(Allocation.sealed))}
    assert len(lengths) == 1


def test_drawing_tells_one_arm_and_leaves_the_others_sealed() -> None:
    li_na = nurse()
    import_list()
    assert draw(li_na, screened(li_na, ADULT)).arm == "imsc"
    stored = everything_stored()
    assert stored.count(b"imsc") == 1
    assert b"control" not in stored


def test_a_seal_moved_to_another_row_does_not_open() -> None:
    li_na = nurse()
    import_list()
    _, second = db.session.execute(text("SELECT sealed FROM allocation ORDER BY sequence LIMIT 2")).scalars()
    with db.engine.begin() as raw:
        raw.execute(text("UPDATE allocation SET sealed = :one WHERE sequence = 1"), {"one": second})
    number = screened(li_na, ADULT)
    with pytest.raises(ValueError, match="another row"):
        draw(li_na, number)


def test_the_participant_is_enrolled_with_number_accounts_visits_and_consents() -> None:
    li_na = nurse()
    enrol(7)
    import_list()
    made = draw(li_na, screened(li_na, ADULT))
    person = db.session.get_one(Participant, made.participant_id)
    assert (made.study_number, made.arm, made.new) == ("RJ-008", "imsc", True)
    assert (person.name, person.enrolled_on.isoformat(), str(person.weight_kg)) == ("王小明", "2026-11-23", "62.5")
    assert [(one.role, one.phone) for one in person.accounts] == [("participant", "+8613800130077")]
    assert db.session.scalar(select(func.count()).where(Visit.participant_id == person.id)) == 4
    assert db.session.scalar(select(func.count()).where(Infusion.participant_id == person.id)) == 0
    row = db.session.scalars(select(Allocation).where(Allocation.participant_id == person.id)).one()
    assert (row.sequence, row.drawn_at, row.drawn_by) == (1, NOW, li_na.id)


def test_a_minor_gets_an_account_for_the_guardian_too() -> None:
    li_na = nurse()
    import_list()
    made = draw(li_na, screened(li_na, MINOR))
    accounts = db.session.scalars(select(Account).where(Account.participant_id == made.participant_id))
    assert sorted((one.role, one.name) for one in accounts) == [("guardian", "王淑敏"), ("participant", "王小明")]


def test_the_draw_is_in_the_trail_and_the_rest_under_the_participants_key() -> None:
    li_na = nurse()
    import_list()
    made = draw(li_na, screened(li_na, ADULT))
    actions = list(db.session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)))
    assert actions[-4:] == ["allocation:draw", "participant:register", "screening:enrol", "visits:plan"]
    drawn = audit.list_row_changes(db.session, entity="allocation", entity_id=1)
    assert [change.action for change in drawn][1:] == ["allocation:draw", "screening:enrol"]
    assert drawn[-1].fields["participant_id"] == (None, made.participant_id)


@pytest.mark.parametrize(
    "changes",
    [
        {"map": {"map_first": "0.138"}},
        {"inclusion": {"hct_ci": "4"}},
        {"exclusion": {"other-trial": "unknown"}},
        {"consent": {"own": "no"}},
        {"consent": {"sensitive": "no"}},
        {"disease": {"enrol_on": (NOW.date() + timedelta(days=2)).isoformat()}},
    ],
)
def test_nothing_is_drawn_before_everything_is_met(changes: dict[str, dict[str, str]]) -> None:
    li_na = nurse()
    import_list()
    number = screened(li_na, ADULT, **changes)
    with pytest.raises(Conflict):
        draw(li_na, number)
    assert db.session.scalar(select(func.count(Allocation.drawn_at))) == 0
    assert db.session.scalar(select(func.count()).select_from(Participant)) == 0


def test_without_a_list_or_a_row_nothing_is_drawn() -> None:
    li_na = nurse()
    number = screened(li_na, ADULT)
    with pytest.raises(Conflict, match="statistician"):
        draw(li_na, number)


def test_a_phone_that_was_given_away_meanwhile_stops_the_draw() -> None:
    li_na = nurse()
    import_list()
    number = screened(li_na, adult(phone="138 0013 0001"))
    enrol(1)
    with pytest.raises(Conflict, match="phone"):
        draw(li_na, number)


def test_each_stratum_has_its_own_order_and_is_chosen_where_it_cannot_be_known() -> None:
    li_na = nurse()
    import_list(HEAD + "1,A,imsc\n1,B,control\n2,A,control\n2,B,imsc\n")
    number = screened(li_na, ADULT)
    with pytest.raises(Invalid) as refused:
        draw(li_na, number)
    assert set(refused.value.problems) == {"stratum"}
    assert draw(li_na, number, stratum="B").arm == "control"


def test_sent_twice_the_same_screening_has_one_allocation() -> None:
    li_na = nurse()
    import_list()
    number = screened(li_na, ADULT)
    first, second = draw(li_na, number, version=6), draw(li_na, number, version=6)
    assert (second.study_number, second.new) == (first.study_number, False)
    assert db.session.scalar(select(func.count(Allocation.drawn_at))) == 1


def test_a_review_page_that_is_out_of_date_draws_nothing() -> None:
    li_na = nurse()
    import_list()
    number = screened(li_na, ADULT)
    save(li_na, number, ScreeningStep.DISEASE, ADULT[ScreeningStep.DISEASE])
    with pytest.raises(Conflict, match="meanwhile"):
        draw(li_na, number, version=6)


def at_once(core: Flask, actors: list[Actor], numbers: list[str]) -> list[screening.EnrolmentResult]:
    """Each on a thread and a connection of its own, let go at the same moment; the actors take turns."""
    start = Barrier(len(numbers))
    versions = {
        one: screening.get_screening(db.session, actor=actors[0], number=one, now=NOW).version for one in numbers
    }
    db.session.rollback()

    def tap(place: int) -> screening.EnrolmentResult:
        with core.app_context():
            start.wait(timeout=30)
            number = numbers[place]
            return draw(actors[place % len(actors)], number, version=versions[number])

    with ThreadPoolExecutor(len(numbers)) as threads:
        return list(threads.map(tap, range(len(numbers))))


def test_two_who_draw_at_once_get_different_rows(core: Flask) -> None:
    li_na, doctor = nurse(), nurse(Role.INVESTIGATOR)
    import_list()
    numbers = [screened(li_na, adult(phone=f"138 0013 10{place:02}")) for place in range(4)]
    made = at_once(core, [li_na, doctor], numbers)
    assert sorted(one.study_number for one in made) == ["RJ-001", "RJ-002", "RJ-003", "RJ-004"]
    drawn = db.session.execute(select(Allocation.sequence, Allocation.participant_id).order_by(Allocation.sequence))
    assert len({participant_id for _, participant_id in drawn}) == 4
    assert set(db.session.scalars(select(Allocation.drawn_by))) == {li_na.id, doctor.id}
    assert Counter(one.arm for one in made) == {"imsc": 2, "control": 2}


def test_one_screening_sent_four_times_at_once_is_drawn_once(core: Flask) -> None:
    li_na = nurse()
    import_list()
    made = at_once(core, [li_na], [screened(li_na, ADULT)] * 4)
    assert [one.new for one in made].count(True) == 1
    assert len({one.study_number for one in made}) == 1
    assert db.session.scalar(select(func.count(Allocation.drawn_at))) == 1


def test_an_allocation_made_elsewhere_is_recorded_with_its_reference_and_draws_nothing() -> None:
    li_na = nurse()
    import_list()
    number = screened(li_na, ADULT)
    made = screening.ExternalAllocation("control", "IWRS 0042", "The portal was down.")
    with transaction() as session:
        enrolled = screening.record_external_allocation(
            session, actor=li_na, number=number, version=6, made=made, now=NOW
        )
    row = db.session.scalars(select(Screening)).one()
    assert (enrolled.arm, row.decision and row.decision["reference"]) == ("control", "IWRS 0042")
    assert db.session.scalar(select(func.count(Allocation.drawn_at))) == 0


@pytest.mark.parametrize(
    ("made", "field"),
    [
        (screening.ExternalAllocation("placebo", "1", "Why."), "arm"),
        (screening.ExternalAllocation("imsc", " ", "Why."), "reference"),
        (screening.ExternalAllocation("imsc", "1", ""), "reason"),
    ],
)
def test_an_allocation_made_elsewhere_needs_arm_reference_and_reason(
    made: screening.ExternalAllocation, field: str
) -> None:
    li_na = nurse()
    number = screened(li_na, ADULT)
    with transaction() as session, pytest.raises(Invalid) as refused:
        screening.record_external_allocation(session, actor=li_na, number=number, version=6, made=made, now=NOW)
    assert set(refused.value.problems) == {field}


def test_how_far_a_list_is_drawn_can_be_seen_and_no_arm() -> None:
    li_na = nurse()
    import_list()
    draw(li_na, screened(li_na, ADULT))
    (one,) = allocation.list_allocation_lists(db.session)
    assert (one.state, one.by, one.strata) == ("open", None, (allocation.StratumView("all", 4, 1),))
    assert "imsc" not in repr(one)
