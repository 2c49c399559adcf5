"""What goes on beside everything else, until the rest ends."""

import asyncio
from collections.abc import Coroutine
from contextlib import AsyncExitStack


def keep_running(stack: AsyncExitStack, work: Coroutine[None, None, None]) -> None:
    """Let the work go on until the stack closes: then it is cancelled, and has ended before anything older closes."""
    task = asyncio.create_task(work)

    async def stop() -> None:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    stack.push_async_callback(stop)
