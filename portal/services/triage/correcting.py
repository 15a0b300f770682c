"""The effect of a correction on flags: those still met move to the new version, the rest stay, marked as corrected.

Part of correcting a diary: the caller has begun the audit event and holds the participant's row.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from portal.domain.alert_rules import Flag
from portal.models.diary import Diary
from portal.models.people import Participant
from portal.models.triage import Episode, EpisodeStep
from portal.models.triage import Flag as FlagRow
from portal.services.triage.raising import RaisedEpisode, raise_flags

CORRECT = "correct"
Key = tuple[str, int, str, str, str]


def correct_flags(
    session: Session,
    *,
    participant: Participant,
    before: Diary,
    after: Diary,
    flags: Sequence[Flag],
    stages: Mapping[str, int | None],
    now: datetime,
) -> tuple[RaisedEpisode, ...]:
    """Hold the flags of ``before`` against those that ``after`` meets (the same row where another day was corrected).

    A flag that is met no longer keeps its place in its episode, with ``corrected_at``; new ones are raised.
    """
    held = list(session.scalars(_standing(before)))
    known = {_row_key(row) for row in held}
    met = {_key(flag) for flag in flags}
    fresh = [flag for flag in flags if _key(flag) not in known]
    raised = raise_flags(session, participant=participant, diary=after, flags=fresh, stages=stages, now=now)
    gone = [row for row in held if _row_key(row) not in met]
    for row in held:
        row.diary_id = after.id if row not in gone else row.diary_id
        row.corrected_at = now if row in gone else None
    for episode_id in sorted({row.episode_id for row in gone}):
        _note(session, session.get_one(Episode, episode_id), now)
    session.flush()
    return raised


def add_flags(
    session: Session,
    *,
    participant: Participant,
    diary: Diary,
    flags: Sequence[Flag],
    stages: Mapping[str, int | None],
    now: datetime,
) -> tuple[RaisedEpisode, ...]:
    """Raise those that a stored report meets now and did not before; the others stand as they are."""
    known = {_row_key(row) for row in session.scalars(_standing(diary))}
    fresh = [flag for flag in flags if _key(flag) not in known]
    return raise_flags(session, participant=participant, diary=diary, flags=fresh, stages=stages, now=now)


def _standing(diary: Diary) -> Select[FlagRow]:
    return select(FlagRow).where(FlagRow.diary_id == diary.id, FlagRow.corrected_at.is_(None)).order_by(FlagRow.id)


def _key(flag: Flag) -> Key:
    evidence = json.dumps(flag.evidence.to_json(), sort_keys=True)
    return flag.rule_id, flag.rule_version, str(flag.organ), str(flag.severity), evidence


def _row_key(row: FlagRow) -> Key:
    return row.rule_id, row.rule_version, row.organ, row.severity, json.dumps(row.evidence, sort_keys=True)


def _note(session: Session, episode: Episode, now: datetime) -> None:
    session.add(
        EpisodeStep(
            participant_id=episode.participant_id,
            episode_id=episode.id,
            kind=CORRECT,
            from_state=None,
            to_state=episode.state,
            at=now,
        )
    )
