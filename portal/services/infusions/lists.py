"""The ward's lists over all participants: what is due, and what deviates from the protocol. Both paged by key."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, Subquery, and_, literal, or_, select, union_all
from sqlalchemy.orm import Session

from portal.domain.access import Actor
from portal.domain.infusions import AHEAD, InfusionState, VisitState
from portal.domain.protocol import Protocol
from portal.models.infusions import Infusion, Visit
from portal.models.people import Participant
from portal.services.infusions.staff_queries import InfusionView, VisitView, build_infusion_view, build_visit_view
from portal.services.scope import within_sites

PAGE: Final = 50
Key = tuple[datetime, str, int]
"""When, ``infusion`` or ``visit``, and the id."""


@dataclass(frozen=True, slots=True)
class InfusionListRow:
    """Exactly one of ``infusion`` and ``visit``. ``overdue``: its day has passed and nobody has recorded anything."""

    study_number: str
    site: str
    infusion: InfusionView | None
    visit: VisitView | None
    overdue: bool


@dataclass(frozen=True, slots=True)
class InfusionListPage:
    rows: tuple[InfusionListRow, ...]
    next_after: Key | None


def list_due(
    session: Session, *, actor: Actor, protocol: Protocol, now: datetime, after: Key | None = None
) -> InfusionListPage:
    """Of the actor's sites, soonest first: today's, what is overdue, and what was put off and waits for a new date."""
    zone = ZoneInfo(protocol.timezone)
    today_at = datetime.combine(now.astimezone(zone).date(), time(), tzinfo=zone)
    end_at = today_at + timedelta(days=1)
    infusions = or_(
        and_(Infusion.state.in_(AHEAD), Infusion.planned_at < end_at),
        Infusion.state == InfusionState.HELD,
    )
    visits = and_(Visit.state == VisitState.PLANNED, Visit.planned_at < end_at)
    return _page(session, protocol, _keys(actor, infusions, visits), after, today_at)


def list_deviations(
    session: Session, *, actor: Actor, protocol: Protocol, after: Key | None = None
) -> InfusionListPage:
    """Of the actor's sites, oldest first: every broken rule and its reason; visits missed or outside their window.

    A visit has a reason only where it deviates.
    """
    keys = _keys(actor, Infusion.deviations.is_not(None), Visit.reason.is_not(None))
    return _page(session, protocol, keys, after, None)


def _keys(actor: Actor, infusions: ColumnElement[bool], visits: ColumnElement[bool]) -> Subquery:
    def of(table: Any, kind: str, condition: ColumnElement[bool]) -> Select[Any]:
        return (
            select(table.planned_at.label("at"), literal(kind).label("kind"), table.id.label("id"))
            .join(Participant, Participant.id == table.participant_id)
            .where(within_sites(actor), condition)
        )

    return union_all(of(Infusion, "infusion", infusions), of(Visit, "visit", visits)).subquery()


def _page(
    session: Session, protocol: Protocol, keys: Subquery, after: Key | None, today_at: datetime | None
) -> InfusionListPage:
    """Three statements: the keys of the page, its infusions, its visits."""
    wanted = select(keys).order_by(keys.c.at, keys.c.kind, keys.c.id).limit(PAGE + 1)
    if after is not None:
        wanted = wanted.where(_behind(keys, after))
    found: Sequence[Any] = session.execute(wanted).all()
    rows = _rows(session, found[:PAGE], protocol, today_at)
    last = found[PAGE - 1] if len(found) > PAGE else None
    return InfusionListPage(tuple(rows), (last.at, last.kind, last.id) if last else None)


def _behind(keys: Subquery, after: Key) -> ColumnElement[bool]:
    at, kind, id_ = after
    same_time = keys.c.at == at
    return or_(
        keys.c.at > at,
        and_(same_time, keys.c.kind > kind),
        and_(same_time, keys.c.kind == kind, keys.c.id > id_),
    )


def _rows(
    session: Session, keys: Sequence[Any], protocol: Protocol, today_at: datetime | None
) -> list[InfusionListRow]:
    found: dict[tuple[str, int], tuple[Any, Participant]] = {}
    tables: tuple[tuple[str, Any], ...] = (("infusion", Infusion), ("visit", Visit))
    for kind, table in tables:
        ids = [key.id for key in keys if key.kind == kind]
        pairs = select(table, Participant).join(Participant, Participant.id == table.participant_id)
        found |= {(kind, row.id): (row, person) for row, person in session.execute(pairs.where(table.id.in_(ids)))}
    return [_row(key, *found[key.kind, key.id], protocol, today_at) for key in keys]


def _row(key: Any, row: Any, person: Participant, protocol: Protocol, today_at: datetime | None) -> InfusionListRow:
    is_infusion = key.kind == "infusion"
    return InfusionListRow(
        study_number=person.study_number,
        site=person.site,
        infusion=build_infusion_view(row, person) if is_infusion else None,
        visit=None if is_infusion else build_visit_view(row, person, protocol),
        overdue=today_at is not None and row.state in AHEAD and row.planned_at < today_at,
    )
