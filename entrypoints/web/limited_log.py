"""Warnings that strangers can cause as often as they like, kept from flooding the log."""

from collections import OrderedDict
from collections.abc import Callable

import structlog

log = structlog.get_logger(__name__)


class LimitedLog:
    """Logs a line about an address, or more: once in ten seconds each, with the count of those in between.

    The line has a place for each fact.
    """

    def __init__(self, line: str, clock: Callable[[], float], every: float = 10.0, capacity: int = 1000) -> None:
        self._line = line
        self._clock = clock
        self._every = every
        self._capacity = capacity
        self._seen: OrderedDict[tuple[str, ...], tuple[float, int]] = OrderedDict()

    def __call__(self, *facts: str) -> None:
        """Take note of one more."""
        now = self._clock()
        logged, silent = self._seen.get(facts, (now - self._every, 0))
        if now - logged < self._every:
            self._seen[facts] = (logged, silent + 1)
            return
        log.warning(self._line.format(*facts), suppressed=silent)
        self._seen[facts] = (now, 0)
        self._seen.move_to_end(facts)
        if len(self._seen) > self._capacity:
            self._seen.popitem(last=False)
