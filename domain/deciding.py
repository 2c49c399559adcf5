"""Deciding again: what a use case does when what it changes is not as it was read any more, or not there any more."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from ports.errors import Conflict, NotFound, Unavailable

T = TypeVar("T")
TRIES = 5


async def decide_again(step: Callable[[], Awaitable[T]], what: str) -> T:
    """Return what `step` (read, decide, replace) returns. On Conflict or NotFound take it again; raise Unavailable after five.

    Of what is gone, the reading says so in words of its own.
    """
    for _ in range(TRIES):
        try:
            return await step()
        except (Conflict, NotFound):
            continue
    raise Unavailable(what, retry_after=1)
