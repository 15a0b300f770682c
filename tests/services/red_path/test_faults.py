"""The state machine finds each fault of an earlier release when it is put back; it prints after how many steps."""

import sys
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from portal.domain import triage as rules
from portal.domain.alert_rules import Severity
from portal.domain.errors import NotFound
from portal.services import messages, triage
from portal.services.diary import calls, keeping, unsent
from portal.services.triage import moving
from tests.support.people import hire
from tests.support.red_path.machine import COUNTS, SETTINGS, RedPath

pytestmark = pytest.mark.usefixtures("core", "only_sqlite")
Patch = pytest.MonkeyPatch


def leave_pages_unjudged(patch: Patch) -> None:
    """A warning sign was answered with the next page, and nobody read a draft."""
    patch.setattr(unsent, "raise_unsent", lambda *_given, **_more: None)


def drop_what_is_no_diary(patch: Patch) -> None:
    """A phone's clock ahead, or an answer that only the phone could read: the report was refused."""

    def refuse(*_given: object, **_more: object) -> None:
        raise NotFound

    patch.setattr(keeping, "keep_report", refuse)


def join_in_silence(patch: Patch) -> None:
    """A new red inside an episode in hand reached nobody."""
    judge = rules.update_episode
    patch.setattr(
        moving.triage, "update_episode", lambda episode, *given, **more: _without_reasons(judge, episode, given, more)
    )


def _without_reasons(judge: Callable[..., Any], episode: Any, given: Any, more: Any) -> Any:
    found = judge(episode, *given, **more)
    return found if episode is None else type(found)(found.severity, found.stage, ())


def let_a_claim_end_the_card(patch: Patch) -> None:
    """Somebody pressed "Claim", and the red card turned into a green tick."""
    patch.setattr(calls, "_waits", lambda row: row.state == rules.EpisodeState.NEW)


def lower_what_a_correction_changes(patch: Patch) -> None:
    """What was answered later took an earlier red off the list."""
    raise_flags = triage.raise_flags

    def milder(session: Any, **given: Any) -> Any:
        raised = raise_flags(session, **given)
        for one in raised:
            session.get_one(moving.Episode, one.episode_id).severity = Severity.AMBER
        return raised

    patch.setattr(triage, "raise_flags", milder)


def tell_nobody(patch: Patch) -> None:
    """The list had it, the message was forgotten."""
    patch.setattr(messages, "enqueue_staff_alert", lambda *_given, **_more: 0)


FAULTS = (
    leave_pages_unjudged,
    drop_what_is_no_diary,
    join_in_silence,
    let_a_claim_end_the_card,
    lower_what_a_correction_changes,
    tell_nobody,
)


@pytest.mark.parametrize("put_back", FAULTS, ids=lambda one: one.__name__)
def test_a_fault_that_is_put_back_is_found(monkeypatch: Patch, put_back: Callable[[Patch], None]) -> None:
    COUNTS.update(runs=0, steps=0, reds=0)
    hire()
    put_back(monkeypatch)
    quick = settings(SETTINGS, max_examples=60, derandomize=True, phases=(Phase.generate,))
    with pytest.raises(AssertionError):
        run_state_machine_as_test(RedPath, settings=quick)
    sys.stdout.write(f"{put_back.__name__}: found after {COUNTS['steps']} steps\n")
