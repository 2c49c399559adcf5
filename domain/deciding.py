"""Deciding again: what a use case does when its change was made from a version that is not the one kept any more."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from ports.errors import Conflict, Unavailable

T = TypeVar("T")
TRIES = 5


async def decide_again(step: Callable[[], Awaitable[T]], what: str) -> T:
    """Return what `step` (read, decide, replace) returns. On Conflict take it again; raise Unavailable after five."""
    for _ in range(TRIES):
        try:
            return await step()
        except Conflict:
            continue
    raise Unavailable(what, retry_after=1)
