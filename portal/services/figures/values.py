"""The figures as pages read them: frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from portal.domain.proportions import MedianInterval, Rate, Share

Arm = str | None


@dataclass(frozen=True, slots=True)
class ResponseTimes:
    """Alerts of one severity. ``minutes``: until somebody looked."""

    severity: str
    raised: int
    seen_in_time: Share
    closed_in_time: Share
    minutes: MedianInterval
    led_to_action: Share


@dataclass(frozen=True, slots=True)
class ArmParity:
    """One arm's part of the watching. ``minutes``: until somebody looked at a red."""

    arm: str
    completion: Share
    calls: Rate
    reminders: Rate
    flagged: Share
    minutes: MedianInterval


@dataclass(frozen=True, slots=True)
class WeekCompletion:
    """A week since the transplant (1: days 1-7) and its completion by arm."""

    number: int
    by_arm: Mapping[str, Share]


@dataclass(frozen=True, slots=True)
class MonthEnrolment:
    """Enrolment by the end of a month: how many altogether, and how many were planned by then."""

    first_on: date
    enrolled: int
    so_far: int
    planned: int


@dataclass(frozen=True, slots=True)
class StudyMetrics:
    completion: Share
    by_day: Mapping[tuple[str, int], Share]
    weeks: tuple[WeekCompletion, ...]
    missed: Mapping[str, int]
    answering: tuple[ResponseTimes, ...]
    flagged: Mapping[str, Share]
    parity: tuple[ArmParity, ...]
    months: tuple[MonthEnrolment, ...]


@dataclass(frozen=True, slots=True)
class EpisodeAlert:
    """An episode that opened, worsened or recurred, and when somebody next claimed and closed it."""

    arm: Arm
    severity: str
    episode_id: int
    at: datetime
    claimed_at: datetime | None
    closed_at: datetime | None

    @property
    def minutes(self) -> float | None:
        return (self.claimed_at - self.at).total_seconds() / 60 if self.claimed_at else None
