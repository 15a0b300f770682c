"""Every red answer reaches screen, list and ledger, whatever is around it: 2,000 steps here, 200,000 in ``soak``."""

import os
import random
import sys

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from tests.support.people import hire
from tests.support.red_path.machine import COUNTS, SETTINGS, RedPath

pytestmark = pytest.mark.usefixtures("core")


def run(**more: object) -> None:
    COUNTS.update(runs=0, steps=0, reds=0)
    hire()
    run_state_machine_as_test(RedPath, settings=settings(SETTINGS, **more))  # type: ignore[arg-type]
    sys.stdout.write(f"red path: {COUNTS['runs']} runs, {COUNTS['steps']} steps, {COUNTS['reds']} red answers\n")


def test_no_red_answer_is_lost_hidden_delayed_or_silenced() -> None:
    run(max_examples=30, derandomize=True)


@pytest.mark.soak
def test_no_red_answer_is_lost_in_a_hundred_thousand_steps() -> None:
    seed = int(os.environ.get("RED_PATH_SEED", "0")) or random.SystemRandom().randrange(2**32)
    sys.stdout.write(f"RED_PATH_SEED={seed}\n")
    RedPath._hypothesis_internal_use_seed = seed  # type: ignore[attr-defined]
    run(max_examples=2_500)
