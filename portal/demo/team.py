"""The study team of the demo trial: one member of staff for each role, with passwords that anybody may read here."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final

from sqlalchemy.orm import Session

from portal.demo.dice import seeded_random
from portal.domain.access import SYSTEM, Actor, ActorKind, Role
from portal.services import rota, team

BASE32: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
SITES: Final = frozenset({"RJ"})
WEEKS_NAMED: Final = 6


@dataclass(frozen=True, slots=True)
class DemoMember:
    role: Role
    name: str
    language: str
    password: str


MEMBERS: Final = (
    DemoMember(Role.COORDINATOR, "沈雅琴", "zh-CN", "lotus-bridge-morning"),
    DemoMember(Role.INVESTIGATOR, "陆文渊", "zh-CN", "willow-lantern-seven"),
    DemoMember(Role.DATA_MANAGER, "邵晨", "zh-CN", "paper-crane-library"),
    DemoMember(Role.MONITOR, "Helen Marsh", "en", "quiet-river-compass"),
    DemoMember(Role.STATISTICIAN, "顾念慈", "zh-CN", "copper-kite-orchard"),
    DemoMember(Role.ADMINISTRATOR, "Oliver Grant", "en", "amber-window-harbour"),
)


@dataclass(frozen=True, slots=True)
class DemoStaff:
    """A member of staff as ``demo.json`` names one."""

    email: str
    password: str
    totp_secret: str
    role: Role


@dataclass(frozen=True, slots=True)
class DemoTeam:
    """The demo staff accounts, and the actors of the demo trial's past."""

    staff: tuple[DemoStaff, ...]
    actors: Mapping[Role, Actor]

    @property
    def coordinator(self) -> Actor:
        return self.actors[Role.COORDINATOR]

    @property
    def investigator(self) -> Actor:
        return self.actors[Role.INVESTIGATOR]


def create_team(session: Session, *, seed: int, now: datetime) -> DemoTeam:
    """Make every member's account. Secrets of the one-time codes come from the seed."""
    staff, actors = [], {}
    for place, member in enumerate(MEMBERS, 1):
        throw = seeded_random(seed, "staff", member.role)
        secret = "".join(throw.choice(BASE32) for _ in range(32))
        email = f"{member.role}@demo.example"
        created = team.create_staff(
            session,
            actor=SYSTEM,
            email=email,
            name=member.name,
            role=member.role,
            sites=SITES,
            password=member.password,
            now=now,
            language=member.language,
            phone=f"+861990001{place:04}",
            totp_secret=secret,
        )
        staff.append(DemoStaff(email, member.password, secret, member.role))
        actors[member.role] = Actor(ActorKind.STAFF, member.role, created.id, sites=SITES)
    return DemoTeam(tuple(staff), MappingProxyType(actors))


def fill_rota(session: Session, *, team: DemoTeam, now: datetime) -> None:
    """The rota from this week on: the coordinator first, then the investigator."""
    doctor = int(team.investigator.id or 0)
    duty = rota.Duty(first_id=int(team.coordinator.id or 0), second_id=doctor, principal_id=doctor)
    for site in sorted(SITES):
        for week in rota.list_weeks(session, actor=team.coordinator, site=site, now=now)[:WEEKS_NAMED]:
            rota.set_week(session, actor=team.coordinator, site=site, monday_on=week.monday_on, duty=duty, now=now)
