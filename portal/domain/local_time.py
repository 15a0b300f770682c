"""Local days and hours as instants."""

from datetime import UTC, date, datetime, time, tzinfo


def local_instant(day: date, wall: time, zone: tzinfo) -> datetime:
    """The UTC instant of a local hour. An hour that the clock skips comes as much later; of two, the first."""
    return datetime.combine(day, wall.replace(fold=0), tzinfo=zone).astimezone(UTC)
