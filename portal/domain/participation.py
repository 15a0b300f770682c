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


class State(StrEnum):
    ACTIVE = "active"
    PAUSED = "paused"
    WITHDRAWN = "withdrawn"
    LOST = "lost"
    DIED = "died"
    COMPLETED = "completed"


class Step(StrEnum):
    """``find``: somebody lost is there again. ``reinstate``: an end that was recorded by mistake is taken back."""

    PAUSE = "pause"
    RESUME = "resume"
    WITHDRAW = "withdraw"
    LOSE = "lose"
    FIND = "find"
    DIE = "die"
    COMPLETE = "complete"
    REINSTATE = "reinstate"


@dataclass(frozen=True, slots=True)
class Change:
    """Where a step leads and who may take it. The study team gives a reason; nobody else has to."""

    to: State
    by: frozenset[Role]


S = State
TEAM: Final = frozenset({Role.COORDINATOR, Role.INVESTIGATOR})
INVESTIGATOR: Final = frozenset({Role.INVESTIGATOR})
OWN: Final = frozenset({Role.PARTICIPANT, Role.GUARDIAN})
CLOCK: Final = frozenset({Role.SYSTEM})
TRANSITIONS: Final[Mapping[tuple[State, Step], Change]] = MappingProxyType(
    {
        (S.ACTIVE, Step.PAUSE): Change(S.PAUSED, TEAM),
        (S.ACTIVE, Step.WITHDRAW): Change(S.WITHDRAWN, TEAM | OWN),
        (S.ACTIVE, Step.LOSE): Change(S.LOST, TEAM),
        (S.ACTIVE, Step.DIE): Change(S.DIED, TEAM),
        (S.ACTIVE, Step.COMPLETE): Change(S.COMPLETED, TEAM),
        (S.PAUSED, Step.PAUSE): Change(S.PAUSED, TEAM),
        (S.PAUSED, Step.RESUME): Change(S.ACTIVE, TEAM | CLOCK),
        (S.PAUSED, Step.WITHDRAW): Change(S.WITHDRAWN, TEAM | OWN),
        (S.PAUSED, Step.LOSE): Change(S.LOST, TEAM),
        (S.PAUSED, Step.DIE): Change(S.DIED, TEAM),
        (S.PAUSED, Step.COMPLETE): Change(S.COMPLETED, TEAM),
        (S.LOST, Step.FIND): Change(S.ACTIVE, TEAM),
        (S.LOST, Step.WITHDRAW): Change(S.WITHDRAWN, TEAM),
        (S.LOST, Step.DIE): Change(S.DIED, TEAM),
        (S.COMPLETED, Step.WITHDRAW): Change(S.WITHDRAWN, TEAM),
        (S.COMPLETED, Step.DIE): Change(S.DIED, TEAM),
        (S.WITHDRAWN, Step.REINSTATE): Change(S.ACTIVE, INVESTIGATOR),
        (S.DIED, Step.REINSTATE): Change(S.ACTIVE, INVESTIGATOR),
        (S.COMPLETED, Step.REINSTATE): Change(S.ACTIVE, INVESTIGATOR),
    }
)
TAKING_PART: Final = frozenset({S.ACTIVE, S.PAUSED})  # accounts are open; every other state is an end


def steps(state: str, role: Role) -> tuple[Step, ...]:
    """What somebody in this role may do now, in the order of the table."""
    return tuple(step for (before, step), change in TRANSITIONS.items() if before == state and role in change.by)


def after(state: str, step: Step, role: Role) -> State:
    """Where the step leads. ``Conflict`` when it cannot be taken any more, ``NotAllowed`` when not by this role."""
    change = TRANSITIONS.get((State(state), step))
    if change is None:
        raise Conflict("The participation has changed in the meantime. See how it stands now.")
    if role not in change.by:
        raise NotAllowed
    return change.to


def is_over(state: str) -> bool:
    return state not in TAKING_PART
