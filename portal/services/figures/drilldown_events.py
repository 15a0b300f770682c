"""The reports, missed diaries, alerts and closed episodes behind a number."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.access import Actor
from portal.domain.alert_rules import FLAGGED
from portal.models.diary import Diary
from portal.models.missed_diaries import MissedDiary
from portal.models.people import Participant
from portal.models.triage import Episode
from portal.services.figures.filters import DrilldownFilter, DrilldownRow, KeyedRows
from portal.services.figures.response_times import read_alerts


def list_report_rows(session: Session, actor: Actor, asked: DrilldownFilter) -> KeyedRows:
    levels = (asked.level,) if asked.level else [str(level) for level in FLAGGED]
    found = session.execute(
        select(Diary.id, Participant.study_number, Participant.arm, Diary.diary_on, Diary.severity)
        .join(Participant, Participant.id == Diary.participant_id)
        .where(*asked.conditions(actor), Diary.superseded_at.is_(None), Diary.severity.in_(levels))
        .where(~Diary.damped, Diary.id > asked.after_id)
        .order_by(Diary.id)
        .limit(asked.limit + 1)
    )
    return [(id_, DrilldownRow(number, arm, on=on, level=level, diary_id=id_)) for id_, number, arm, on, level in found]


def list_missed_rows(session: Session, actor: Actor, asked: DrilldownFilter) -> KeyedRows:
    level = MissedDiary.severity.is_(None) if asked.level == "listed" else MissedDiary.severity == asked.level
    found = session.execute(
        select(MissedDiary.id, Participant.study_number, Participant.arm, MissedDiary.missed_on, MissedDiary.in_row)
        .join(Participant, Participant.id == MissedDiary.participant_id)
        .where(*asked.conditions(actor), level, MissedDiary.id > asked.after_id)
        .order_by(MissedDiary.id)
        .limit(asked.limit + 1)
    )
    return [(id_, DrilldownRow(number, arm, on=on, count=in_row)) for id_, number, arm, on, in_row in found]


def list_alert_rows(session: Session, actor: Actor, asked: DrilldownFilter) -> KeyedRows:
    """The alerts of the metrics; each page is read with its participants."""
    after = tuple(int(part) for part in asked.after.split("-") if part.isdecimal())
    every = [one for one in read_alerts(session, asked.conditions(actor)) if asked.level in (None, one.severity)]
    keyed = sorted(((int(one.at.timestamp() * 1_000_000), one.episode_id), one) for one in every)
    page = [(key, one) for key, one in keyed if key > after][: asked.limit + 1]
    episodes = _episodes(session, [one.episode_id for _, one in page])
    return [
        (
            f"{key[0]}-{key[1]}",
            DrilldownRow(
                episodes[one.episode_id].study_number,
                one.arm,
                at=one.at,
                level=one.severity,
                episode_id=one.episode_id,
                organ=episodes[one.episode_id].organ,
                seen_at=one.claimed_at,
                closed_at=one.closed_at,
            ),
        )
        for key, one in page
    ]


def _episodes(session: Session, ids: Collection[int]) -> dict[int, Any]:
    found = session.execute(
        select(Episode.id, Episode.organ, Participant.study_number)
        .join(Participant, Participant.id == Episode.participant_id)
        .where(Episode.id.in_(ids))
    )
    return {row.id: row for row in found}


def list_closed_rows(session: Session, actor: Actor, asked: DrilldownFilter) -> KeyedRows:
    found = session.execute(
        select(Episode.id, Episode.organ, Episode.closed_at, Episode.outcome, Participant.study_number, Participant.arm)
        .join(Participant, Participant.id == Episode.participant_id)
        .where(*asked.conditions(actor), Episode.outcome.is_not(None), Episode.severity == asked.level)
        .where(Episode.id > asked.after_id)
        .order_by(Episode.id)
        .limit(asked.limit + 1)
    )
    return [
        (
            one.id,
            DrilldownRow(
                one.study_number,
                one.arm,
                episode_id=one.id,
                organ=one.organ,
                closed_at=one.closed_at,
                outcome=one.outcome,
            ),
        )
        for one in found
    ]
