"""Whether a participant has to call now: their red answers that nobody has spoken with them about yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, bindparam, func, select
from sqlalchemy.orm import Session

from portal import protocols
from portal.domain import call_now
from portal.domain.access import Actor
from portal.domain.alert_rules import Severity
from portal.domain.triage import EpisodeState, EpisodeStepKind
from portal.models.triage import Episode, EpisodeStep, Flag

COMPARED: Final = timedelta(days=3)  # an older sign before a contact is not the same one
LAST_CONTACT: Final = (
    select(func.max(EpisodeStep.at))
    .where(EpisodeStep.episode_id == Episode.id, EpisodeStep.kind == EpisodeStepKind.CONTACT)
    .correlate(Episode)
    .scalar_subquery()
)
REDS: Final = (
    select(
        Flag.rule_id, Flag.evidence, Flag.raised_at, Flag.day_link, Episode.id.label("episode_id"), Episode.state,
        Episode.seen_at, LAST_CONTACT.label("contacted_at"),
    )
    .join(Episode, Episode.id == Flag.episode_id)
    .where(
        Flag.participant_id == bindparam("participant_id"),
        Flag.severity == Severity.RED,
        Flag.diary_id.is_not(None) | Flag.draft_client_id.is_not(None),
        Flag.taken_back_at.is_(None) | Flag.corrected_at.is_(None),
        LAST_CONTACT.is_(None) | (Flag.raised_at > LAST_CONTACT) | (Flag.raised_at >= bindparam("compared_since")),
    )
    .order_by(Flag.raised_at.desc(), Flag.id.desc())
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class CallNow:
    """The card "call now". ``signs``: the evidence of each red, the newest first, one a sign.

    ``since_at``: the oldest red that no contact has answered; ``newest_at``: the newest. ``claimed_by_at``: until when
    a nurse who has seen all of them will call; None when nobody has, or when that time is over. ``breathing_first``:
    120 stands first. ``short_since_contact_at``: the time of the contact after which the same signs, none of them
    worse, were answered again within hours: then the short card is enough.
    """

    signs: tuple[dict[str, Any], ...]
    since_at: datetime
    newest_at: datetime
    claimed_by_at: datetime | None
    breathing_first: bool
    short_since_contact_at: datetime | None


def get_call_now(session: Session, *, actor: Actor, now: datetime) -> CallNow | None:
    """What the actor's participant has to call about, sent or not; None when nothing red waits for a contact.

    A session of a reminder's link is told of what was answered in such a session only. One statement.
    """
    given = {"participant_id": actor.participant_id, "compared_since": now - COMPARED}
    rows = session.execute(REDS, given).all()
    waiting = [row for row in rows if _waits(row) and (row.day_link or not actor.day_link)]
    if not waiting:
        return None
    signs = {row.rule_id: row.evidence for row in reversed(waiting)}
    newest_first = dict.fromkeys(row.rule_id for row in waiting)
    return CallNow(
        signs=tuple(signs[rule_id] for rule_id in newest_first),
        since_at=waiting[-1].raised_at,
        newest_at=waiting[0].raised_at,
        claimed_by_at=_claimed_by(waiting, now),
        breathing_first=not call_now.BREATHING_FIRST.isdisjoint(signs),
        short_since_contact_at=_short_since(waiting, rows),
    )


def _waits(row: Row[Any]) -> bool:
    return row.contacted_at is None or row.contacted_at < row.raised_at


def _claimed_by(waiting: Sequence[Row[Any]], now: datetime) -> datetime | None:
    """Only when somebody has every red in hand, and only as long as the time that is promised lies ahead."""
    nobody = (EpisodeState.NEW, EpisodeState.CLOSED)
    if any(row.state in nobody or row.seen_at is None or row.seen_at < row.raised_at for row in waiting):
        return None
    minutes = protocols.load_protocol().clocks.red_acknowledge_minutes
    by: datetime = min(row.seen_at for row in waiting) + timedelta(minutes=minutes)
    return by if by > now else None


def _short_since(waiting: Sequence[Row[Any]], rows: Sequence[Row[Any]]) -> datetime | None:
    contacts: list[datetime] = []
    holds = timedelta(hours=protocols.load_protocol().clocks.contact_holds_hours)
    for row in waiting:
        answered = [one for one in rows if one.episode_id == row.episode_id and not _waits(one)]
        same = next((one for one in answered if one.rule_id == row.rule_id), None)
        if same is None or not call_now.is_known(
            row.evidence, before=same.evidence, since_contact=row.raised_at - row.contacted_at, holds=holds
        ):
            return None
        contacts.append(row.contacted_at)
    return max(contacts)
