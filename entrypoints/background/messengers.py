"""Those who tell the user's app of finished jobs, several at a time: nothing else waits for an app that is slow or dead."""

import asyncio
from collections.abc import Awaitable, Callable

from ports.jobs import Job

MESSENGERS = 16
HELD_UP = 1.0
"""Seconds after which a messenger is held up: while the last one was, nobody waits for one to come back."""


class Messengers:
    """Each is sent with one job at a time, and does `tell`, which raises nothing."""

    def __init__(self, tell: Callable[[Job], Awaitable[None]], most: int = MESSENGERS) -> None:
        self._tell = tell
        self._free = asyncio.Semaphore(most)
        self._quick = True
        self._out: set[asyncio.Task[None]] = set()

    async def send(self, job: Job) -> bool:
        """Send one with the job, as soon as one is there. Return False if all are out and held up."""
        if not await self._one_is_there():
            return False
        task = asyncio.create_task(self._go(job))
        self._out.add(task)
        task.add_done_callback(self._out.discard)
        return True

    async def recall(self) -> None:
        """Let them come back, but not if they are held up. What is not known to have been told of then comes up again."""
        if self._out:
            await asyncio.wait(self._out, timeout=HELD_UP)
        for task in self._out:
            task.cancel()
        await asyncio.gather(*self._out, return_exceptions=True)

    async def _one_is_there(self) -> bool:
        """Wait for one that is out, but not again and again where they are held up."""
        try:
            async with asyncio.timeout(HELD_UP if self._quick else 0):
                await self._free.acquire()
        except TimeoutError:
            self._quick = False
            return False
        return True

    async def _go(self, job: Job) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            await self._tell(job)
        finally:
            self._quick = loop.time() - began < HELD_UP
            self._free.release()
