"""Timeline entries: one frozen value for each kind of event."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from portal.domain.alert_rules import Evidence
from portal.domain.protocol import LocalizedText


@dataclass(frozen=True, slots=True)
class DiaryEntry:
    """One report; ``evidence`` is what it raised."""

    at: datetime
    diary_id: int
    diary_on: date
    timing: str
    severity: str | None
    answered_by: str
    evidence: tuple[Evidence, ...]
    corrected_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class InfusionEntry:
    at: datetime
    number: int
    state: str
    moved: bool


@dataclass(frozen=True, slots=True)
class VisitEntry:
    at: datetime
    name: LocalizedText
    state: str


@dataclass(frozen=True, slots=True)
class MessageEntry:
    """``at`` is when it went, else when it was to go."""

    at: datetime
    kind: str
    state: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class StepEntry:
    """``name`` is None where a report did it."""

    at: datetime
    episode_id: int
    organ: str
    kind: str
    name: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class ParticipationEntry:
    """A step of the participation; ``by`` is the staff member's name, else an account's role, else None: a job."""

    at: datetime
    kind: str
    reason: str | None
    by: str | None


@dataclass(frozen=True, slots=True)
class CallEntry:
    at: datetime
    whom: str
    outcome: str
    name: str
    note: str | None


@dataclass(frozen=True, slots=True)
class ResultEntry:
    at: datetime
    kind: str
    value: Decimal
    unit: str
    voided: bool


@dataclass(frozen=True, slots=True)
class AssessmentEntry:
    """``grade`` None: an organ was not assessed. ``signed``: this very version."""

    at: datetime
    assessment_id: int
    grade: str | None
    at_least: str
    certainty: str
    name: str
    signed: bool


@dataclass(frozen=True, slots=True)
class MissedEntry:
    """A diary that did not come, at the time at which that was judged."""

    at: datetime
    missed_on: date
    in_row: int
    severity: str | None


Entry = (
    DiaryEntry
    | InfusionEntry
    | VisitEntry
    | MessageEntry
    | StepEntry
    | ParticipationEntry
    | CallEntry
    | ResultEntry
    | AssessmentEntry
    | MissedEntry
)
