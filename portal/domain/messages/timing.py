"""When a text may go: local hours turned into instants, quiet hours, and how long to wait before the next try."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Final, Protocol

from portal.domain.local_time import local_instant
from portal.domain.protocol import Reminders

FIRST_RETRY: Final = timedelta(seconds=15)
LONGEST_RETRY: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class SendWindow:
    """From ``not_before_at`` a text is due; from ``expires_at`` it would be stale."""

    not_before_at: datetime
    expires_at: datetime

    def opens_within(self, now: datetime, horizon: timedelta) -> bool:
        """Worth a row now: not stale, and due before the horizon ends."""
        return self.not_before_at < self.expires_at and self.expires_at > now and self.not_before_at <= now + horizon


class QuietHours(Protocol):
    """Local hours in which no text goes, for example the protocol's ``Reminders``."""

    @property
    def quiet_from(self) -> time: ...
    @property
    def quiet_until(self) -> time: ...


@dataclass(frozen=True, slots=True)
class DestinationQuietHours:
    """A destination's own quiet hours."""

    quiet_from: time
    quiet_until: time


@dataclass(frozen=True, slots=True)
class SendPace:
    """How a worker sends: ``threads`` calls at once, ``per_second`` at most.

    The lease must outlast the call and the provider's delay in listing what it took; what is left over is how long a
    claim may wait before its call (``slack``). A worker that was asleep for longer gives the row back instead. A lease
    and a tick are what a text waits whose worker was killed: together less than half a minute.
    """

    threads: int = 16
    per_second: float = 100.0
    call_timeout: timedelta = timedelta(seconds=5)
    listing_delay: timedelta = timedelta(seconds=10)
    lease: timedelta = timedelta(seconds=20)
    longest_tick: timedelta = timedelta(minutes=5)

    def __post_init__(self) -> None:
        if self.slack <= timedelta(0):
            raise ValueError("the lease must be longer than the call and the provider's listing delay together")

    @property
    def slack(self) -> timedelta:
        return self.lease - self.call_timeout - self.listing_delay


def midnight_after(day: date, zone: tzinfo) -> datetime:
    return local_instant(day + timedelta(days=1), time(0), zone)


def diary_window(day: date, at: time, zone: tzinfo, reminders: Reminders) -> SendWindow:
    """At the person's hour, for some hours, and never into the next day."""
    opens = local_instant(day, at, zone)
    closes = min(opens + timedelta(hours=reminders.expires_after_hours), midnight_after(day, zone))
    return SendWindow(opens, closes)


def nudge_window(day: date, at: time, zone: tzinfo, reminders: Reminders, *, late_until: time) -> SendWindow:
    """Some hours after the reminder, or when the night is over; as long as that day's diary may still be sent."""
    asked = local_instant(day, at, zone) + timedelta(hours=reminders.nudge_after_hours)
    opens = end_of_quiet(asked, zone, reminders) if is_quiet(asked, zone, reminders) else asked
    last = local_instant(day + timedelta(days=1), late_until, zone)
    return SendWindow(opens, min(opens + timedelta(hours=reminders.expires_after_hours), last))


def evening_window(appointment: datetime, zone: tzinfo, reminders: Reminders) -> SendWindow:
    """The evening before: the text says "tomorrow", so it ends at midnight."""
    day = appointment.astimezone(zone).date() - timedelta(days=1)
    return SendWindow(local_instant(day, reminders.infusion_evening_at, zone), midnight_after(day, zone))


def morning_window(appointment: datetime, zone: tzinfo, reminders: Reminders) -> SendWindow:
    """That morning, until the appointment itself."""
    day = appointment.astimezone(zone).date()
    return SendWindow(local_instant(day, reminders.infusion_morning_at, zone), appointment)


def is_quiet(at: datetime, zone: tzinfo, reminders: QuietHours) -> bool:
    """Whether a text must wait. The minute at which quiet begins still counts as before it."""
    local = at.astimezone(zone).time().replace(second=0, microsecond=0)
    if reminders.quiet_from > reminders.quiet_until:
        return local > reminders.quiet_from or local < reminders.quiet_until
    return reminders.quiet_from < local < reminders.quiet_until


def first_not_quiet(at: datetime, zone: tzinfo, hours: Sequence[QuietHours]) -> datetime:
    """The next instant at which none of several quiet hours holds; ``at`` itself when none does."""
    for _ in range(len(hours) + 1):
        held = [one for one in hours if is_quiet(at, zone, one)]
        if not held:
            break
        at = max(end_of_quiet(at, zone, one) for one in held)
    return at


def end_of_quiet(at: datetime, zone: tzinfo, reminders: QuietHours) -> datetime:
    """The next instant at which texts may go."""
    local = at.astimezone(zone)
    day = local.date()
    if local.time() >= reminders.quiet_until:
        day += timedelta(days=1)
    return local_instant(day, reminders.quiet_until, zone)


def retry_delay(attempts: int, *, jitter: float) -> timedelta:
    """How long to wait after a failed try: doubling, with ``jitter`` (0 to 1) spreading it from half to the whole."""
    longest = min(FIRST_RETRY * (1 << min(attempts, 16)), LONGEST_RETRY)
    return longest * (0.5 + jitter / 2)
