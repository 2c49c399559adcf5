"""What happens to jobs, read from the store once for all who listen in this process, however many they are."""

import asyncio
import math
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TypeVar

import msgspec
import structlog

from domain.finishing import is_decided_only
from entrypoints.bell import Bell
from entrypoints.events.recent import PORTION, Event, Recent
from entrypoints.events.text import job_event, removed_event
from ports.errors import Forgotten, NotFound, Unavailable
from ports.events import Change, JobFeed
from ports.jobs import JobStatus, JobStore

T = TypeVar("T")

PAGE = 100
"""Changes that are read at a time."""

GATHER = 0.02
"""Seconds between two readings: several changes of a job meanwhile are told as one."""

READERS = 2
"""Listeners for whom alone jobs are read at the same time: what is read for one may take many times what it is given."""

LISTEN_FOR = 5.0
"""Seconds that the feed is waited for at a time."""

AGAIN_AFTER = 1.0
"""Seconds between two tries at a store that is out of reach."""

log = structlog.get_logger(__name__)


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
        self._turns = asyncio.Semaphore(READERS)
        self._listeners = 0
        self._wanted = asyncio.Event()
        self._recent: Recent | None = None  # while nobody listens, nothing is known

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
                self._recent = None

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

    async def read(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Return what comes of reading jobs for one listener alone, once it is its turn. A store out of reach is waited for."""
        return await patiently(partial(self._in_turn, ask))

    async def follow_forever(self) -> None:
        """Follow the feed whenever somebody listens."""
        while True:
            await self._wanted.wait()
            try:
                await self._follow()
            except Forgotten:
                self._recent = None
            except Unavailable as trouble:
                log.warning("waiting", who="broadcast", why=str(trouble))
                await asyncio.sleep(AGAIN_AFTER)
            except Exception:
                log.exception("step failed", who="broadcast")
                await asyncio.sleep(AGAIN_AFTER)

    async def _follow(self) -> None:
        """Wait for the next changes, and keep what they are for those who listen."""
        if (recent := self._recent) is None:
            await self._begin()
            return
        await self._feed.wait(recent.position, LISTEN_FOR)
        if self._recent is recent:  # the last listener may have gone meanwhile
            await self._take_in(recent)

    async def _begin(self) -> None:
        """Begin with what comes now. Until now, jobs may have been queued without a ring."""
        recent = Recent(await self._feed.newest())
        if self._listeners:
            self._recent = recent
            self._wake.ring()
            self.heard.ring()

    async def _take_in(self, recent: Recent) -> None:
        changes = await self._feed.since(recent.position, PAGE)
        if changes:
            events = await self._events(changes)
            recent.add(events, changes[-1].number)
            self._ring(events)
        await asyncio.sleep(0 if len(changes) == PAGE else GATHER)

    def _ring(self, events: Sequence[Event]) -> None:
        if any(event.status is JobStatus.QUEUED for event in events):
            self._wake.ring()
        self.heard.ring()

    async def _after(self, number: int) -> tuple[Sequence[Event], int]:
        """Return the next events, and where to go on from: of those that are kept, else as the store has them."""
        if self._recent is not None and self._recent.floor <= number <= self._recent.position:
            return self._recent.after(number)
        return await self._in_turn(partial(self._stored, number))

    async def _stored(self, number: int) -> tuple[Sequence[Event], int]:
        """Read a portion of what came after a number, and no more jobs than are in it."""
        events: list[Event] = []
        size = 0
        changes = await self._feed.since(number, PAGE)
        for change in _last_of_each(changes):
            if event := await self._event(change):
                events.append(event)
                size += len(event.text)
            if size >= PORTION:
                return events, change.number
        return events, changes[-1].number if changes else number

    async def _in_turn(self, ask: Callable[[], Awaitable[T]]) -> T:
        async with self._turns:
            return await ask()

    async def _events(self, changes: Sequence[Change]) -> list[Event]:
        """Return how the jobs stand, each once, in the order of their last changes."""
        read = await asyncio.gather(*(self._event(change) for change in _last_of_each(changes)))
        return [event for event in read if event]

    async def _event(self, change: Change) -> Event | None:
        number, job_id = change.number, change.job_id
        try:
            job = await self._jobs.get(job_id)
        except NotFound:
            return Event(number, job_id, None, math.inf, removed_event(job_id, number))
        except msgspec.MsgspecError:
            log.exception("job can't be read", job=str(job_id))  # the others can
            return None
        if is_decided_only(job):
            return None  # the change that lets its asset show it follows
        return Event(number, job_id, job.status, job.version, job_event(job, number))


def _last_of_each(changes: Sequence[Change]) -> list[Change]:
    """Return the last change of each job, in their order."""
    last = {change.job_id: change.number for change in changes}
    return [change for change in changes if last[change.job_id] == change.number]


async def patiently(ask: Callable[[], Awaitable[T]]) -> T:
    """Return what comes of asking a store, again and again while it is out of reach."""
    while True:
        try:
            return await ask()
        except Unavailable:
            await asyncio.sleep(AGAIN_AFTER)
