"""Calls to the server, off the event loop, and what they raise in the words of the ports."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from adapters.r2.faults import STORAGE, translated
from ports.errors import Unavailable

T = TypeVar("T")
BEGUN_WITHIN = 10.0
"""Seconds that a call may wait for a thread: where the server is silent, those who come later are not to wait for all before."""


class Threads:
    """A number of threads: calls that take long hold up no others than theirs."""

    def __init__(self, name: str, number: int, begun_within: float = BEGUN_WITHIN) -> None:
        self._executor = ThreadPoolExecutor(number, name)
        self._begun_within = begun_within

    async def run(self, key: str, work: Callable[[], T], undo: Callable[[T], object] | None = None) -> T:
        """Return what `work` returns, from a thread. Raise what it raises, which concerns `key`; Unavailable if none is free.

        A thread can't be stopped: when cancelled, what has begun is waited for, which its time-outs end, before the cancellation
        goes on. `undo` is then given the result that nobody takes.
        """
        call = self._executor.submit(work)
        running = asyncio.wrap_future(call)
        try:
            with translated(key):
                await asyncio.wait([running], timeout=self._begun_within)
                if call.cancel():
                    raise Unavailable(STORAGE)
                return await asyncio.shield(running)
        except asyncio.CancelledError:
            call.cancel()
            await _ended(running)
            if undo is not None and not running.cancelled() and running.exception() is None:
                await _ended(asyncio.wrap_future(self._executor.submit(undo, running.result())))
            raise

    async def close(self) -> None:
        """Let the threads finish what they have, and end."""
        await asyncio.to_thread(self._executor.shutdown)


async def _ended(running: asyncio.Future[T]) -> None:
    while not running.done():
        try:
            await asyncio.wait([running])
        except asyncio.CancelledError:
            continue
    if not running.cancelled():
        running.exception()
