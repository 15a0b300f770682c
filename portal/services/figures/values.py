"""The figures as pages read them: frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from portal.domain.proportions import Middle, Rate, Share

Arm = str | None


@dataclass(frozen=True, slots=True)
class Answering:
    """Alerts of one severity. ``minutes``: until somebody looked."""

    severity: str
    raised: int
    seen_in_time: Share
    closed_in_time: Share
    minutes: Middle
    led_to_action: Share


@dataclass(frozen=True, slots=True)
class Parity:
    """One arm's part of the watching. ``minutes``: until somebody looked at a red."""

    arm: str
    completion: Share
    calls: Rate
    reminders: Rate
    flagged: Share
    minutes: Middle


@dataclass(frozen=True, slots=True)
class Week:
    """A week since the transplant (1: days 1-7) and its completion by arm."""

    number: int
    by_arm: Mapping[str, Share]


@dataclass(frozen=True, slots=True)
class Month:
    """Enrolment by the end of a month: how many altogether, and how many were planned by then."""

    first_on: date
    enrolled: int
    so_far: int
    planned: int


@dataclass(frozen=True, slots=True)
class Figures:
    completion: Share
    by_day: Mapping[tuple[str, int], Share]
    weeks: tuple[Week, ...]
    missed: Mapping[str, int]
    answering: tuple[Answering, ...]
    flagged: Mapping[str, Share]
    parity: tuple[Parity, ...]
    months: tuple[Month, ...]


@dataclass(frozen=True, slots=True)
class Alert:
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
