"""Every red answer reaches screen, list and ledger, whatever happens around it: 2,000 steps here, 200,000 in ``soak``."""

import os
import random

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.support.people import hire
from tests.support.red_path.machine import COUNTS, RedPath

pytestmark = pytest.mark.usefixtures("core")
STEPS = 40
UNHURRIED = {
    "phases": (Phase.generate,),
    "report_multiple_bugs": False,
    "deadline": None,
    "suppress_health_check": list(HealthCheck),
    "database": None,
}


def run(runs: int, **more: object) -> None:
    COUNTS.update(runs=0, steps=0, reds=0)
    hire()
    run_state_machine_as_test(
        RedPath,
        settings=settings(max_examples=runs, stateful_step_count=STEPS, **UNHURRIED, **more),  # type: ignore[arg-type]
    )
    print(f"red path: {COUNTS['runs']} runs, {COUNTS['steps']} steps, {COUNTS['reds']} red answers")


def test_no_red_answer_is_lost_hidden_delayed_or_silenced() -> None:
    run(int(os.environ.get("RUNS", "25")), derandomize="RUNS" not in os.environ)


@pytest.mark.soak
def test_no_red_answer_is_lost_in_a_hundred_thousand_steps() -> None:
    seed = int(os.environ.get("RED_PATH_SEED", random.randrange(2**32)))
    print(f"RED_PATH_SEED={seed}")
    random.seed(seed)
    run(2_500)
