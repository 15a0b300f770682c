"""Who of the study team is signed in, as the pages know them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from portal.domain.access import Actor, ActorKind, Role
from portal.models.people import Staff


@dataclass(frozen=True, slots=True)
class StaffUser:
    """A member of the study team; ``sites`` are the codes of those they may see.

    ``session_id`` and ``confirmed_at`` are of the session that this was read from: when password and one-time code
    were last given in it. ``by_recovery``: a recovery code has just been used.
    """

    id: int
    epoch: int
    role: Role
    sites: frozenset[str]
    language: str
    name: str
    timezone: str | None = None
    session_id: int | None = None
    confirmed_at: datetime | None = None
    by_recovery: bool = False
    kind: Literal["staff"] = "staff"

    @property
    def actor(self) -> Actor:
        return Actor(kind=ActorKind.STAFF, role=self.role, id=self.id, sites=self.sites)


def build_staff_user(staff: Staff) -> StaffUser:
    return StaffUser(
        id=staff.id,
        epoch=staff.epoch,
        role=staff.role,
        sites=frozenset(staff.sites),
        language=staff.language,
        name=staff.name,
    )
