"""The rows behind each number of the figures, a page at a time by key: what is added up there can be counted here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from sqlalchemy.orm import Session

from portal.domain.access import Actor
from portal.services.figures.drilldown_events import (
    list_alert_rows,
    list_closed_rows,
    list_missed_rows,
    list_report_rows,
)
from portal.services.figures.drilldown_people import (
    list_call_rows,
    list_completion_rows,
    list_enrolled_rows,
    list_reminder_rows,
)
from portal.services.figures.filters import DrilldownFilter, DrilldownRow, KeyedRows


@dataclass(frozen=True, slots=True)
class DrilldownPage:
    """``next_after``: to be asked for next; None on the last page."""

    rows: tuple[DrilldownRow, ...]
    next_after: str | None


def list_drilldown_rows(session: Session, *, actor: Actor, kind: str, asked: DrilldownFilter) -> DrilldownPage:
    """A page of one of ``KINDS``, of the actor's sites."""
    found = KINDS[kind](session, actor, asked)
    shown = found[: asked.limit]
    return DrilldownPage(tuple(row for _, row in shown), str(shown[-1][0]) if len(found) > asked.limit else None)


KINDS: Final[Mapping[str, Callable[[Session, Actor, DrilldownFilter], KeyedRows]]] = MappingProxyType(
    {
        "completion": list_completion_rows,
        "reports": list_report_rows,
        "missed": list_missed_rows,
        "alerts": list_alert_rows,
        "closed": list_closed_rows,
        "calls": list_call_rows,
        "reminders": list_reminder_rows,
        "enrolled": list_enrolled_rows,
    }
)
