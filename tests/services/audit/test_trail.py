"""The history of a value, and the trail searched."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event

from portal.domain.access import Actor, Role
from portal.domain.errors import NotFound
from portal.extensions import db, transaction
from portal.models.audit import AuditEvent
from portal.models.people import Participant
from portal.services import assessments, audit
from portal.services.audit import search as trail
from portal.services.audit.search import HIDDEN, AuditFilter
from tests.support.answers import BLOODY
from tests.support.diaries import correct, hire, send
from tests.support.people import NOW, TODAY, enrol

pytestmark = pytest.mark.usefixtures("core")
DAY = timedelta(days=1)


def history(actor: Actor, entity: str, row_id: int, field: str | None = None, number: str = "RJ-001") -> Any:
    db.session.rollback()
    return trail.list_record_history(
        db.session, actor=actor, study_number=number, entity=entity, row_id=row_id, field=field
    )  # fmt: skip


def search(actor: Actor, **asked: Any) -> tuple[trail.AuditEventView, ...]:
    db.session.rollback()
    return trail.search_events(db.session, actor=actor, asked=AuditFilter(**asked))


def weigh(actor: Actor, kilograms: int, *, person_id: int = 1, now: Any = NOW, why: str = "on the ward") -> None:
    with transaction() as session:
        audit.begin(session, actor=actor, action="test:weigh", now=now, participant_id=person_id, reason=why)
        session.get_one(Participant, person_id).weight_kg = Decimal(kilograms)


def test_a_value_tells_who_changed_it_when_from_what_to_what_and_why() -> None:
    enrol()
    nurse = hire("Li Na")
    weigh(nurse, 60)
    first, second = history(nurse, "participant", 1, "weight_kg")
    assert (first.verb, first.fields) == ("insert", {"weight_kg": (None, "62.0")})
    assert (second.who, second.role, second.reason, second.at) == ("Li Na", "coordinator", "on the ward", NOW)
    assert second.fields == {"weight_kg": ("62.0", "60")}


def test_the_versions_of_a_report_are_one_history() -> None:
    person, nurse = enrol(), hire()
    first = send(person, **BLOODY).diary_id
    second = correct(person, first)
    for asked in (first, second):
        told = history(nurse, "diary", asked, "answers.stool-blood")
        assert [step.fields["answers.stool-blood"] for step in told] == [(None, "obvious"), ("obvious", None)]
    assert told[1].reason == "I ticked the wrong box"


def test_a_result_made_void_says_so_in_its_history() -> None:
    enrol()
    nurse = hire()
    with transaction() as session:
        assessments.enter_result(
            session, actor=nurse, study_number="RJ-001", measure="bilirubin:umol/L", value=Decimal(19), measured_at=NOW,
            confirmed=True, now=NOW,
        )  # fmt: skip
    with transaction() as session:
        assessments.void_result(
            session, actor=nurse, study_number="RJ-001", result_id=1, reason="another person's", now=NOW
        )
    assert history(nurse, "lab_result", 1)[-1].fields["void_reason"] == (None, "another person's")


def test_names_and_numbers_stay_hidden() -> None:
    person, nurse = enrol(), hire()
    for table, row_id, field in (
        ("participant", person.id, "name"), ("participant", person.id, "born_on"),
        ("account", person.accounts[0].id, "phone"),
    ):  # fmt: skip
        (step,) = history(nurse, table, row_id, field)
        assert step.fields == {field: (None, HIDDEN)}


@pytest.mark.parametrize(("table", "row_id", "number"), [
    ("participant", 2, "RJ-001"), ("diary", 1, "RJ-002"), ("diary", 404, "RJ-001"), ("staff", 1, "RJ-001"),
    ("nonsense", 1, "RJ-001"), ("participant", 1, "RJ-404"),
])  # fmt: skip
def test_what_is_not_the_participants_has_no_history(table: str, row_id: int, number: str) -> None:
    send(enrol())
    enrol(2)
    with pytest.raises(NotFound):
        history(hire(), table, row_id, number=number)


def test_another_site_sees_no_history() -> None:
    enrol()
    with pytest.raises(NotFound):
        history(hire(sites=("XX",)), "participant", 1)


def test_the_trail_is_searched_by_participant_actor_act_and_time() -> None:
    enrol()
    enrol(2)
    li, wu = hire("Li Na"), hire("Wu Hao")
    weigh(li, 60)
    weigh(wu, 61, person_id=2, now=NOW + DAY)
    numbers = [act.study_number for act in search(li, action="test:")]
    assert numbers == ["RJ-002", "RJ-001"]
    for asked in ({"study_number": "RJ-001"}, {"staff_id": li.id}, {"until_at": NOW + DAY}):
        assert [act.who for act in search(li, action="test:", **asked)] == ["Li Na"]
    assert [act.who for act in search(li, action="test:", since_at=NOW + DAY)] == ["Wu Hao"]
    assert search(li, action="nonsense") == ()


def test_pages_of_the_search_follow_the_key_and_lose_nothing() -> None:
    enrol()
    nurse = hire()
    for kilograms in range(50, 57):
        weigh(nurse, kilograms)
    db.session.rollback()
    whole = [act.id for act in search(nurse, action="test:")]
    asked, seen = AuditFilter(action="test:"), []
    while acts := trail.search_events(db.session, actor=nurse, asked=asked, limit=3):
        seen += [act.id for act in acts]
        asked = AuditFilter(action="test:", before=acts[-1].id)
    assert seen == whole == sorted(whole, reverse=True)


def test_pages_follow_the_time_of_an_act_and_not_when_it_was_written() -> None:
    enrol()
    nurse = hire()
    for days in (3, 1, 2, 2, 5):
        weigh(nurse, 60, now=NOW + days * DAY)
    asked, seen = AuditFilter(action="test:"), []
    db.session.rollback()
    while acts := trail.search_events(db.session, actor=nurse, asked=asked, limit=2):
        seen += [act.at for act in acts]
        asked = AuditFilter(action="test:", before=acts[-1].id)
    assert seen == [NOW + days * DAY for days in (5, 3, 2, 2, 1)]


@pytest.mark.parametrize(
    ("asked", "index"), [({"since_at": NOW}, "ix_audit_event_at"), ({"staff_id": 1}, "ix_audit_event_staff")]
)
def test_a_search_by_time_or_person_walks_an_index_and_sorts_nothing(asked: dict[str, Any], index: str) -> None:
    nurse = hire()
    plan = "\n".join(plan_of(nurse, asked))
    assert index in plan
    assert "Sort" not in plan
    assert "TEMP B-TREE" not in plan


def plan_of(actor: Actor, asked: dict[str, Any]) -> list[str]:
    """How the database would do it if it were large: on PostgreSQL with what suits only small tables switched off."""
    seen: list[tuple[str, Any]] = []

    def note(*given: Any) -> None:
        seen.append((given[2], given[3]))

    event.listen(db.engine, "before_cursor_execute", note)
    search(actor, **asked)
    event.remove(db.engine, "before_cursor_execute", note)
    statement, parameters = next(one for one in seen if "FROM audit_event" in one[0])
    with db.engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            return [str(row[3]) for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
        for small in ("seqscan", "bitmapscan", "sort", "hashjoin", "mergejoin"):
            connection.exec_driver_sql(f"SET LOCAL enable_{small} = off")
        return [str(row[0]) for row in connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)]


def test_acts_of_other_sites_are_not_there() -> None:
    enrol(2, site="XX", study_number="XX-002")
    stranger = hire("Stranger", role=Role.DATA_MANAGER, sites=("XX",))
    weigh(stranger, 60, person_id=1)
    with transaction() as session:
        audit.begin(session, actor=stranger, action="export:make", now=NOW)
    ours = hire("Ours", role=Role.MONITOR)
    assert search(ours) == ()
    with pytest.raises(NotFound):
        trail.get_event(db.session, actor=ours, event_id=db.session.query(AuditEvent).first().id)  # type: ignore[union-attr]
    assert {act.action for act in search(stranger)} >= {"test:weigh", "export:make"}


def test_one_act_shows_every_row_that_it_changed() -> None:
    person, nurse = enrol(), hire()
    send(person, **BLOODY)
    (sent,) = search(nurse, action="diary:submit")
    found = trail.get_event(db.session, actor=nurse, event_id=sent.id)
    assert {"diary", "flag", "episode", "episode_step"} <= {step.entity for step in found.steps}


def test_a_page_of_the_search_is_a_fixed_number_of_statements() -> None:
    enrol()
    nurse = hire()
    search(nurse)
    counts = []
    for kilograms in (51, 52, 53):
        weigh(nurse, kilograms)
        db.session.rollback()
        seen: list[str] = []
        note = lambda *given: seen.append(given[2])  # noqa: E731, B023
        event.listen(db.engine, "before_cursor_execute", note)
        trail.search_events(db.session, actor=nurse, asked=AuditFilter())
        event.remove(db.engine, "before_cursor_execute", note)
        counts.append(len(seen))
    assert len(set(counts)) == 1


def test_a_reports_own_day_is_in_its_history() -> None:
    nurse = hire()
    first = send(enrol()).diary_id
    assert history(nurse, "diary", first, "diary_on")[0].fields == {"diary_on": (None, TODAY.isoformat())}
