"""Chance, for those who must not all come at once. It is no secret."""

import random


def chance() -> float:
    """Return a random number, from 0 to less than 1."""
    return random.random()  # noqa: S311  (jitter, not a secret)


def between(least: float, most: float) -> float:
    """Return a random number, from `least` to `most`."""
    return random.uniform(least, most)  # noqa: S311  (jitter, not a secret)
