"""What happens to jobs is read once for all who listen, and nobody who is slow holds up the others or the memory."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
import pytest
from msgspec.structs import replace

from adapters.memory.feed import MemoryJobFeed
from adapters.memory.jobs import MemoryJobStore
from entrypoints.bell import Bell
from entrypoints.events import broadcast, recent
from entrypoints.events.broadcast import Broadcast
from entrypoints.events.recent import PORTION, Event, Recent
from ports.errors import Forgotten, Unavailable
from ports.events import Change
from ports.jobs import Job, JobStatus
from tests.contracts.stores import made_job

pytestmark = pytest.mark.anyio


class Feed(MemoryJobFeed):
    """Counts how often it is asked, and is out of reach when told to be."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0
        self.is_down = False

    async def since(self, number: int, limit: int = 500, job_id: UUID | None = None) -> Sequence[Change]:
        self.asked += 1
        if self.is_down:
            raise Unavailable("The store")
        return await super().since(number, limit, job_id)


class Jobs(MemoryJobStore):
    """Counts how often a job is read, and can't read one of them."""

    def __init__(self, feed: Feed) -> None:
        super().__init__(feed)
        self.reads = 0
        self.unreadable: UUID | None = None

    async def get(self, job_id: UUID) -> Job:
        self.reads += 1
        if job_id == self.unreadable:
            raise msgspec.ValidationError("a body of another age")
        return await super().get(job_id)


class Radio:
    """A broadcast on stores of its own."""

    def __init__(self) -> None:
        self.feed = Feed()
        self.jobs = Jobs(self.feed)
        self.wake = Bell()
        self.broadcast = Broadcast(self.feed, self.jobs, self.wake)

    async def add(self, status: JobStatus = JobStatus.QUEUED) -> Job:
        job = made_job(status=status)
        await self.jobs.add(job)
        return job

    @property
    def recent(self) -> Recent:
        """What is kept while somebody listens."""
        assert self.broadcast._recent is not None
        return self.broadcast._recent

    async def settled(self) -> None:
        """Return once the broadcast has heard all that happened."""
        async with asyncio.timeout(10):
            while self.broadcast._recent is None or self.recent.position != await self.feed.newest():
                await self.broadcast.heard.after(self.broadcast.heard.rings, 0.01)


@pytest.fixture
async def radio() -> AsyncIterator[Radio]:
    radio = Radio()
    following = asyncio.create_task(radio.broadcast.follow_forever())
    yield radio
    following.cancel()
    with suppress(asyncio.CancelledError):
        await following


async def hear(radio: Radio, number: int, until: UUID) -> list[Event]:
    """Listen from a number on, until something is told of that job."""
    heard: list[Event] = []
    async with asyncio.timeout(10):
        while not any(event.job_id == until for event in heard):
            events, number = await radio.broadcast.next(number)
            heard += events
    return heard


@asynccontextmanager
async def audience(radio: Radio, size: int, until: UUID) -> AsyncIterator["list[asyncio.Task[list[Event]]]"]:
    """Have so many listen."""
    with radio.broadcast.listening():
        await radio.settled()
        start = await radio.feed.newest()
        tasks = [asyncio.create_task(hear(radio, start, until)) for _ in range(size)]
        await asyncio.sleep(0)
        yield tasks
        await asyncio.gather(*tasks)


async def cost(radio: Radio, listeners: int) -> tuple[int, int]:
    """Return how often the feed and the jobs are read while five jobs are added, one after the other."""
    added = [made_job() for _ in range(5)]
    async with audience(radio, listeners, until=added[-1].id) as tasks:
        before = radio.feed.asked, radio.jobs.reads
        for job in added:
            await radio.jobs.add(job)
            await radio.settled()
        for task in tasks:
            assert [event.job_id for event in await task] == [job.id for job in added]
        return radio.feed.asked - before[0], radio.jobs.reads - before[1]


async def test_a_hundred_listeners_cost_the_store_no_more_than_one(radio: Radio) -> None:
    assert await cost(radio, 1) == await cost(radio, 100) == (5, 5)


async def test_all_who_listen_are_given_the_same_text(radio: Radio) -> None:
    job = made_job()
    async with audience(radio, 2, until=job.id) as tasks:
        await radio.jobs.add(job)
        [one], [other] = await asyncio.gather(*tasks)
        assert one is other
        assert b'"status":"queued"' in one.text


async def test_several_changes_of_a_job_in_quick_succession_are_told_as_the_last(radio: Radio) -> None:
    with radio.broadcast.listening():
        await radio.settled()
        job, other = made_job(), made_job()
        for version in range(20):
            changed = replace(job, version=version)
            await (radio.jobs.replace(changed) if version else radio.jobs.add(changed))
            if version == 3:
                await radio.jobs.add(other)
        events = await hear(radio, 0, until=job.id)
    assert [(event.job_id, event.number, event.version) for event in events] == [(other.id, 5, 0), (job.id, 21, 19)]


async def test_who_is_too_slow_reads_the_store_again_and_misses_nothing(radio: Radio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recent, "MOST_KEPT", 4)
    with radio.broadcast.listening():
        added = []
        for _ in range(30):
            added.append(await radio.add())
            await radio.settled()
        assert len(radio.recent._kept) <= 4
        assert [event.job_id for event in await hear(radio, 0, until=added[-1].id)] == [job.id for job in added]


async def test_no_more_is_kept_than_a_slow_listener_may_cost(radio: Radio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recent, "MOST_BYTES_KEPT", 100_000)
    with radio.broadcast.listening():
        await radio.settled()
        for _ in range(40):
            await radio.jobs.add(made_job(params={"noise": "x" * 10_000}))
        await radio.settled()
        assert 0 < sum(len(event.text) for event in radio.recent._kept) <= 100_000


async def test_a_listener_is_given_a_portion_at_a_time(radio: Radio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recent, "PORTION", 25_000)
    with radio.broadcast.listening():
        await radio.settled()
        for _ in range(10):
            await radio.jobs.add(made_job(params={"noise": "x" * 10_000}))
        await radio.settled()
        for number in (0, 3):
            events, reached = await radio.broadcast.next(number)
            assert ([event.number for event in events], reached) == ([number + 1, number + 2, number + 3], number + 3)


async def test_who_has_heard_more_than_there_is_begins_anew(radio: Radio) -> None:
    with radio.broadcast.listening():
        await radio.add()
        await radio.settled()
        with pytest.raises(Forgotten):
            async with asyncio.timeout(10):
                await radio.broadcast.next(await radio.feed.newest() + 1)


async def test_who_comes_late_has_no_more_jobs_read_than_it_is_given(radio: Radio) -> None:
    for _ in range(20):
        await radio.jobs.add(made_job(params={"noise": "x" * PORTION}))
    events, reached = await radio.broadcast.next(3)
    assert ([event.number for event in events], reached, radio.jobs.reads) == ([4], 4, 1)


async def test_one_that_is_larger_than_a_portion_is_given_alone(radio: Radio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recent, "PORTION", 10)
    monkeypatch.setattr(recent, "MOST_BYTES_KEPT", 10)
    with radio.broadcast.listening():
        added = [await radio.add() for _ in range(3)]
        assert [event.job_id for event in await hear(radio, 0, until=added[-1].id)] == [job.id for job in added]


async def test_a_store_that_is_out_of_reach_is_waited_for(radio: Radio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broadcast, "AGAIN_AFTER", 0.01)
    job = made_job()
    async with audience(radio, 3, until=job.id) as tasks:
        radio.feed.is_down = True
        before = radio.feed.asked
        await radio.jobs.add(job)
        async with asyncio.timeout(10):
            while radio.feed.asked < before + 3:
                await radio.broadcast.heard.after(radio.broadcast.heard.rings, 0.001)
        radio.feed.is_down = False
        assert [[event.job_id for event in heard] for heard in await asyncio.gather(*tasks)] == [[job.id]] * 3


async def test_a_job_that_can_not_be_read_does_not_keep_the_others(radio: Radio) -> None:
    job = made_job()
    async with audience(radio, 1, until=job.id) as [task]:
        radio.jobs.unreadable = (await radio.add()).id
        await radio.jobs.add(job)
        assert [event.job_id for event in await task] == [job.id]


async def test_a_job_is_told_as_complete_once_its_asset_shows_it(radio: Radio) -> None:
    with radio.broadcast.listening():
        await radio.settled()
        job = await radio.add(JobStatus.COMPLETE)
        other = await radio.add()
        assert [event.job_id for event in await hear(radio, 0, until=other.id)] == [other.id]
        await radio.jobs.replace(replace(job, version=1, settled=True))
        assert [event.version for event in await hear(radio, 2, until=job.id)] == [1]


async def test_who_must_hear_what_is_forgotten_is_told_so(radio: Radio) -> None:
    await radio.add()
    await radio.feed.forget(datetime.now(UTC) + timedelta(seconds=1))
    with radio.broadcast.listening(), pytest.raises(Forgotten):
        await radio.broadcast.next(0)


async def test_it_wakes_those_who_wait_for_a_job_to_be_queued(radio: Radio) -> None:
    with radio.broadcast.listening():
        await radio.settled()
        rung = radio.wake.rings
        await radio.add(JobStatus.PROCESSING)
        await radio.settled()
        assert radio.wake.rings == rung
        await radio.add(JobStatus.QUEUED)
        await radio.settled()
        assert radio.wake.rings == rung + 1


async def test_who_begins_to_listen_is_woken_for_what_was_queued_before(radio: Radio) -> None:
    rung = radio.wake.rings
    with radio.broadcast.listening():
        async with asyncio.timeout(10):
            await radio.wake.after(rung, 10)
    assert radio.wake.rings == rung + 1


async def test_while_nobody_listens_no_job_is_read(radio: Radio) -> None:
    with radio.broadcast.listening():
        await radio.settled()
    for _ in range(3):
        await radio.add()
    with radio.broadcast.listening():
        await radio.settled()
        assert radio.jobs.reads == 0
        last = await radio.add()
        assert [event.job_id for event in await hear(radio, 3, until=last.id)] == [last.id]
