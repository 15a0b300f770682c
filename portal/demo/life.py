"""One participant's time in the trial: what is still to happen, in the order of its hours."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from portal.demo.dice import seeded_random
from portal.demo.roster import DemoParticipant
from portal.demo.team import DemoTeam
from portal.domain.access import Actor
from portal.domain.infusions import study_day
from portal.domain.messages import local_instant
from portal.domain.protocol import Protocol

LifeTask = Callable[[datetime], None]


@dataclass
class ParticipantLife:
    """Tasks are called with the instant at which they happen; what would be after ``until`` never does.

    ``last_day``: the last day with a diary of its own accord. ``unattended_from``: nobody has looked since then.
    ``participant_id`` and ``holders`` (actors, the participant first) are there once the person is registered.
    ``next_act``: what the ward is about to do, by episode; ``settled``: the episodes that it has closed at once before.
    ``assessed``: a doctor has graded the disease.
    """

    session: Session
    person: DemoParticipant
    team: DemoTeam
    protocol: Protocol
    seed: int
    until: datetime
    last_day: date
    unattended_from: datetime | None = None
    participant_id: int = 0
    holders: tuple[Actor, ...] = ()
    next_act: dict[int, object] = field(default_factory=dict)
    settled: set[int] = field(default_factory=set)
    assessed: bool = False
    _tasks: list[tuple[datetime, int, LifeTask]] = field(default_factory=list)
    _order: int = 0

    def plan(self, at: datetime, task: LifeTask) -> None:
        if at <= self.until:
            self._order += 1
            heapq.heappush(self._tasks, (at, self._order, task))

    def run(self) -> None:
        while self._tasks:
            at, _, task = heapq.heappop(self._tasks)
            task(at)

    def dice(self, *words: object) -> Random:
        return seeded_random(self.seed, self.person.number, *words)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.protocol.timezone)

    def at(self, day: date, wall: time) -> datetime:
        """A local hour as an instant."""
        return local_instant(day, wall, self.zone)

    def day(self, at: datetime) -> date:
        return at.astimezone(self.zone).date()

    def study_day(self, on: date) -> int:
        return study_day(on, self.person.transplant_on)

    def next_working(self, at: datetime) -> datetime:
        """``at`` itself within the ward's working hours, else the next time they begin."""
        clocks, local = self.protocol.clocks, at.astimezone(self.zone)
        day, wall = local.date(), local.time()
        if self._works(day) and clocks.working_from <= wall < clocks.working_until:
            return at
        if wall >= clocks.working_from:
            day += timedelta(days=1)
        while not self._works(day):
            day += timedelta(days=1)
        return self.at(day, clocks.working_from)

    def _works(self, day: date) -> bool:
        clocks = self.protocol.clocks
        return day in clocks.extra_working_days or (
            day.isoweekday() in clocks.working_weekdays and day not in clocks.holidays
        )
