"""How long to wait before another attempt: exponential back-off with full jitter (AWS Architecture Blog, 2015)."""

from datetime import timedelta

FIRST = timedelta(seconds=10)
LONGEST = timedelta(minutes=10)


def backoff(attempts: int, chance: float, first: timedelta = FIRST, longest: timedelta = LONGEST) -> timedelta:
    """Return a delay between nothing and ten seconds (`first`), twice that for each attempt after the first, up to `longest`.

    `attempts` is how many were made; `chance`, 0 to 1, is the random number.
    """
    doublings = min(max(attempts - 1, 0), 16)
    return min(first * (1 << doublings), longest) * chance
