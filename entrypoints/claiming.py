"""The desk where workers elsewhere ask for tickets: each looks once, and then waits in line for what comes up."""

import asyncio
from collections import defaultdict
from contextlib import suppress
from datetime import timedelta
from typing import Any

import structlog
from msgspec import Struct

from domain.schedule import GONE, give_back
from entrypoints.background.loops import LOOK_EVERY, next_ticket
from entrypoints.parts import Parts
from entrypoints.unbroken import unbroken, undone, whole_or_undone
from ports.errors import NotFound, OutOfSpace, Unavailable
from ports.jobs import JobKind
from ports.work import Ticket

LOOKING = 4
"""How many of those who wait in a line look for a job at the same time. Whoever goes with one lets the next one look."""

log = structlog.get_logger(__name__)


class Claim(Struct, frozen=True, kw_only=True):
    """What a worker asks for: a ticket of one of these kinds, within `wait` seconds. It may be silent for `lease`."""

    worker: str
    kinds: frozenset[JobKind]
    wait: float
    lease: timedelta


class ClaimDesk:
    """Hands out tickets, each to one worker that is there to take it. There is one desk in a process."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._lines: defaultdict[frozenset[JobKind], asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(LOOKING))

    async def ticket_for(self, claim: Claim, over: "asyncio.Future[Any]") -> Ticket | None:
        """Return the ticket of an attempt that was started for this claim, None if no job came up in its time.

        Once `over` is done, nobody wants it any more: None at once, and an attempt that was started is given back, as when
        cancelled. Raise Unavailable or OutOfSpace.
        """
        serving = asyncio.create_task(self._serve(claim))
        ends: set[asyncio.Future[Any]] = {serving, over}
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            await unbroken(self._turn_away(serving))
            raise
        if not over.done():
            return serving.result()
        await unbroken(self._turn_away(serving))
        return None

    async def _serve(self, claim: Claim) -> Ticket | None:
        deadline = asyncio.get_running_loop().time() + claim.wait
        ticket = await self._start(claim)
        if ticket is not None or not claim.wait:
            return ticket
        with self._parts.broadcast.listening():
            return await self._stand_in_line(claim, deadline)

    async def _stand_in_line(self, claim: Claim, deadline: float) -> Ticket | None:
        line = self._lines[claim.kinds]
        try:
            async with asyncio.timeout_at(deadline):
                await line.acquire()
        except TimeoutError:
            return None
        try:
            return await self._watch(claim, deadline)
        finally:
            line.release()

    async def _watch(self, claim: Claim, deadline: float) -> Ticket | None:
        """Look whenever a job was queued, by any process, and once a second: due times pass without a sound."""
        while True:
            heard = self._parts.wake.rings
            ticket = await self._start(claim)
            rest = deadline - asyncio.get_running_loop().time()
            if ticket is not None or rest <= 0:
                return ticket
            await self._parts.wake.after(heard, min(rest, LOOK_EVERY))

    async def _start(self, claim: Claim) -> Ticket | None:
        started = next_ticket(self._parts, claim.kinds, claim.worker, claim.lease)
        return await whole_or_undone(started, self._give_back)

    async def _turn_away(self, serving: "asyncio.Task[Ticket | None]") -> None:
        serving.cancel()
        await undone(serving, self._give_back)

    async def _give_back(self, ticket: Ticket | None) -> None:
        """Take back what nobody came for. If that can't be stored now, the lease will tell."""
        if ticket is not None:
            log.info("ticket given back", job=str(ticket.job_id), attempt=ticket.attempt, why=GONE)
            with suppress(NotFound, Unavailable, OutOfSpace):
                await give_back(ticket, self._parts.jobs, self._parts.clock(), GONE)
