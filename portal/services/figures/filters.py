"""Which rows of a number are asked for, and what one of them says."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement

from portal.domain.access import Actor
from portal.models.people import Participant
from portal.services.scope import within_sites

PAGE_SIZE: Final = 100


@dataclass(frozen=True, slots=True)
class DrilldownFilter:
    """Which rows of a number. ``level``: red, amber or (a missed diary) listed. Study days and the month inclusive."""

    now: datetime
    arm: str | None = None
    level: str | None = None
    first_day: int = 0
    last_day: int = 10_000
    month_on: date | None = None
    after: str = ""
    limit: int = PAGE_SIZE

    def conditions(self, actor: Actor) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = [within_sites(actor)]
        return found if self.arm is None else [*found, Participant.arm == self.arm]

    @property
    def after_id(self) -> int:
        return int(self.after) if self.after.isdecimal() and len(self.after) < 18 else 0


@dataclass(frozen=True, slots=True)
class DrilldownRow:
    """One row; what its kind does not have is None. ``count`` of ``of`` diaries, or a number of calls or reminders."""

    study_number: str
    arm: str | None
    on: date | None = None
    at: datetime | None = None
    level: str | None = None
    count: int | None = None
    of: int | None = None
    diary_id: int | None = None
    episode_id: int | None = None
    organ: str | None = None
    seen_at: datetime | None = None
    closed_at: datetime | None = None
    outcome: str | None = None


KeyedRows = list[tuple[Any, DrilldownRow]]
