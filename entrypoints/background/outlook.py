"""Whether the endpoint takes tickets: while it is not known to, they are sent one at a time, with pauses between that grow."""

import asyncio
from datetime import timedelta

import structlog

from domain.backoff import backoff
from entrypoints.bell import Bell
from entrypoints.jitter import between

FIRST_REST = timedelta(seconds=0.5)
FIRST_WHILE_AWAY = timedelta(seconds=3)
LONGEST_REST = timedelta(seconds=45)
"""Each longer than the pause of a ticket that is sent again: while the endpoint is away, that asks for it, and no job starts."""

log = structlog.get_logger(__name__)


class Outlook:
    """Hears how tickets were answered. The log hears when that changes, not each time; `news` rings at each answer."""

    def __init__(self) -> None:
        self.is_well = False
        self.news = Bell()
        self._why: str | None = None
        self._troubles = 0
        self._first = FIRST_REST
        self._rests_until = 0.0

    def well(self) -> None:
        """Take note of a ticket that was accepted."""
        if self._why is not None:
            log.info("the endpoint takes tickets again")
        self.is_well, self._why, self._troubles, self._rests_until = True, None, 0, 0.0
        self.news.ring()

    def trouble(self, why: str, *, first: timedelta = FIRST_REST, least: float = 0) -> None:
        """Take note of a ticket that was not, and start no job for a while: `first`, then twice that, and `least` seconds."""
        if why != self._why:
            log.warning("the endpoint takes no ticket", why=why)
        self.is_well, self._why = False, why
        self._troubles, self._first = self._troubles + 1 if first == self._first else 1, first
        chance = between(0.75, 1)
        rest = max(backoff(self._troubles, chance, first, LONGEST_REST).total_seconds(), least)
        self._rests_until = max(self._rests_until, asyncio.get_running_loop().time() + rest)
        self.news.ring()

    async def rested(self) -> None:
        """Return when a job may be started."""
        while (left := self._rests_until - asyncio.get_running_loop().time()) > 0:
            await self.news.after(self.news.rings, left)
