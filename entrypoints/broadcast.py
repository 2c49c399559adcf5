"""What happens to jobs, read from the store once for all who listen in this process, however many they are."""

import asyncio
import math
from bisect import bisect_right
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import accumulate, islice
from typing import TypeVar
from uuid import UUID

import msgspec
import structlog
from msgspec import Struct

from entrypoints.bell import Bell
from entrypoints.web.event_text import job_event, removed_event
from ports.errors import Forgotten, NotFound, Unavailable
from ports.events import Change, JobFeed
from ports.jobs import JobStatus, JobStore

T = TypeVar("T")

PAGE = 100
"""Changes that are read at a time."""

GATHER = 0.02
"""Seconds between two readings: several changes of a job meanwhile are told as one."""

LISTEN_FOR = 5.0
"""Seconds that the feed is waited for at a time."""

MOST_KEPT = 1000
MOST_BYTES_KEPT = 4 * 1024 * 1024
"""How much is kept for those who are slow. Who falls behind that reads the store again."""

PORTION = 64 * 1024
"""Bytes after which a listener is given no more events at a time: while it is slow, it holds no more."""

AGAIN_AFTER = 1.0
"""Seconds between two tries at a store that is out of reach."""

log = structlog.get_logger(__name__)


class Event(Struct, frozen=True):
    """How a job stood after a change, and the text that listeners are sent.

    Of a job that was removed, the status is None, and the version higher than any.
    """

    number: int
    job_id: UUID
    status: JobStatus | None
    version: float
    text: bytes


class Broadcast:
    """Follows the feed while anybody listens. It rings `heard` at all that happens, and `wake` when a job was queued.

    Who waits for a job that any process may queue does so inside `listening`: look, and then wait for `wake`, which may ring for
    nothing.
    """

    def __init__(self, feed: JobFeed, jobs: JobStore, wake: Bell) -> None:
        self.heard = Bell()
        self._feed = feed
        self._jobs = jobs
        self._wake = wake
        self._listeners = 0
        self._wanted = asyncio.Event()
        self._position: int | None = None  # the last change heard of; None while nobody listens
        self._floor = 0  # all that came after it, up to the position, is kept
        self._kept: list[Event] = []

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Have the feed followed for as long as this lasts."""
        self._listeners += 1
        self._wanted.set()
        try:
            yield
        finally:
            self._listeners -= 1
            if not self._listeners:
                self._wanted.clear()
                self._position = None

    async def next(self, number: int) -> tuple[Sequence[Event], int]:
        """Return the events after a number, some of them at least, once there are any; and the number to go on from.

        A store that is out of reach is waited for. Raise Forgotten if not all that came after the number is known any more.
        """
        while True:
            heard = self.heard.rings
            events, reached = await patiently(partial(self._after, number))
            if events:
                return events, reached
            if reached == number:
                await self.heard.after(heard, LISTEN_FOR)
            number = reached

    async def follow_forever(self) -> None:
        """Follow the feed whenever somebody listens."""
        while True:
            await self._wanted.wait()
            try:
                await self._follow()
            except Forgotten:
                self._position = None
            except Unavailable as trouble:
                log.warning("waiting", who="broadcast", why=str(trouble))
                await asyncio.sleep(AGAIN_AFTER)
            except Exception:
                log.exception("step failed", who="broadcast")
                await asyncio.sleep(AGAIN_AFTER)

    async def _follow(self) -> None:
        """Wait for the next changes, and keep what they are for those who listen."""
        if (position := self._position) is None:
            self._begin(await self._feed.newest())
            return
        await self._feed.wait(position, LISTEN_FOR)
        if self._position == position:  # the last listener may have gone meanwhile
            await self._take_in(position)

    async def _take_in(self, position: int) -> None:
        changes = await self._feed.since(position, PAGE)
        events = await self._events(changes)
        if changes and self._position == position:
            self._keep(events, changes[-1].number)
        await asyncio.sleep(0 if len(changes) == PAGE else GATHER)

    def _begin(self, position: int) -> None:
        """Keep what comes after this. Before, jobs may have been queued without a ring."""
        self._kept, self._floor, self._position = [], position, position
        self._wake.ring()
        self.heard.ring()

    def _keep(self, events: Sequence[Event], position: int) -> None:
        if any(event.status is JobStatus.QUEUED for event in events):
            self._wake.ring()
        self._kept += events
        self._position = position
        if dropped := _too_many(self._kept):
            self._floor = self._kept[dropped - 1].number
            del self._kept[:dropped]
        self.heard.ring()

    async def _after(self, number: int) -> tuple[Sequence[Event], int]:
        """Return the next events, and where to go on from: of those that are kept, else as the store has them."""
        if self._position is not None and number >= self._floor:
            later = self._kept[bisect_right(self._kept, number, key=_number) :]
            return _portion(later, max(number, self._position))
        changes = await self._feed.since(number, PAGE)
        return _portion(await self._events(changes), changes[-1].number if changes else number)

    async def _events(self, changes: Sequence[Change]) -> list[Event]:
        """Return how the jobs stand, each once, in the order of their last changes."""
        last = {change.job_id: change.number for change in changes}
        read = await asyncio.gather(*(self._event(number, job_id) for job_id, number in last.items()))
        return sorted((event for event in read if event), key=_number)

    async def _event(self, number: int, job_id: UUID) -> Event | None:
        try:
            job = await self._jobs.get(job_id)
        except NotFound:
            return Event(number, job_id, None, math.inf, removed_event(job_id, number))
        except msgspec.MsgspecError:
            log.exception("job can't be read", job=str(job_id))  # the others can
            return None
        return Event(number, job_id, job.status, job.version, job_event(job, number))


async def patiently(ask: Callable[[], Awaitable[T]]) -> T:
    """Return what comes of asking a store, again and again while it is out of reach."""
    while True:
        try:
            return await ask()
        except Unavailable:
            await asyncio.sleep(AGAIN_AFTER)


def _number(event: Event) -> int:
    return event.number


def _too_many(kept: Sequence[Event]) -> int:
    """Return how many of the oldest events are more than is kept: the newest always is."""
    sizes = accumulate(len(event.text) for event in reversed(kept))
    fitting = sum(1 for size in islice(sizes, MOST_KEPT) if size <= MOST_BYTES_KEPT)
    return len(kept) - max(fitting, 1)


def _portion(events: Sequence[Event], position: int) -> tuple[Sequence[Event], int]:
    """Return as many events as one listener is given at a time, and where to go on from: if that is all, from `position`."""
    sizes = accumulate(len(event.text) for event in events)
    count = sum(1 for size in sizes if size < PORTION) + 1
    return (events, position) if count >= len(events) else (events[:count], events[count - 1].number)
