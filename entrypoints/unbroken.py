"""Steps that a cancellation may not cut short."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")


async def unbroken(step: Coroutine[Any, Any, T]) -> T:
    """Return what the step returns. When cancelled, however often, let it end first; then the cancellation goes on."""
    task = asyncio.create_task(step)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        while not task.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait([task])
        raise


async def whole_or_undone(step: Coroutine[Any, Any, T], undo: Callable[[T], Awaitable[None]]) -> T:
    """Return what the step returns. When cancelled, let it end and undo what it did; then the cancellation goes on."""
    task = asyncio.create_task(step)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await unbroken(undone(task, undo))
        raise


async def undone(task: "asyncio.Task[T]", undo: Callable[[T], Awaitable[None]]) -> None:
    """Wait for the task to end, and undo what it did, if anything came of it."""
    await asyncio.wait([task])
    if not task.cancelled() and task.exception() is None:
        await undo(task.result())
