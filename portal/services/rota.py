"""Who answers at a site in which week: read by alerts and escalation, set by coordinators and investigators."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import protocols
from portal.domain.access import GRANTS, Actor, Permission, Role, require_permission
from portal.domain.diary import local_day
from portal.domain.errors import Invalid
from portal.domain.msgid import N_
from portal.domain.tasks import monday_of
from portal.models.people import Staff
from portal.models.rota import RotaWeek
from portal.services import audit
from portal.services.scope import check_sites, within_sites

WEEKS_AHEAD = 8
ANSWERING = frozenset(str(role) for role in Role if Permission.TRIAGE_ACT in GRANTS[role])


@dataclass(frozen=True, slots=True)
class Duty:
    """Staff ids: who is alerted first, who second, and the principal investigator."""

    first_id: int
    second_id: int
    principal_id: int

    def __contains__(self, staff_id: object) -> bool:
        return staff_id in (self.first_id, self.second_id, self.principal_id)


@dataclass(frozen=True, slots=True)
class RotaMember:
    id: int
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class RotaWeekView:
    """``duty`` None: nobody has been named yet."""

    site: str
    monday_on: date
    duty: Duty | None


def find_duty(session: Session, *, site: str, now: datetime) -> Duty | None:
    """Who answers at the site now; None when nobody has been named, or one of them has left the site."""
    row = session.scalars(
        select(RotaWeek).where(RotaWeek.site == site, RotaWeek.monday_on == current_week(now))
    ).one_or_none()
    if row is None:
        return None
    duty = Duty(row.first_id, row.second_id, row.principal_id)
    ids = {row.first_id, row.second_id, row.principal_id}
    rows = session.execute(select(Staff.id, Staff.sites).where(Staff.id.in_(ids), Staff.active.is_(True)))
    return duty if {staff_id for staff_id, sites in rows if site in sites} == ids else None


def list_uncovered_sites(session: Session, *, actor: Actor, now: datetime) -> tuple[str, ...]:
    """Those of the actor's sites at which nobody is named this week, or somebody named has left. One statement."""
    rows = session.execute(
        select(RotaWeek, Staff.id, Staff.sites)
        .outerjoin(
            Staff,
            Staff.id.in_((RotaWeek.first_id, RotaWeek.second_id, RotaWeek.principal_id)) & Staff.active.is_(True),
        )
        .where(within_sites(actor, RotaWeek.site), RotaWeek.monday_on == current_week(now))
    )
    missing: dict[str, set[int]] = {}
    for week, staff_id, of_sites in rows:
        named = missing.setdefault(week.site, {week.first_id, week.second_id, week.principal_id})
        if week.site in (of_sites or ()):
            named.discard(staff_id)
    return tuple(site for site in sorted(actor.sites) if site not in missing or missing[site])


def current_week(now: datetime) -> date:
    """The Monday of the week that it is at the hospital."""
    return monday_of(local_day(now, protocols.load_protocol().timezone))


def list_weeks(session: Session, *, actor: Actor, site: str, now: datetime) -> tuple[RotaWeekView, ...]:
    """This week and those ahead, named or not. Raises NotFound for another site."""
    check_sites(actor, site)
    first = current_week(now)
    mondays = [first + timedelta(weeks=ahead) for ahead in range(WEEKS_AHEAD)]
    rows = session.scalars(select(RotaWeek).where(RotaWeek.site == site, RotaWeek.monday_on.in_(mondays)))
    known = {row.monday_on: Duty(row.first_id, row.second_id, row.principal_id) for row in rows}
    return tuple(RotaWeekView(site, monday, known.get(monday)) for monday in mondays)


def list_rota_members(session: Session, *, actor: Actor, site: str) -> tuple[RotaMember, ...]:
    """Who of the site may act on an episode, by name. Raises NotFound for another site."""
    check_sites(actor, site)
    rows = session.scalars(select(Staff).where(Staff.active.is_(True), Staff.role.in_(ANSWERING)))
    return tuple(sorted(_of_site(rows, site), key=lambda person: (person.name, person.id)))


def _of_site(rows: Iterable[Staff], site: str) -> Iterable[RotaMember]:
    return (RotaMember(row.id, row.name, row.role) for row in rows if site in row.sites)


def set_week(session: Session, *, actor: Actor, site: str, monday_on: date, duty: Duty, now: datetime) -> None:
    """Set a week's duty. Invalid, by field, for staff who may not act there or a week that is over."""
    require_permission(actor, Permission.ROTA_SET, site=site)
    found = _problems(session, actor=actor, site=site, monday_on=monday_on, duty=duty, now=now)
    if found:
        raise Invalid(problems=found)
    audit.begin(session, actor=actor, action="rota:set", now=now)
    row = session.scalars(
        select(RotaWeek).where(RotaWeek.site == site, RotaWeek.monday_on == monday_on).with_for_update()
    ).one_or_none()
    if row is None:
        row = RotaWeek(site=site, monday_on=monday_on)
        session.add(row)
    row.first_id, row.second_id, row.principal_id = duty.first_id, duty.second_id, duty.principal_id
    session.flush()


def _problems(
    session: Session, *, actor: Actor, site: str, monday_on: date, duty: Duty, now: datetime
) -> dict[str, str]:
    """What forbids naming these people, as msgids by field; empty when nothing does."""
    roles = {person.id: person.role for person in list_rota_members(session, actor=actor, site=site)}
    found = {
        "monday_on": None
        if monday_on >= current_week(now) and monday_on.weekday() == 0
        else N_("Choose a week ahead."),
        "first_id": None if duty.first_id in roles else N_("Choose who is told first."),
        "second_id": None if duty.second_id in roles else N_("Choose who is told next."),
        "principal_id": None if roles.get(duty.principal_id) == Role.INVESTIGATOR else N_("Choose an investigator."),
    }
    if not found["second_id"] and duty.second_id == duty.first_id:
        found["second_id"] = N_("Choose two different people.")
    return {field: problem for field, problem in found.items() if problem}
