"""Drafts with a red answer whose day is over: each becomes a stored report, so that the answer is not lost with it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import protocols
from portal.adapters import logs
from portal.domain.access import SYSTEM, Actor, ActorKind
from portal.domain.diary import diary_window, utc_offset_minutes
from portal.models.base import Transaction
from portal.models.diary import DiaryDraft
from portal.models.people import Account, Participant
from portal.models.triage import Flag
from portal.services.diary import judging, keeping
from portal.services.diary.unsent import UNSENT

ROUND = 200
A_DAY_AHEAD = timedelta(days=1)


def store_overdue_drafts(transaction: Transaction, *, now: datetime) -> int:
    """Store each draft with an unsent red whose window is over, in a transaction of its own; how many.

    One that cannot be stored stays on the list as it is, and keeps no other back.
    """
    with transaction() as session:
        found = _overdue(session, now)
    stored = 0
    for client_id in found:
        try:
            with transaction() as session:
                stored += _store(session, client_id, now)
        except Exception as error:
            logs.get_logger("jobs").exception("draft not stored", error=type(error).__name__)
    return stored


def _overdue(session: Session, now: datetime) -> Sequence[str]:
    plan = protocols.load_protocol().diary
    rows = session.execute(
        select(Flag.draft_client_id, Flag.diary_on, Participant.timezone)
        .join(Participant, Participant.id == Flag.participant_id)
        .where(*UNSENT, Flag.diary_on <= (now + A_DAY_AHEAD).date())
        .distinct()
        .order_by(Flag.diary_on)
        .limit(ROUND)
    )
    return [
        client_id
        for client_id, on, zone in rows
        if client_id is not None and on is not None and diary_window(on, plan, zone).late_until_at <= now
    ]


def _store(session: Session, client_id: str, now: datetime) -> int:
    """As its owner's, of the time at which it was last saved. It may have been sent meanwhile."""
    account = session.scalars(select(Account).join(DiaryDraft).where(DiaryDraft.client_id == client_id)).one_or_none()
    if account is None:
        return 0
    actor = Actor(kind=ActorKind.ACCOUNT, role=account.role, id=account.id, participant_id=account.participant_id)
    participant = judging.lock_participant(session, actor)
    draft = session.scalars(select(DiaryDraft).where(DiaryDraft.client_id == client_id)).one_or_none()
    if draft is None:
        return 0
    typed = keeping.TypedReport(
        client_id=client_id,
        diary_on=draft.diary_on,
        raw=draft.content["raw"],
        entered_at=draft.saved_at,
        offset_minutes=utc_offset_minutes(draft.saved_at, participant.timezone),
        language=account.language,
    )
    author = replace(actor, day_link=draft.day_link)
    return int(not keeping.keep_report(session, actor=author, typed=typed, now=now, by=SYSTEM).again)
