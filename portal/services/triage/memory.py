"""What an episode has met before a report, as far as the report is compared with it. Two statements, whatever there is.

The *last report* is the one that was entered before; what staff recorded and what a draft raised since then goes with
it. A correction is compared with the version that it replaces, too.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, false, func, or_, select
from sqlalchemy.orm import Session

from portal.domain.alert_rules import Evidence, Severity
from portal.domain.alert_rules.steps import flag_value, mildest_values
from portal.domain.triage import EpisodeStepKind
from portal.models.diary import Diary
from portal.models.triage import EpisodeStep, Flag

ALERTS: Final = (EpisodeStepKind.OPEN, EpisodeStepKind.WORSEN, EpisodeStepKind.RECUR)
CHAIN: Final = func.coalesce(Diary.first_id, Diary.id)


@dataclass(frozen=True, slots=True)
class EpisodeMemory:
    """``last_met``: by rule of the last report its value there, None for a sign without one; ``last_reds`` the reds.

    ``told``: the mildest values of the reds since staff were last alerted; ``answered``: those before the last contact,
    when it came after that alert, with the signs that have no value.
    """

    last_met: Mapping[str, Decimal | None]
    last_reds: frozenset[str]
    told: Mapping[str, Decimal]
    contact_at: datetime | None
    answered: Mapping[str, Decimal | None]


NOTHING: Final = EpisodeMemory({}, frozenset(), {}, None, {})


def recall_episodes(
    session: Session, *, participant_id: int, episode_ids: Collection[int], diary: Diary | None, now: datetime
) -> dict[int, EpisodeMemory]:
    """By episode what it knows. ``diary``: the report that is to be compared, None for what is no report."""
    rows = session.execute(_flags(participant_id, episode_ids, diary, now)).all()
    alerts, contacts = _steps(session, episode_ids)
    return {
        episode_id: _remember(
            [row for row in rows if row.episode_id == episode_id], alerts.get(episode_id), contacts.get(episode_id)
        )
        for episode_id in episode_ids
    }


def _flags(participant_id: int, episode_ids: Collection[int], diary: Diary | None, now: datetime) -> Any:
    earlier = [Diary.participant_id == participant_id, Diary.superseded_at.is_(None)]
    last = (
        select(Diary.id, Diary.received_at)
        .where(*earlier, _is_before(diary, now))
        .order_by(Diary.entered_at.desc(), Diary.id.desc())
        .limit(1)
        .subquery()
    )
    chain = (diary.first_id or diary.id) if diary is not None else None
    of_last = or_(
        Flag.diary_id == select(last.c.id).scalar_subquery(),
        false() if chain is None else CHAIN.is_not_distinct_from(chain),
        Flag.diary_id.is_(None)
        & (Flag.raised_at >= func.coalesce(select(last.c.received_at).scalar_subquery(), Flag.raised_at)),
    )
    return (
        select(Flag.episode_id, Flag.rule_id, Flag.severity, Flag.evidence, Flag.raised_at, of_last.label("of_last"))
        .outerjoin(Diary, Diary.id == Flag.diary_id)
        .where(Flag.episode_id.in_(episode_ids), Flag.corrected_at.is_(None))
        .order_by(Flag.raised_at, Flag.id)
    )


def _is_before(diary: Diary | None, now: datetime) -> ColumnElement[bool]:
    if diary is None:
        return Diary.entered_at <= now
    stored: int | None = diary.id
    if stored is None:
        return Diary.entered_at <= diary.entered_at
    same = (Diary.entered_at == diary.entered_at) & (Diary.id < stored)
    return (Diary.entered_at < diary.entered_at) | same


def _steps(session: Session, episode_ids: Collection[int]) -> tuple[Mapping[int, datetime], Mapping[int, datetime]]:
    """By episode when staff were last alerted, and when they last spoke with the participant."""
    rows = session.execute(
        select(EpisodeStep.episode_id, EpisodeStep.kind, func.max(EpisodeStep.at, type_=EpisodeStep.at.type))
        .where(EpisodeStep.episode_id.in_(episode_ids), EpisodeStep.kind.in_((*ALERTS, EpisodeStepKind.CONTACT)))
        .group_by(EpisodeStep.episode_id, EpisodeStep.kind)
    ).all()
    alerts: dict[int, datetime] = {}
    for episode_id, kind, at in rows:
        if kind in ALERTS:
            alerts[episode_id] = max(at, alerts.get(episode_id, at))
    return alerts, {episode_id: at for episode_id, kind, at in rows if kind == EpisodeStepKind.CONTACT}


def _remember(rows: Sequence[Row[Any]], alerted_at: datetime | None, contact_at: datetime | None) -> EpisodeMemory:
    last = [row for row in rows if row.of_last]
    reds = [row for row in rows if row.severity == Severity.RED and (alerted_at is None or row.raised_at >= alerted_at)]
    discussed = [row for row in reds if contact_at is not None and row.raised_at <= contact_at]
    return EpisodeMemory(
        last_met={row.rule_id: flag_value(row.rule_id, Evidence.from_json(row.evidence)) for row in last},
        last_reds=frozenset(row.rule_id for row in last if row.severity == Severity.RED),
        told=mildest_values(_pairs(reds)),
        contact_at=contact_at,
        answered={**dict.fromkeys(row.rule_id for row in discussed), **mildest_values(_pairs(discussed))},
    )


def _pairs(rows: Iterable[Row[Any]]) -> list[tuple[str, Evidence]]:
    return [(row.rule_id, Evidence.from_json(row.evidence)) for row in rows]
