"""Staff ask about a report, the participant answers, staff close. Staff never change an answer themselves."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from portal.domain.access import Actor, Permission, require_permission
from portal.domain.errors import Conflict, Invalid, NotFound
from portal.domain.msgid import N_
from portal.domain.questions import QuestionState
from portal.models.diary import Diary
from portal.models.diary_questions import DiaryQuestion
from portal.models.people import Participant, Staff
from portal.services import audit
from portal.services.scope import id_of, ids_visible_to

TEXT_MAX: Final = 1000


@dataclass(frozen=True, slots=True)
class DiaryQuestionView:
    """``newest_id`` is the report's newest version; ``state`` open, answered or closed."""

    id: int
    diary_id: int
    newest_id: int
    diary_on: date
    state: str
    question: str
    asked_by: str
    asked_at: datetime
    answer: str | None
    answered_at: datetime | None
    closed_at: datetime | None


def ask_diary_question(
    session: Session, *, actor: Actor, study_number: str, diary_id: int, question: str, now: datetime
) -> int:
    """Raises NotFound for a report of another site or person, Invalid for an empty or overlong question."""
    of_person = select(Diary).where(Diary.participant_id == id_of(actor, study_number))
    diary = session.execute(of_person.where(Diary.id == diary_id)).scalar_one_or_none()
    if diary is None:
        raise NotFound
    site = session.get_one(Participant, diary.participant_id).site
    require_permission(actor, Permission.QUERIES_ASK, site=site)
    question = _checked(question, "question", N_("Write your question."))
    audit.begin(session, actor=actor, action="diary-question:ask", now=now, participant_id=diary.participant_id)
    row = DiaryQuestion(
        participant_id=diary.participant_id,
        diary_id=diary.first_id or diary.id,
        state=QuestionState.OPEN,
        question=question,
        asked_by_id=actor.id,
        asked_at=now,
    )
    session.add(row)
    session.flush()
    return row.id


def answer_diary_question(session: Session, *, actor: Actor, question_id: int, text: str, now: datetime) -> None:
    """The participant's own words. Raises Conflict when it has been answered or closed in the meantime."""
    row = _locked(
        session, select(DiaryQuestion).where(DiaryQuestion.participant_id == actor.participant_id), question_id
    )
    if row.state != QuestionState.OPEN:
        raise Conflict(N_("This question has been answered already."))
    text = _checked(text, "answer", N_("Write an answer."))
    audit.begin(session, actor=actor, action="diary-question:answer", now=now, participant_id=row.participant_id)
    row.answer, row.answered_by_id, row.answered_at, row.state = text, actor.id, now, QuestionState.ANSWERED


def close_diary_question(session: Session, *, actor: Actor, study_number: str, question_id: int, now: datetime) -> int:
    """Resolve an answered question; the report that it is about. An open one is withdrawn by the same verb."""
    row = _locked(
        session, select(DiaryQuestion).where(DiaryQuestion.participant_id == id_of(actor, study_number)), question_id
    )
    require_permission(actor, Permission.QUERIES_ASK)
    if row.state == QuestionState.CLOSED:
        raise Conflict
    audit.begin(session, actor=actor, action="diary-question:close", now=now, participant_id=row.participant_id)
    row.closed_by_id, row.closed_at, row.state = actor.id, now, QuestionState.CLOSED
    return row.diary_id


def list_report_questions(session: Session, *, actor: Actor, diary_id: int) -> tuple[DiaryQuestionView, ...]:
    """Every question about any version of a report that the actor may see, oldest first."""
    visible = select(Diary).where(Diary.participant_id.in_(ids_visible_to(actor)))
    diary = session.execute(visible.where(Diary.id == diary_id)).scalar_one_or_none()
    if diary is None:
        raise NotFound
    return _seen(session, _questions().where(DiaryQuestion.diary_id == (diary.first_id or diary.id)))


def list_unanswered_questions(session: Session, *, actor: Actor) -> tuple[DiaryQuestionView, ...]:
    """What the actor's own participant has been asked and has not answered."""
    return _seen(
        session,
        _questions().where(
            DiaryQuestion.participant_id == actor.participant_id, DiaryQuestion.state == QuestionState.OPEN
        ),
    )


def _questions() -> Select[*tuple[Any, ...]]:
    return (
        select(DiaryQuestion, Diary.diary_on, Staff.name)
        .join(Diary, Diary.id == DiaryQuestion.diary_id)
        .join(Staff, Staff.id == DiaryQuestion.asked_by_id)
        .order_by(DiaryQuestion.id)
    )


def _seen(session: Session, statement: Select[*tuple[Any, ...]]) -> tuple[DiaryQuestionView, ...]:
    return tuple(
        DiaryQuestionView(
            id=row.id,
            diary_id=row.diary_id,
            newest_id=_newest(session, row.diary_id),
            diary_on=diary_on,
            state=row.state,
            question=row.question,
            asked_by=name,
            asked_at=row.asked_at,
            answer=row.answer,
            answered_at=row.answered_at,
            closed_at=row.closed_at,
        )
        for row, diary_on, name in session.execute(statement).all()
    )


def _newest(session: Session, first_id: int) -> int:
    statement = select(Diary.id).where(Diary.first_id == first_id, Diary.superseded_at.is_(None))
    return session.execute(statement).scalar_one_or_none() or first_id


def _locked(session: Session, statement: Select[DiaryQuestion], question_id: int) -> DiaryQuestion:
    row = session.scalars(statement.where(DiaryQuestion.id == question_id).with_for_update()).one_or_none()
    if row is None:
        raise NotFound
    return row


def _checked(text: str, field: str, missing: str) -> str:
    text = text.strip()
    if not text:
        raise Invalid(problems={field: missing})
    if len(text) > TEXT_MAX:
        raise Invalid(problems={field: N_("Use at most 1,000 characters.")})
    return text
