"""Who may change whether somebody takes part."""

from itertools import product

import pytest

from portal.domain.access import Role
from portal.domain.errors import Conflict, NotAllowed
from portal.domain.participation import (
    TAKING_PART,
    TRANSITIONS,
    ParticipationStatus,
    ParticipationStepKind,
    allowed_steps,
    has_ended,
    next_status,
)

ENDS = frozenset(ParticipationStatus) - TAKING_PART
GRID = list(product(ParticipationStatus, ParticipationStepKind))


@pytest.mark.parametrize(("state", "step"), GRID)
def test_a_step_is_taken_as_the_table_says_or_not_at_all(
    state: ParticipationStatus, step: ParticipationStepKind
) -> None:
    change = TRANSITIONS.get((state, step))
    for role in Role:
        if change is None:
            with pytest.raises(Conflict):
                next_status(state, step, role)
        elif role in change.by:
            assert next_status(state, step, role) is change.to
        else:
            with pytest.raises(NotAllowed):
                next_status(state, step, role)


@pytest.mark.parametrize("state", [state for state in ParticipationStatus if state is not ParticipationStatus.ACTIVE])
def test_there_is_a_way_back_from_everywhere(state: ParticipationStatus) -> None:
    assert ParticipationStatus.ACTIVE in {change.to for (before, _), change in TRANSITIONS.items() if before is state}


@pytest.mark.parametrize(
    "state", [ParticipationStatus.WITHDRAWN, ParticipationStatus.DIED, ParticipationStatus.COMPLETED]
)
def test_only_an_investigator_takes_back_an_end(state: ParticipationStatus) -> None:
    back = [role for role in Role if ParticipationStepKind.REINSTATE in allowed_steps(state, role)]
    assert back == [Role.INVESTIGATOR]


@pytest.mark.parametrize(
    ("role", "may"),
    [(Role.PARTICIPANT, True), (Role.GUARDIAN, True), (Role.CAREGIVER, False), (Role.DATA_MANAGER, False),
     (Role.MONITOR, False), (Role.ADMINISTRATOR, False)],
)  # fmt: skip
@pytest.mark.parametrize("state", sorted(TAKING_PART))
def test_leaving_is_the_participants_and_the_guardians_own(state: ParticipationStatus, role: Role, may: bool) -> None:
    assert (ParticipationStepKind.WITHDRAW in allowed_steps(state, role)) is may


@pytest.mark.parametrize("state", ParticipationStatus)
def test_the_participants_side_does_nothing_else(state: ParticipationStatus) -> None:
    assert set(allowed_steps(state, Role.PARTICIPANT)) <= {ParticipationStepKind.WITHDRAW}


@pytest.mark.parametrize("state", ParticipationStatus)
def test_the_clock_only_ends_a_pause(state: ParticipationStatus) -> None:
    assert allowed_steps(state, Role.SYSTEM) == (
        (ParticipationStepKind.RESUME,) if state is ParticipationStatus.PAUSED else ()
    )


def test_somebody_who_has_withdrawn_is_not_followed_any_further() -> None:
    assert {step for state, step in TRANSITIONS if state is ParticipationStatus.WITHDRAWN} == {
        ParticipationStepKind.REINSTATE
    }


@pytest.mark.parametrize("state", ParticipationStatus)
def test_an_end_is_every_state_without_contact_but_a_pause(state: ParticipationStatus) -> None:
    assert has_ended(state) is (state in ENDS)
