"""Chance that repeats itself: the same seed and the same words give the same throws."""

import random
from datetime import timedelta


def seeded_random(*words: object) -> random.Random:
    return random.Random(":".join(map(str, words)))  # noqa: S311 - a made-up trial, not a secret


def random_minutes(throw: random.Random, low: int, high: int) -> timedelta:
    """Between so many minutes, to the second."""
    return timedelta(seconds=throw.randint(low * 60, high * 60))
