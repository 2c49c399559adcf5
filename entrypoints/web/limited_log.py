"""Warnings that strangers can cause as often as they like, kept from flooding the log."""

from collections import OrderedDict
from collections.abc import Callable

import structlog

log = structlog.get_logger(__name__)


class LimitedLog:
    """Logs a line about an address: once in ten seconds each, with the count of those in between. The line has a place for it."""

    def __init__(self, line: str, clock: Callable[[], float], every: float = 10.0, capacity: int = 1000) -> None:
        self._line = line
        self._clock = clock
        self._every = every
        self._capacity = capacity
        self._seen: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def __call__(self, address: str) -> None:
        """Take note of one more."""
        now = self._clock()
        logged, silent = self._seen.get(address, (now - self._every, 0))
        if now - logged < self._every:
            self._seen[address] = (logged, silent + 1)
            return
        log.warning(self._line.format(address), suppressed=silent)
        self._seen[address] = (now, 0)
        self._seen.move_to_end(address)
        if len(self._seen) > self._capacity:
            self._seen.popitem(last=False)
