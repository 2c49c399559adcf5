"""A worker elsewhere asks for tickets, and waits patiently while the server can't answer."""

import asyncio
from collections.abc import Awaitable, Callable, Collection

import structlog
from msgspec import Struct

from entrypoints.jitter import between
from ports.errors import ClaimRefused, OutOfSpace, Unavailable
from ports.jobs import JobKind
from ports.work import Claims, Dispatcher, Ticket

WAIT = 20.0
"""Seconds for which the server is asked to wait for a job to come up."""

SOON = 5.0
"""Seconds: a server that says sooner that there is nothing is not asked again at once."""

ON_ITS_WAY = 0.3
"""Seconds that a ticket may take which the server has sent as we are told to stop."""

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0

log = structlog.get_logger(__name__)


class Station(Struct, frozen=True, kw_only=True):
    """Where a worker elsewhere gets its tickets, and who carries them out. `room` returns when they may have one more."""

    name: str
    kinds: Collection[JobKind]
    claims: Claims
    dispatcher: Dispatcher
    room: Callable[[], Awaitable[None]]


class Outlook:
    """Whether the server answers. The log hears when that changes, not each time."""

    def __init__(self) -> None:
        self.welcomed = False
        self._failures = 0
        self._why: str | None = None

    def well(self) -> None:
        """Take note of an answer."""
        if self._why is not None:
            log.info("the server answers again")
        self.welcomed, self._failures, self._why = True, 0, None

    def pause(self, why: str, retry_after: float = 0) -> float:
        """Take note of a failure, and return the seconds to wait: longer each time, with full jitter."""
        if why != self._why:
            log.warning("waiting for the server", why=why)
        self._failures, self._why = self._failures + 1, why
        longest = min(FIRST_PAUSE * 2 ** min(self._failures, 10), LONGEST_PAUSE)
        return retry_after + between(0, longest)


async def claim_forever(station: Station) -> None:
    """Claim a ticket whenever there is room, and hand it out.

    Raise ClaimRefused if the server has never had us; one that did is waited for, whatever it says: a secret may be changing.
    """
    outlook = Outlook()
    while True:
        await station.room()
        try:
            pause = await _claim(station, outlook)
        except Unavailable as away:
            pause = outlook.pause(str(away), away.retry_after)
        except OutOfSpace as full:
            pause = outlook.pause(str(full))
        except ClaimRefused as refused:
            if not outlook.welcomed:
                raise
            pause = outlook.pause(refused.sentence)
        await asyncio.sleep(pause)


async def _claim(station: Station, outlook: Outlook) -> float:
    """Claim a ticket and hand it out. Return the seconds to wait before the next claim."""
    began = asyncio.get_running_loop().time()
    ticket = await _claimed(station)
    outlook.well()
    if ticket is not None:
        await station.dispatcher.dispatch(ticket)
    elif asyncio.get_running_loop().time() - began < SOON:
        return between(0.5, 1.5)
    return 0


async def _claimed(station: Station) -> Ticket | None:
    """Claim a ticket. One that is on its way as this is cancelled is handed out all the same, to be given back."""
    claiming = asyncio.create_task(station.claims.claim(station.name, station.kinds, WAIT))
    try:
        return await asyncio.shield(claiming)
    except asyncio.CancelledError:
        await asyncio.wait([claiming], timeout=ON_ITS_WAY)
        claiming.cancel()
        [ticket] = await asyncio.gather(claiming, return_exceptions=True)
        if isinstance(ticket, Ticket):
            await station.dispatcher.dispatch(ticket)
        raise
