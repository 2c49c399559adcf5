"""Blocking calls, off the event loop."""

import asyncio
from collections.abc import Callable
from typing import TypeVar, TypeVarTuple

T = TypeVar("T")
Arguments = TypeVarTuple("Arguments")


async def in_thread(work: Callable[[*Arguments], T], *arguments: *Arguments, undo: Callable[[T], object] | None = None) -> T:
    """Return what `work` returns, from a thread.

    A thread can't be stopped: when cancelled, wait for its end before the cancellation goes on, so that no descriptor is closed
    while the thread still uses it. `undo` is then given the result that nobody takes.
    """
    loop = asyncio.get_running_loop()
    running = loop.run_in_executor(None, work, *arguments)
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await _ended(running)
        if undo is not None and not running.cancelled() and running.exception() is None:
            await _ended(loop.run_in_executor(None, undo, running.result()))
        raise


async def _ended(running: asyncio.Future[T]) -> None:
    while not running.done():
        try:
            await asyncio.wait([running])
        except asyncio.CancelledError:
            continue
