"""The rows behind each number of the figures, a page at a time by key: what is added up there can be counted here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from sqlalchemy.orm import Session

from portal.domain.access import Actor
from portal.services.figures.drilldown_events import alerts, closed, missed, reports
from portal.services.figures.drilldown_people import calls, completion, enrolled, reminders
from portal.services.figures.filters import Asked, Behind, Keyed


@dataclass(frozen=True, slots=True)
class Rows:
    """``next_after``: to be asked for next; None on the last page."""

    rows: tuple[Behind, ...]
    next_after: str | None


def rows(session: Session, *, actor: Actor, kind: str, asked: Asked) -> Rows:
    """A page of one of ``KINDS``, of the actor's sites."""
    found = KINDS[kind](session, actor, asked)
    shown = found[: asked.limit]
    return Rows(tuple(row for _, row in shown), str(shown[-1][0]) if len(found) > asked.limit else None)


KINDS: Final[Mapping[str, Callable[[Session, Actor, Asked], Keyed]]] = MappingProxyType(
    {
        "completion": completion,
        "reports": reports,
        "missed": missed,
        "alerts": alerts,
        "closed": closed,
        "calls": calls,
        "reminders": reminders,
        "enrolled": enrolled,
    }
)
