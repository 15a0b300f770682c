"""Data queries: a monitor or data manager asks the site, the site answers, a role that may raise queries closes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, aliased

from portal.domain.access import Actor, Permission, require_permission
from portal.domain.errors import Conflict, Invalid, NotFound
from portal.domain.msgid import N_
from portal.domain.questions import QuestionState
from portal.models.data_queries import DataQuery
from portal.models.people import Participant, Staff
from portal.services import audit
from portal.services.audit import search
from portal.services.scope import find_participant, within_sites

TEXT_MAX: Final = 1000
PAGE: Final = 50
SETTLED: Final = N_("This query has been closed already.")


@dataclass(frozen=True, slots=True)
class DataQueryView:
    """``entity`` and ``entity_id``: the record that it is about, if it is one. ``state``: open, answered or closed."""

    id: int
    study_number: str
    site: str
    entity: str | None
    entity_id: int | None
    state: str
    question: str
    asked_by: str
    asked_at: datetime
    answer: str | None
    answered_by: str | None
    answered_at: datetime | None
    closed_by: str | None
    closed_at: datetime | None


def raise_data_query(
    session: Session, *, actor: Actor, study_number: str, question: str, now: datetime,
    entity: str | None = None, entity_id: int | None = None,
) -> int:  # fmt: skip
    """Its id. NotFound for a participant of another site, or a record that is not the participant's."""
    person = find_participant(session, actor, study_number, permission=Permission.DATA_QUERIES_RAISE)
    if entity is not None:
        search.list_record_history(
            session, actor=actor, study_number=study_number, entity=entity, row_id=entity_id or 0
        )
    question = _checked(question, "question", N_("Write your question."))
    audit.begin(session, actor=actor, action="data-query:ask", now=now, participant_id=person.id)
    row = DataQuery(
        participant_id=person.id,
        site=person.site,
        entity=entity,
        entity_id=entity_id if entity else None,
        state=QuestionState.OPEN,
        question=question,
        asked_by_id=actor.id,
        asked_at=now,
    )
    session.add(row)
    session.flush()
    return row.id


def answer_data_query(session: Session, *, actor: Actor, data_query_id: int, text: str, now: datetime) -> None:
    """The site's answer; a second one replaces the first, which stays in the audit log."""
    row = _held(session, actor, data_query_id, Permission.DATA_QUERIES_ANSWER)
    text = _checked(text, "answer", N_("Write an answer."))
    audit.begin(session, actor=actor, action="data-query:answer", now=now, participant_id=row.participant_id)
    row.answer, row.answered_by_id, row.answered_at, row.state = text, actor.id, now, QuestionState.ANSWERED


def close_data_query(session: Session, *, actor: Actor, data_query_id: int, now: datetime) -> None:
    """Settled; one that nobody has answered is withdrawn by the same verb."""
    row = _held(session, actor, data_query_id, Permission.DATA_QUERIES_RAISE)
    audit.begin(session, actor=actor, action="data-query:close", now=now, participant_id=row.participant_id)
    row.closed_by_id, row.closed_at, row.state = actor.id, now, QuestionState.CLOSED


def _held(session: Session, actor: Actor, data_query_id: int, permission: Permission) -> DataQuery:
    statement = (
        select(DataQuery).where(DataQuery.id == data_query_id, within_sites(actor, DataQuery.site)).with_for_update()
    )
    row = session.scalars(statement).one_or_none()
    if row is None:
        raise NotFound
    require_permission(actor, permission, site=row.site)
    if row.state == "closed":
        raise Conflict(SETTLED)
    return row


def list_data_queries(
    session: Session, *, actor: Actor, settled: bool = False, before: int | None = None
) -> tuple[DataQueryView, ...]:
    """Newest first; those that wait for an answer or to be closed, or the ``settled`` ones."""
    state = DataQuery.state == QuestionState.CLOSED if settled else DataQuery.state != QuestionState.CLOSED
    older = [DataQuery.id < before] if before else []
    rows = session.execute(_all(actor).where(state, *older).order_by(DataQuery.id.desc()).limit(PAGE))
    return tuple(_seen(*row) for row in rows)


def get_data_query(session: Session, *, actor: Actor, data_query_id: int) -> DataQueryView:
    row = session.execute(_all(actor).where(DataQuery.id == data_query_id)).one_or_none()
    if row is None:
        raise NotFound
    return _seen(*row)


def _all(actor: Actor) -> Select[*tuple[Any, ...]]:
    asker, answerer, closer = aliased(Staff), aliased(Staff), aliased(Staff)
    return (
        select(DataQuery, Participant.study_number, asker.name, answerer.name, closer.name)
        .join(Participant, Participant.id == DataQuery.participant_id)
        .join(asker, asker.id == DataQuery.asked_by_id)
        .outerjoin(answerer, answerer.id == DataQuery.answered_by_id)
        .outerjoin(closer, closer.id == DataQuery.closed_by_id)
        .where(within_sites(actor, DataQuery.site))
    )


def _seen(
    row: DataQuery, study_number: str, asked_by: str, answered_by: str | None, closed_by: str | None
) -> DataQueryView:
    names = ["id", "site", "entity", "entity_id", "state", "question", "asked_at", "answer", "answered_at", "closed_at"]
    same: dict[str, Any] = {name: getattr(row, name) for name in names}
    return DataQueryView(
        study_number=study_number, asked_by=asked_by, answered_by=answered_by, closed_by=closed_by, **same
    )


def _checked(text: str, field: str, missing: str) -> str:
    text = text.strip()
    if not text:
        raise Invalid(problems={field: missing})
    if len(text) > TEXT_MAX:
        raise Invalid(problems={field: N_("Use at most 1,000 characters.")})
    return text
