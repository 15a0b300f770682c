"""Queries about data: asked beside a record, answered by the site, closed by whoever may ask."""

from typing import Any

import pytest
from sqlalchemy import select

from portal.domain.access import Actor, Role
from portal.domain.errors import Conflict, Invalid, NotAllowed, NotFound
from portal.extensions import db, transaction
from portal.models.audit import AuditEvent
from portal.services import audit, data_queries
from tests.support.diaries import hire, send
from tests.support.people import NOW, at_site, enrol

pytestmark = pytest.mark.usefixtures("core")


@pytest.fixture
def monitor() -> Actor:
    return hire("Helen Marsh", role=Role.MONITOR)


def ask(actor: Actor, **changes: Any) -> int:
    given = {"study_number": "RJ-001", "question": "The source says 3.", "now": NOW, **changes}
    with transaction() as session:
        return data_queries.raise_data_query(session, actor=actor, **given)


def answer(actor: Actor, data_query_id: int = 1, text: str = "Corrected by the participant.") -> None:
    with transaction() as session:
        data_queries.answer_data_query(session, actor=actor, data_query_id=data_query_id, text=text, now=NOW)


def close(actor: Actor, data_query_id: int = 1) -> None:
    with transaction() as session:
        data_queries.close_data_query(session, actor=actor, data_query_id=data_query_id, now=NOW)


def listed(settled: bool = False) -> list[data_queries.DataQueryView]:
    db.session.rollback()
    return list(data_queries.list_data_queries(db.session, actor=at_site("RJ"), settled=settled))


def test_a_monitor_asks_beside_a_record_the_site_answers_and_it_is_closed(monitor: Actor) -> None:
    first = send(enrol()).diary_id
    ask(monitor, entity="diary", entity_id=first)
    answer(hire("Li Na"))
    (seen,) = listed()
    assert (seen.state, seen.answered_by, seen.entity, seen.entity_id) == ("answered", "Li Na", "diary", first)
    close(monitor)
    assert (listed(), [one.state for one in listed(settled=True)]) == ([], ["closed"])
    told = select(AuditEvent.action).where(AuditEvent.action.like("data-query:%")).order_by(AuditEvent.id)
    assert list(db.session.scalars(told)) == ["data-query:ask", "data-query:answer", "data-query:close"]


def test_a_better_answer_replaces_the_first_which_stays_in_the_trail(monitor: Actor) -> None:
    enrol()
    ask(monitor)
    nurse = hire("Li Na")
    answer(nurse, text="Two.")
    answer(nurse, text="Three.")
    changes = audit.list_row_changes(db.session, entity="data_query", entity_id=1)
    assert changes[-1].fields["answer"] == ("Two.", "Three.")


def test_what_is_closed_stays_closed(monitor: Actor) -> None:
    enrol()
    ask(monitor)
    close(monitor)
    for again in (lambda: close(monitor), lambda: answer(hire("Li Na"))):
        with pytest.raises(Conflict, match="closed already"):
            again()


def test_a_record_of_somebody_else_cannot_be_asked_about(monitor: Actor) -> None:
    first = send(enrol()).diary_id
    enrol(2)
    with pytest.raises(NotFound):
        ask(monitor, study_number="RJ-002", entity="diary", entity_id=first)


@pytest.mark.parametrize("question", ["", "  ", "x" * 1001])
def test_a_question_has_words_and_not_too_many(monitor: Actor, question: str) -> None:
    enrol()
    with pytest.raises(Invalid):
        ask(monitor, question=question)


def test_who_asks_does_not_answer_and_who_answers_does_not_close(monitor: Actor) -> None:
    enrol()
    ask(monitor)
    nurse, stranger = hire("Li Na"), hire("Stranger", role=Role.MONITOR, sites=("XX",))
    for refused in (lambda: answer(monitor), lambda: close(nurse), lambda: ask(nurse)):
        with pytest.raises(NotAllowed):
            refused()
    for missing in (lambda: close(stranger), lambda: ask(stranger)):
        with pytest.raises(NotFound):
            missing()
