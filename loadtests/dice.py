"""Chance that can be repeated."""

import random


def seeded(seed: int | None = None) -> random.Random:
    """A source of chance: the same draws for the same seed, others every time without one."""
    return random.Random(seed)
