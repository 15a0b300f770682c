"""Who has gone silent: two statements, however many participants; only those who owe a diary are looked at."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from portal import protocols
from portal.domain.access import Actor
from portal.domain.diary import local_day
from portal.domain.infusions import study_day
from portal.domain.participation import ParticipationStatus
from portal.domain.protocol import DiaryPlan
from portal.models.diary import Diary
from portal.models.people import Account, Participant
from portal.models.triage import Flag
from portal.services.scope import within_sites

DAYS_WITHOUT_DIARY: Final = 2


@dataclass(frozen=True, slots=True)
class NoRecentDiaryRow:
    """``last_on`` None: no diary yet. ``card_unused``: nobody has ever signed in, which is no silence."""

    study_number: str
    study_day: int
    last_on: date | None
    card_unused: bool


def list_without_recent_diary(
    session: Session, *, actor: Actor, now: datetime, limit: int | None = None
) -> tuple[NoRecentDiaryRow, ...]:
    """Active participants whose diaries of the last two days are both missing, longest silence first.

    ``limit``: as many of them as that, the latest transplants; then the search ends when it has found them.
    """
    protocol = protocols.load_protocol()
    today = local_day(now, protocol.timezone)
    silent_since = today - timedelta(days=DAYS_WITHOUT_DIARY)
    silent = session.execute(_silent(actor, silent_since, protocol.diary).limit(limit)).all()
    newest = _newest_days(session, [one.id for one in silent])
    rows = [
        NoRecentDiaryRow(
            one.study_number,
            study_day(today, one.transplant_on),
            newest.get(one.id),
            card_unused=one.card_unused and one.id not in newest,
        )
        for one in silent
    ]
    return tuple(sorted(rows, key=lambda row: (row.last_on or date.min, row.study_number)))


def count_without_recent_diary(session: Session, *, actor: Actor, now: datetime) -> int:
    """How many they are."""
    protocol = protocols.load_protocol()
    silent_since = local_day(now, protocol.timezone) - timedelta(days=DAYS_WITHOUT_DIARY)
    silent = _silent(actor, silent_since, protocol.diary).order_by(None).subquery()
    return int(session.execute(select(func.count()).select_from(silent)).scalar_one())


def _silent(actor: Actor, since: date, plan: DiaryPlan) -> Select[int, str, date, bool]:
    """Those who owed both days; who is past the last day of the diary, or not yet at its first, is not looked at.

    A red answer that is not sent yet is no silence.
    """
    sent = select(Diary.id).where(Diary.participant_id == Participant.id, Diary.diary_on >= since)
    unsent = select(Flag.id).where(
        Flag.participant_id == Participant.id,
        Flag.draft_client_id.is_not(None),
        Flag.corrected_at.is_(None),
        Flag.diary_on >= since,
    )
    used = select(Account.id).where(Account.participant_id == Participant.id, Account.activated_at.is_not(None))
    return (
        select(
            Participant.id, Participant.study_number, Participant.transplant_on, (~used.exists()).label("card_unused")
        )
        .where(
            within_sites(actor),
            Participant.status == ParticipationStatus.ACTIVE,
            Participant.enrolled_on <= since,
            Participant.transplant_on <= since - timedelta(days=plan.first_study_day),
            Participant.transplant_on >= since + timedelta(days=DAYS_WITHOUT_DIARY - 1 - plan.last_study_day),
            ~sent.exists(),
            ~unsent.exists(),
        )
        .order_by(Participant.transplant_on.desc(), Participant.id)
    )


def _newest_days(session: Session, participant_ids: Collection[int]) -> dict[int, date]:
    statement = (
        select(Diary.participant_id, func.max(Diary.diary_on))
        .where(Diary.participant_id.in_(participant_ids))
        .group_by(Diary.participant_id)
    )
    return dict(session.execute(statement).all())
