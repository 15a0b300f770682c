"""What was sent before, as the clinical rules read it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Row, bindparam, func, select, true
from sqlalchemy.orm import Session

from portal import protocols
from portal.domain.access import Actor, ActorKind
from portal.domain.questionnaire import reread
from portal.domain.reports import Report
from portal.domain.tasks import TaskKind
from portal.models.diary import Diary
from portal.models.locking import ANY_CLOSED, note_none_closed
from portal.models.people import Participant
from portal.services import infusions, messages, tasks, triage
from portal.services.diary import drafts
from portal.services.diary.forms import form_named

REPORTS: Final = 30
# Built once: to put a statement together takes longer than to run it.
NEWEST: Final = (
    select(
        Diary.id, Diary.questionnaire, Diary.answers, Diary.diary_on, Diary.entered_at, Diary.weight_kg,
        Diary.study_day,
    )
    .where(
        Diary.participant_id == bindparam("participant_id"),
        Diary.diary_on <= bindparam("until_on"),
        Diary.superseded_at.is_(None),
    )
    .order_by(Diary.diary_on.desc(), Diary.id.desc())
    .limit(REPORTS)
)  # fmt: skip
ENTERED_BEFORE: Final = NEWEST.where(Diary.entered_at < bindparam("entered_before"))
LAST_WEIGHT: Final = (
    select(Diary.weight_kg)
    .where(Diary.participant_id == bindparam("participant_id"), Diary.superseded_at.is_(None))
    .order_by(Diary.diary_on.desc(), Diary.id.desc())
    .limit(1)
)
# Another reading would not see more: the participant's row is held.
DAY_NEWEST: Final = select(func.max(Diary.entered_at)).where(
    Diary.participant_id == bindparam("participant_id"), Diary.diary_on == bindparam("diary_on")
)
FACTS: Final = (
    select(
        Diary.id.label("stored_id"), Diary.diary_on.label("stored_on"), Diary.timing, Diary.severity,
        LAST_WEIGHT.scalar_subquery().label("last_weight"), DAY_NEWEST.scalar_subquery().label("newest_entry_at"),
        ANY_CLOSED.label("closed"), infusions.ANY_GIVEN.label("infused"), drafts.ANY.label("drafted"),
        tasks.ANY_OPEN.label("call_waits"), messages.ANY_REMINDER_WAITS.label("reminder_waits"),
        triage.ANY_SIGNED.label("assessed"),
    )
    .select_from(Participant)
    .outerjoin(Diary, (Diary.participant_id == Participant.id) & (Diary.client_id == bindparam("client_id")))
    .where(Participant.id == bindparam("participant_id"))
    .limit(1)
    .subquery()
)  # fmt: skip
RECENT: Final = NEWEST.subquery()
KNOWN: Final = select(FACTS, RECENT).outerjoin(RECENT, true()).order_by(RECENT.c.diary_on.desc(), RECENT.c.id.desc())


@dataclass(frozen=True, slots=True)
class Known:
    """``facts`` about a report that comes, and the newest reports up to its day, newest first, as ``Diary`` columns.

    The report that has its client id (``stored_id`` None: none has), the last weight that a diary carries, and when the
    newest of that day was entered. Whether there are data that are ``closed``, infusions of the hours before
    (``infused``), signed assessments (``assessed``), a draft of the day (``drafted``), a call for want of a diary
    (``call_waits``), a text about it (``reminder_waits``): where there are none, nobody asks on.
    """

    facts: Row[*tuple[Any, ...]]
    recent: Sequence[Row[*tuple[Any, ...]]]

    def reports(self) -> list[Report]:
        """Oldest first."""
        return [report(row) for row in reversed(self.recent)]


def known(
    session: Session, *, actor: Actor, participant_id: int, client_id: str, diary_on: date, entered_at: datetime
) -> Known:
    """What is known as a report of a participant comes whose row is held: all of it in one statement."""
    hours = timedelta(hours=protocols.load().thresholds.after_infusion_hours)
    given = {
        "participant_id": participant_id,
        "client_id": client_id,
        "diary_on": diary_on,
        "until_on": diary_on,
        "given_since": entered_at - hours,
        "account_id": actor.id if actor.kind == ActorKind.ACCOUNT else None,
        "task_kind": TaskKind.CALL_NO_DIARY,
        **messages.reminders_of(participant_id, diary_on),
    }
    rows = session.connection().execute(KNOWN, given).all()
    facts = rows[0]
    if not facts.closed:
        note_none_closed(session, participant_id)
    return Known(facts, rows if facts.questionnaire is not None else ())


def report(diary: Diary | Row[Any]) -> Report:
    answers = reread(form_named(diary.questionnaire), diary.answers)
    return Report(
        on=diary.diary_on,
        entered_at=diary.entered_at,
        answers=answers,
        weight_kg=diary.weight_kg,
        study_day=diary.study_day,
    )


def reports(
    session: Session, *, participant_id: int, until_on: date, entered_before: datetime | None = None
) -> list[Report]:
    """The newest reports up to a day, oldest first, each in its newest version."""
    given = {"participant_id": participant_id, "until_on": until_on, "entered_before": entered_before}
    session.flush()
    found = session.connection().execute(NEWEST if entered_before is None else ENTERED_BEFORE, given).all()
    return [report(row) for row in reversed(found)]


def last_weight(session: Session, participant: Participant) -> Decimal | None:
    """The newest weight that a diary carries, else the one at enrolment. Kilograms."""
    found = session.execute(LAST_WEIGHT, {"participant_id": participant.id})
    return found.scalar_one_or_none() or participant.weight_kg
