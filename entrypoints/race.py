"""Steps beside each other, of which the first to end ends them all."""

import asyncio
from collections.abc import Coroutine
from typing import Any


async def until_one_ends(*steps: Coroutine[Any, Any, Any]) -> "list[asyncio.Task[Any]]":
    """Take the steps beside each other until one of them ends, and cancel the others. Return them all as tasks."""
    tasks = [asyncio.create_task(step) for step in steps]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return tasks
