"""Steps that a cancellation may not cut short."""

import asyncio
from collections.abc import Coroutine
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
