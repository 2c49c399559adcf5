"""How a worker does: while its place is out of order it rests, so that healthy workers come first and jobs lose no attempts."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog

from domain.backoff import backoff
from domain.preparing import Trouble
from entrypoints.jitter import between
from ports.audio import AudioEngine
from ports.errors import EngineFailed

FIRST_REST = timedelta(seconds=1)
LONGEST_REST = timedelta(minutes=1)

log = structlog.get_logger(__name__)


class Health:
    """Hears how a worker's attempts end, and says when it may have another. The log hears when it changes, not each time."""

    def __init__(self, engine: AudioEngine) -> None:
        self._engine = engine
        self._ails = self._is_unwell = False
        self._rests = 0

    def ended(self, trouble: Trouble | None) -> None:
        """Take note of how an attempt ended: for a trouble of this place, or as it should."""
        if trouble is None:
            self._recover()
        else:
            self.ail(str(trouble))

    def ail(self, why: str) -> None:
        """Take note of what is wrong here."""
        if not self._is_unwell:
            log.warning("this worker seems unwell", why=why)
        self._ails = self._is_unwell = True

    def _recover(self) -> None:
        if self._is_unwell:
            log.info("this worker is well again")
        self._is_unwell, self._rests = False, 0

    async def ready(self, room: Callable[[], Awaitable[None]]) -> None:
        """Return when there is room for a ticket, and the worker has rested since its last trouble and its engine answers."""
        await room()
        while self._ails:
            self._ails = False
            self._rests += 1
            await asyncio.sleep(self._rest())
            await self._try_engine()

    def _rest(self) -> float:
        """Return the seconds to rest: about twice as long each time."""
        chance = between(0.5, 1)
        return backoff(self._rests, chance, FIRST_REST, LONGEST_REST).total_seconds()

    async def _try_engine(self) -> None:
        try:
            await self._engine.version()
        except (EngineFailed, OSError) as trouble:  # OSError: not even a pipe is to be had
            self.ail(str(trouble))
