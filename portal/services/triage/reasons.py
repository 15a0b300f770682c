"""Why an episode stands on the list: what nobody has spoken with the participant about yet, the worst first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from portal.domain.alert_rules import Evidence, Organ, Severity
from portal.domain.triage import EpisodeStepKind
from portal.models.triage import EpisodeStep, Flag

# What answers everything that was raised before it.
HANDLING: Final = (EpisodeStepKind.CONTACT, EpisodeStepKind.CLOSE)
TOLD_OF: Final = (*HANDLING, EpisodeStepKind.CONTINUE)


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
    """``arrivals``: when each flag was raised, and what brought it."""

    reasons: tuple[EpisodeReason, ...]
    arrivals: tuple[tuple[datetime, Arrival], ...]
    continues_after_at: datetime | None

    def arrival_since(self, seen_at: datetime | None) -> Arrival | None:
        """The newest thing that has come since then; None where nothing has."""
        return next((what for at, what in self.arrivals if seen_at is not None and at > seen_at), None)


def list_reasons(session: Session, episode_ids: Sequence[int]) -> dict[int, EpisodeReasons]:
    """By episode. Two statements. What a correction or the participant took back is no reason any more."""
    rows = session.execute(
        select(Flag.episode_id, Flag.rule_id, Flag.severity, Flag.evidence, Flag.raised_at, Flag.organ, Flag.diary_id,
               Flag.draft_client_id)
        .where(Flag.episode_id.in_(episode_ids), Flag.corrected_at.is_(None))
        .order_by(Flag.raised_at.desc(), Flag.id)
    ).all()  # fmt: skip
    steps = session.execute(
        select(EpisodeStep.episode_id, EpisodeStep.kind, func.max(EpisodeStep.at, type_=EpisodeStep.at.type))
        .where(EpisodeStep.episode_id.in_(episode_ids), EpisodeStep.kind.in_(TOLD_OF))
        .group_by(EpisodeStep.episode_id, EpisodeStep.kind)
    ).all()
    return {
        episode_id: _reasons(
            [row for row in rows if row.episode_id == episode_id],
            {kind: at for of, kind, at in steps if of == episode_id},
        )
        for episode_id in episode_ids
    }


def _reasons(rows: Sequence[Row[Any]], steps: dict[str, datetime]) -> EpisodeReasons:
    """``rows``: the flags of one episode, newest first."""
    handled_at = max((steps[kind] for kind in HANDLING if kind in steps), default=None)
    waiting = [row for row in rows if handled_at is None or row.raised_at > handled_at]
    shown = waiting or [row for row in rows if row.raised_at == rows[0].raised_at]
    by_rule: dict[str, list[Row[Any]]] = {}
    for row in shown:
        by_rule.setdefault(row.rule_id, []).append(row)
    reasons = [
        EpisodeReason(
            rule_id, Severity(of[0].severity), Evidence.from_json(of[0].evidence), min(one.raised_at for one in of)
        )
        for rule_id, of in by_rule.items()
    ]
    contact_at, continued_at = steps.get(EpisodeStepKind.CONTACT), steps.get(EpisodeStepKind.CONTINUE)
    continues = contact_at is not None and continued_at is not None and continued_at > contact_at
    return EpisodeReasons(
        reasons=tuple(sorted(reasons, key=lambda one: (-one.severity.rank, one.since_at))),
        arrivals=tuple((row.raised_at, _arrival(row)) for row in rows),
        continues_after_at=contact_at if continues else None,
    )


def _arrival(row: Row[Any]) -> Arrival:
    if row.organ == Organ.SILENCE:
        return Arrival.SILENCE
    is_report = row.diary_id is not None or row.draft_client_id is not None
    return Arrival.REPORT if is_report else Arrival.FINDING
