"""The census of the jobs, taken so that nobody can make asking costly."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from ports.census import Census, JobCensus
from ports.errors import Unavailable

REMEMBERED = 5.0
"""Seconds for which a census is given again."""


class Recount:
    """Takes the census once in five seconds at most: all who ask meanwhile are told the same."""

    def __init__(self, census: JobCensus, clock: Callable[[], float], now: Callable[[], datetime], patience: float = 5.0) -> None:
        self._census = census
        self._clock = clock
        self._now = now
        self._patience = patience
        self._asking = asyncio.Lock()
        self._known: Census | None = None
        self._until = clock()

    async def latest(self) -> Census | None:
        """Return the census; None if the store has said nothing after `patience` seconds, or is out of reach."""
        async with self._asking:
            if self._clock() >= self._until:
                self._known = await self._taken()
                self._until = self._clock() + REMEMBERED
            return self._known

    async def _taken(self) -> Census | None:
        try:
            async with asyncio.timeout(self._patience):
                return await self._census.count(self._now())
        except (Unavailable, TimeoutError):
            return None
