"""Whether somebody takes part, and what may change that: by whom, and whether there is a way back.

Only ``active`` has automatic contact. What ends a participation closes every account of it; life may take back a pause,
a silence and what was recorded by mistake, and each way back is a line of the table like any other.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from portal.domain.access import Role
from portal.domain.errors import Conflict, NotAllowed


class ParticipationStatus(StrEnum):
    ACTIVE = "active"
    PAUSED = "paused"
    WITHDRAWN = "withdrawn"
    LOST = "lost"
    DIED = "died"
    COMPLETED = "completed"


class ParticipationStepKind(StrEnum):
    """``find``: somebody lost is there again. ``reinstate``: an end that was recorded by mistake is taken back."""

    PAUSE = "pause"
    RESUME = "resume"
    WITHDRAW = "withdraw"
    LOSE = "lose"
    FIND = "find"
    DIE = "die"
    COMPLETE = "complete"
    REINSTATE = "reinstate"


class DiaryDuringStay(StrEnum):
    """Who keeps the diary while the participant is in hospital: the ward, or nobody."""

    WARD = "ward"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class ParticipationChange:
    """Where a step leads and who may take it. The study team gives a reason; nobody else has to."""

    to: ParticipationStatus
    by: frozenset[Role]


S = ParticipationStatus
TEAM: Final = frozenset({Role.COORDINATOR, Role.INVESTIGATOR})
INVESTIGATOR: Final = frozenset({Role.INVESTIGATOR})
OWN: Final = frozenset({Role.PARTICIPANT, Role.GUARDIAN})
CLOCK: Final = frozenset({Role.SYSTEM})
TRANSITIONS: Final[Mapping[tuple[ParticipationStatus, ParticipationStepKind], ParticipationChange]] = MappingProxyType(
    {
        (S.ACTIVE, ParticipationStepKind.PAUSE): ParticipationChange(S.PAUSED, TEAM),
        (S.ACTIVE, ParticipationStepKind.WITHDRAW): ParticipationChange(S.WITHDRAWN, TEAM | OWN),
        (S.ACTIVE, ParticipationStepKind.LOSE): ParticipationChange(S.LOST, TEAM),
        (S.ACTIVE, ParticipationStepKind.DIE): ParticipationChange(S.DIED, TEAM),
        (S.ACTIVE, ParticipationStepKind.COMPLETE): ParticipationChange(S.COMPLETED, TEAM),
        (S.PAUSED, ParticipationStepKind.PAUSE): ParticipationChange(S.PAUSED, TEAM),
        (S.PAUSED, ParticipationStepKind.RESUME): ParticipationChange(S.ACTIVE, TEAM | CLOCK),
        (S.PAUSED, ParticipationStepKind.WITHDRAW): ParticipationChange(S.WITHDRAWN, TEAM | OWN),
        (S.PAUSED, ParticipationStepKind.LOSE): ParticipationChange(S.LOST, TEAM),
        (S.PAUSED, ParticipationStepKind.DIE): ParticipationChange(S.DIED, TEAM),
        (S.PAUSED, ParticipationStepKind.COMPLETE): ParticipationChange(S.COMPLETED, TEAM),
        (S.LOST, ParticipationStepKind.FIND): ParticipationChange(S.ACTIVE, TEAM),
        (S.LOST, ParticipationStepKind.WITHDRAW): ParticipationChange(S.WITHDRAWN, TEAM),
        (S.LOST, ParticipationStepKind.DIE): ParticipationChange(S.DIED, TEAM),
        (S.COMPLETED, ParticipationStepKind.WITHDRAW): ParticipationChange(S.WITHDRAWN, TEAM),
        (S.COMPLETED, ParticipationStepKind.DIE): ParticipationChange(S.DIED, TEAM),
        (S.WITHDRAWN, ParticipationStepKind.REINSTATE): ParticipationChange(S.ACTIVE, INVESTIGATOR),
        (S.DIED, ParticipationStepKind.REINSTATE): ParticipationChange(S.ACTIVE, INVESTIGATOR),
        (S.COMPLETED, ParticipationStepKind.REINSTATE): ParticipationChange(S.ACTIVE, INVESTIGATOR),
    }
)
TAKING_PART: Final = frozenset({S.ACTIVE, S.PAUSED})  # accounts are open; every other state is an end


def allowed_steps(state: str, role: Role) -> tuple[ParticipationStepKind, ...]:
    """What somebody in this role may do now, in the order of the table."""
    return tuple(step for (before, step), change in TRANSITIONS.items() if before == state and role in change.by)


def next_status(state: str, step: ParticipationStepKind, role: Role) -> ParticipationStatus:
    """Where the step leads. ``Conflict`` when it cannot be taken any more, ``NotAllowed`` when not by this role."""
    change = TRANSITIONS.get((ParticipationStatus(state), step))
    if change is None:
        raise Conflict("The participation has changed in the meantime. See how it stands now.")
    if role not in change.by:
        raise NotAllowed
    return change.to


def has_ended(state: str) -> bool:
    return state not in TAKING_PART
