"""A pool of workers in the server's process: it is given the function that carries out a ticket."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from ports.errors import Busy
from ports.work import Ticket

log = logging.getLogger(__name__)


class InlinePool:
    """Keeps `ports.work.Dispatcher`: carries out up to `places` tickets at a time, each as a task of its own."""

    def __init__(self, places: int, carry_out: Callable[[Ticket], Awaitable[None]]) -> None:
        self._places = places
        self._carry_out = carry_out
        self._tasks: set[asyncio.Task[None]] = set()
        self._room = asyncio.Event()
        self._room.set()

    async def dispatch(self, ticket: Ticket) -> None:
        """Begin to carry out the ticket. Raise Busy if every place is taken."""
        if len(self._tasks) >= self._places:
            raise Busy
        task = asyncio.ensure_future(self._carry_out(ticket))
        self._tasks.add(task)
        task.add_done_callback(self._leave)
        if len(self._tasks) >= self._places:
            self._room.clear()

    async def room(self) -> None:
        """Return as soon as a place is free."""
        await self._room.wait()

    async def close(self, patience: float = 0) -> None:
        """Cancel what is still being carried out after so many seconds, and return when all of it has ended."""
        await asyncio.sleep(0)  # a task that has not begun would not hear that it is cancelled: its ticket would be lost
        tasks = list(self._tasks)
        if tasks and patience:
            await asyncio.wait(tasks, timeout=patience)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _leave(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        self._room.set()
        if not task.cancelled() and (error := task.exception()):
            log.error("a ticket broke its worker", exc_info=error)
