"""A bell for all who wait for something new: those who queued a job ring it, those who hand jobs out listen."""

import asyncio
from contextlib import suppress


class Bell:
    """Counts its rings: who looks first and listens then misses none, however many others listen too."""

    def __init__(self) -> None:
        self.rings = 0
        self._next = asyncio.Event()

    def ring(self) -> None:
        """Wake all who listen."""
        self.rings += 1
        self._next.set()
        self._next = asyncio.Event()

    async def after(self, heard: int, seconds: float) -> None:
        """Return once it has rung more than `heard` times, or after so many seconds."""
        # not wait_for: on Python 3.11 it loses a cancellation that comes with the ring
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self.rings <= heard:
                    await self._next.wait()
