"""Who has gone silent: two statements, however many participants; only those who owe a diary are looked at."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import protocols
from portal.domain.diary import local_day
from portal.domain.infusions import study_day
from portal.models.diary import Diary
from portal.models.people import Participant
from portal.services.triage.strips import DATES, Span

SILENT_DAYS: Final = 2


@dataclass(frozen=True, slots=True)
class SilentRow:
    """``last_on`` None: no diary yet."""

    study_number: str
    study_day: int
    last_on: date | None


def silent_list(session: Session, *, sites: Collection[str], now: datetime) -> tuple[SilentRow, ...]:
    """Active participants whose diaries of the last two days are both missing, longest silence first.

    Who is past the last day of the diary is not looked at at all.
    """
    protocol = protocols.load()
    today = local_day(now, protocol.timezone)
    silent_since = today - timedelta(days=SILENT_DAYS)
    sent = select(Diary.id).where(Diary.participant_id == Participant.id, Diary.diary_on >= silent_since)
    silent: Sequence[Any] = session.execute(
        select(*DATES, Participant.study_number)
        .where(
            Participant.site.in_(sites),
            Participant.status == "active",
            Participant.transplant_on >= today - timedelta(days=protocol.diary.last_study_day + SILENT_DAYS),
            ~sent.exists(),
        )
        .order_by(Participant.study_number)
    ).all()
    owing = [participant for participant in silent if _owed(Span.of(participant, now), silent_since)]
    newest = _newest_days(session, [participant.id for participant in owing])
    rows = [SilentRow(one.study_number, study_day(today, one.transplant_on), newest.get(one.id)) for one in owing]
    return tuple(sorted(rows, key=lambda row: row.last_on or date.min))


def _newest_days(session: Session, participant_ids: Collection[int]) -> dict[int, date]:
    statement = (
        select(Diary.participant_id, func.max(Diary.diary_on))
        .where(Diary.participant_id.in_(participant_ids))
        .group_by(Diary.participant_id)
    )
    return dict(session.execute(statement).all())


def _owed(span: Span, silent_since: date) -> bool:
    return span.first_on <= silent_since and silent_since + timedelta(days=SILENT_DAYS - 1) <= span.last_on
