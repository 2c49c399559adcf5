"""Blocking calls, off the event loop, and what they raise in the words of the ports."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar, TypeVarTuple

from adapters.local.faults import translated

T = TypeVar("T")
Arguments = TypeVarTuple("Arguments")


class Threads:
    """A number of threads: calls that block for long hold up no others than theirs."""

    def __init__(self, name: str, number: int) -> None:
        self._executor = ThreadPoolExecutor(number, name)

    async def run(
        self, key: str, work: Callable[[*Arguments], T], *arguments: *Arguments, undo: Callable[[T], object] | None = None
    ) -> T:
        """Return what `work` returns, from a thread. Raise what it raises, which concerns `key`.

        A thread can't be stopped: when cancelled, wait for its end before the cancellation goes on, so that no descriptor is
        closed while the thread still uses it. `undo` is then given the result that nobody takes.
        """
        loop = asyncio.get_running_loop()
        running = loop.run_in_executor(self._executor, work, *arguments)
        try:
            with translated(key):
                return await asyncio.shield(running)
        except asyncio.CancelledError:
            await _ended(running)
            if undo is not None and not running.cancelled() and running.exception() is None:
                await _ended(loop.run_in_executor(self._executor, undo, running.result()))
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
        running.exception()  # nobody is left to be told of it
