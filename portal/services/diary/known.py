"""What is known about a participant as a report arrives: one statement, which reads columns of eight tables.

It answers whether the report is stored already, what the newest reports said, which weight was the last, when the day's
newest report was entered, and whether there is anything to do beside storing: data that are closed, an infusion of the
hours before, a signed assessment, a draft, red answers of it, a call because of a missing diary, a reminder of the day.
The services that own these rows answer each of these questions, too, by a statement of their own; of most reports every
answer is no.

It is one statement because a submission spends most of its time on the way to the database and back: with it 222 to 285
diaries a second were stored, with single questions 179 to 199. `tests/services/diary/test_known.py` holds each answer
against what its service says.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Row, bindparam, exists, func, select, true
from sqlalchemy.orm import Session

from portal import protocols
from portal.domain.access import Actor
from portal.domain.infusions import InfusionState
from portal.domain.messages import DIARY_KINDS, MessageState, diary_dedupe_keys
from portal.domain.reports import Report
from portal.domain.tasks import TaskKind
from portal.models.assessments import Signature
from portal.models.audit import keep_key
from portal.models.diary import Diary, DiaryDraft
from portal.models.infusions import Infusion
from portal.models.locking import CLOSES, hold_changes, keep_locks
from portal.models.messages import Message
from portal.models.people import Participant, ParticipantKey
from portal.models.tasks import Task
from portal.models.triage import Flag
from portal.services.diary import history

DAY_NEWEST: Final = select(func.max(Diary.entered_at)).where(
    Diary.participant_id == bindparam("participant_id"), Diary.diary_on == bindparam("diary_on")
)
DATA_CLOSED: Final = exists().where(CLOSES).correlate(Participant)
INFUSION_GIVEN: Final = exists().where(
    Infusion.participant_id == bindparam("participant_id"),
    Infusion.state == InfusionState.GIVEN,
    Infusion.started_at >= bindparam("given_since"),
)
ASSESSMENT_SIGNED: Final = exists().where(Signature.participant_id == bindparam("participant_id"))
DRAFT: Final = (
    DiaryDraft.account_id == bindparam("account_id"),
    DiaryDraft.diary_on == bindparam("diary_on"),
    DiaryDraft.day_link == bindparam("day_link"),
)
DRAFT_KEPT: Final = exists().where(*DRAFT)
UNSENT_REDS: Final = exists().where(
    Flag.participant_id == bindparam("participant_id"),
    (Flag.draft_client_id == bindparam("client_id"))
    | Flag.draft_client_id.in_(select(DiaryDraft.client_id).where(*DRAFT)),
    Flag.diary_id.is_(None),
    Flag.corrected_at.is_(None),
)
CALL_OPEN: Final = exists().where(
    Task.participant_id == bindparam("participant_id"),
    Task.kind == TaskKind.CALL_NO_DIARY,
    Task.closed_at.is_(None),
)
REMINDER_PLANNED: Final = exists().where(
    Message.participant_id == bindparam("participant_id"),
    Message.kind.in_(DIARY_KINDS),
    Message.dedupe_key.in_([bindparam("dedupe_key"), bindparam("second_dedupe_key")]),
    Message.state == MessageState.PLANNED,
)
FACTS: Final = (
    select(
        Diary.id.label("stored_id"), Diary.diary_on.label("stored_on"), Diary.timing, Diary.severity,
        ParticipantKey.wrapped.label("wrapped_key"),
        history.LAST_WEIGHT.scalar_subquery().label("last_weight"),
        DAY_NEWEST.scalar_subquery().label("newest_entry_at"),
        DATA_CLOSED.label("data_closed"), INFUSION_GIVEN.label("infusion_given"),
        ASSESSMENT_SIGNED.label("assessment_signed"), DRAFT_KEPT.label("draft_kept"), CALL_OPEN.label("call_open"),
        REMINDER_PLANNED.label("reminder_planned"), UNSENT_REDS.label("unsent_reds"),
    )
    .select_from(Participant)
    .outerjoin(ParticipantKey, ParticipantKey.participant_id == Participant.id)
    .outerjoin(Diary, (Diary.participant_id == Participant.id) & (Diary.client_id == bindparam("client_id")))
    .where(Participant.id == bindparam("participant_id"))
    .limit(1)
    .subquery()
)  # fmt: skip
RECENT: Final = history.NEWEST.subquery()
# Built once: to put a statement together takes longer than to run it. One row a recent report, or one without a report.
STATEMENT: Final = (
    select(FACTS, RECENT).outerjoin(RECENT, true()).order_by(RECENT.c.diary_on.desc(), RECENT.c.id.desc())
)


@dataclass(frozen=True, slots=True)
class Stored:
    """The report that has the client id already."""

    diary_id: int
    diary_on: date
    timing: str
    severity: str | None


@dataclass(frozen=True, slots=True)
class Known:
    """``recent``: the newest reports up to the day, oldest first. ``last_weight``: the newest that a diary carries.

    ``newest_entry_at``: when the newest report of that day was entered, None without one.
    """

    stored: Stored | None
    recent: Sequence[Report]
    last_weight: Decimal | None
    newest_entry_at: datetime | None
    infusion_given: bool
    assessment_signed: bool
    draft_kept: bool
    call_open: bool
    reminder_planned: bool
    unsent_reds: bool


def read(
    session: Session, *, actor: Actor, participant_id: int, client_id: str, diary_on: date, entered_at: datetime
) -> Known:
    """The caller has locked the participant's row, so that no other report of the participant is stored meanwhile.

    From here on nobody can close data until the transaction ends. That nothing is closed, and the participant's data
    key, are kept with the session for whatever writes next.
    """
    hold_changes(session)
    rows = session.connection().execute(
        STATEMENT, _parameters(actor, participant_id, client_id, diary_on, entered_at)
    ).all()  # fmt: skip
    facts = rows[0]
    if not facts.data_closed:
        keep_locks(session, participant_id, ())
    if facts.wrapped_key is not None:
        keep_key(session, participant_id, facts.wrapped_key)
    stored = Stored(facts.stored_id, facts.stored_on, facts.timing, facts.severity)
    return Known(
        stored=stored if facts.stored_id is not None else None,
        recent=_reports(rows),
        last_weight=facts.last_weight,
        newest_entry_at=facts.newest_entry_at,
        infusion_given=facts.infusion_given,
        assessment_signed=facts.assessment_signed,
        draft_kept=facts.draft_kept,
        call_open=facts.call_open,
        reminder_planned=facts.reminder_planned,
        unsent_reds=facts.unsent_reds,
    )


def _parameters(
    actor: Actor, participant_id: int, client_id: str, diary_on: date, entered_at: datetime
) -> dict[str, Any]:
    dedupe_key, second = diary_dedupe_keys(diary_on)
    return {
        "participant_id": participant_id,
        "client_id": client_id,
        "diary_on": diary_on,
        "until_on": diary_on,
        "given_since": entered_at - timedelta(hours=protocols.load_protocol().thresholds.after_infusion_hours),
        "account_id": actor.id if actor.kind == "account" else None,
        "day_link": actor.day_link,
        "dedupe_key": dedupe_key,
        "second_dedupe_key": second,
    }


def _reports(rows: Sequence[Row[*tuple[Any, ...]]]) -> list[Report]:
    return [history.to_report(row) for row in reversed(rows) if row.questionnaire is not None]
