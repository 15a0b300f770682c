"""Why an episode stands on the list: what nobody has spoken with the participant about yet, the worst first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Row, ScalarSelect, func, select
from sqlalchemy.orm import Session

from portal.domain.alert_rules import Evidence, Organ, Severity
from portal.domain.triage import EpisodeStepKind
from portal.models.triage import EpisodeStep, Flag

# What answers everything that was raised before it.
HANDLING: Final = (EpisodeStepKind.CONTACT, EpisodeStepKind.CLOSE)


class Arrival(StrEnum):
    """What came to an episode: a report, a result or finding of staff, or a further day without a diary."""

    REPORT = "report"
    FINDING = "finding"
    SILENCE = "silence"


@dataclass(frozen=True, slots=True)
class EpisodeReason:
    """One rule that was met: its newest evidence, and since when it waits to be spoken about."""

    rule_id: str
    severity: Severity
    evidence: Evidence
    since_at: datetime


@dataclass(frozen=True, slots=True)
class EpisodeReasons:
    """``arrivals``: when each flag was raised, and what brought it. ``drafted``: the flags of diaries not sent yet."""

    reasons: tuple[EpisodeReason, ...]
    arrivals: tuple[tuple[datetime, Arrival], ...]
    drafted: tuple[Row[Any], ...]
    continues_after_at: datetime | None

    def arrival_since(self, seen_at: datetime | None) -> Arrival | None:
        """The newest thing that has come since then; None where nothing has."""
        return next((what for at, what in self.arrivals if seen_at is not None and at > seen_at), None)


def list_reasons(session: Session, episode_ids: Sequence[int]) -> dict[int, EpisodeReasons]:
    """By episode. One statement. What a correction or the participant took back is no reason any more."""
    rows = session.execute(
        select(
            Flag.episode_id, Flag.rule_id, Flag.severity, Flag.evidence, Flag.raised_at, Flag.organ, Flag.diary_id,
            Flag.draft_client_id, Flag.corrected_at, Flag.taken_back_at, _last(*HANDLING).label("handled_at"),
            _last(EpisodeStepKind.CONTACT).label("contact_at"),
            _last(EpisodeStepKind.CONTINUE).label("continued_at"),
        )
        .where(Flag.episode_id.in_(episode_ids))
        .order_by(Flag.raised_at.desc(), Flag.id)
    ).all()  # fmt: skip
    found: dict[int, list[Row[Any]]] = {episode_id: [] for episode_id in episode_ids}
    for row in rows:
        found[row.episode_id].append(row)
    return {episode_id: _reasons(of_episode) for episode_id, of_episode in found.items()}


def _last(*kinds: EpisodeStepKind) -> ScalarSelect[datetime]:
    """When the flag's episode last had a step of these kinds."""
    return (
        select(func.max(EpisodeStep.at, type_=EpisodeStep.at.type))
        .where(EpisodeStep.episode_id == Flag.episode_id, EpisodeStep.kind.in_(kinds))
        .correlate(Flag)
        .scalar_subquery()
    )


def _reasons(rows: Sequence[Row[Any]]) -> EpisodeReasons:
    """``rows``: the flags of one episode, newest first."""
    standing = [row for row in rows if row.corrected_at is None]
    waiting = [row for row in standing if row.handled_at is None or row.raised_at > row.handled_at]
    shown = waiting or [row for row in standing if row.raised_at == standing[0].raised_at]
    by_rule: dict[str, list[Row[Any]]] = {}
    for row in shown:
        by_rule.setdefault(row.rule_id, []).append(row)
    reasons = [
        EpisodeReason(
            rule_id, Severity(of[0].severity), Evidence.from_json(of[0].evidence), min(one.raised_at for one in of)
        )
        for rule_id, of in by_rule.items()
    ]
    return EpisodeReasons(
        reasons=tuple(sorted(reasons, key=lambda one: (-one.severity.rank, one.since_at))),
        arrivals=tuple((row.raised_at, _arrival(row)) for row in standing),
        drafted=tuple(row for row in reversed(rows) if row.draft_client_id is not None and row.diary_id is None),
        continues_after_at=next((row.contact_at for row in rows if _continues(row)), None),
    )


def _continues(row: Row[Any]) -> bool:
    return row.contact_at is not None and row.continued_at is not None and row.continued_at > row.contact_at


def _arrival(row: Row[Any]) -> Arrival:
    if row.organ == Organ.SILENCE:
        return Arrival.SILENCE
    is_report = row.diary_id is not None or row.draft_client_id is not None
    return Arrival.REPORT if is_report else Arrival.FINDING
