"""Tasks beside episodes: what kinds there are, when each is due, and which week of the rota an instant belongs to."""

from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from portal.domain.alert_rules import Severity
from portal.domain.protocol import Deadlines
from portal.domain.triage import acknowledge_by

ASSUMPTION_DAYS = 14
RECONSENT_DAYS_BEFORE = 14


class TaskKind(StrEnum):
    BILIRUBIN_WANTED = "bilirubin-wanted"
    CALL_NO_DIARY = "call-no-diary"
    UNREACHABLE_PHONE = "unreachable-phone"
    TEXT_FAILED = "text-failed"
    RECONSENT_18 = "reconsent-18"
    ASSUMPTION = "assumption"
    SERIOUS_EVENT = "serious-event"
    SCHEDULED_BILIRUBIN = "scheduled-bilirubin"
    WEIGHT_TO_CONFIRM = "weight-to-confirm"


class TaskClosure(StrEnum):
    """``reason``: a person gave one. ``result``, ``diary`` and ``number``: what was wanted has come."""

    REASON = "reason"
    RESULT = "result"
    DIARY = "diary"
    NUMBER = "number"


SETTLED_BY = {
    TaskKind.BILIRUBIN_WANTED: TaskClosure.RESULT,
    TaskKind.SCHEDULED_BILIRUBIN: TaskClosure.RESULT,
    TaskKind.WEIGHT_TO_CONFIRM: TaskClosure.RESULT,
    TaskKind.CALL_NO_DIARY: TaskClosure.DIARY,
    TaskKind.UNREACHABLE_PHONE: TaskClosure.NUMBER,
}
# Each event is a task of its own, also while another of the participant is open.
SEPARATE = frozenset({TaskKind.SERIOUS_EVENT})


def due_in_working_time(at: datetime, *, clocks: Deadlines, timezone: str) -> datetime:
    """The deadline (UTC) of an amber episode: tasks have the same one."""
    return acknowledge_by(Severity.AMBER, at=at, clocks=clocks, timezone=timezone)


def birthday_at_age(born_on: date, age: int) -> date:
    """The day on which somebody turns ``age``; 1 March for a 29 February that the year does not have."""
    try:
        return born_on.replace(year=born_on.year + age)
    except ValueError:
        return date(born_on.year + age, 3, 1)


def start_of_day(on: date, timezone: str) -> datetime:
    """Local midnight as an instant in UTC."""
    return datetime.combine(on, time(), ZoneInfo(timezone)).astimezone(UTC)


def monday_of(on: date) -> date:
    """The Monday that begins the week of ``on``."""
    return on - timedelta(days=on.weekday())
