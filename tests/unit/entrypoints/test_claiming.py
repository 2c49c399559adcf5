"""Claims wait in line: few look, whoever looks finds what there is, and no ticket is started for a worker that is gone."""

import asyncio
from collections.abc import AsyncIterator, Collection
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from msgspec.structs import replace

from adapters.memory.jobs import MemoryJobStore
from domain.ordering import Order, order_job
from entrypoints import claiming
from entrypoints.background.loops import LOOK_EVERY
from entrypoints.claiming import LOOKING, Claim, ClaimDesk
from entrypoints.parts import Parts
from entrypoints.settings import load_settings
from entrypoints.wiring.server import running
from ports.errors import Unavailable
from ports.jobs import Job, JobKind, JobStatus, Outcome
from ports.work import Ticket

pytestmark = pytest.mark.anyio

RENDER = frozenset({JobKind.RENDER})
ALL = frozenset(JobKind)
LONG = 25.0


class CountingStore(MemoryJobStore):
    """Counts the looks for due jobs, and lets others run between any two steps, as a store on a disk does."""

    def __init__(self) -> None:
        super().__init__()
        self.looks = 0
        self.out_of_reach = False

    async def take_due(
        self, statuses: Collection[JobStatus], kinds: Collection[JobKind], now: datetime, until: datetime, request_id: str
    ) -> Job | None:
        if self.out_of_reach:
            raise Unavailable("the store")
        self.looks += JobStatus.QUEUED in statuses
        await asyncio.sleep(0)
        taken = await super().take_due(statuses, kinds, now, until, request_id)
        await asyncio.sleep(0)
        return taken

    async def replace(self, job: Job) -> None:
        await asyncio.sleep(0)
        await super().replace(job)
        await asyncio.sleep(0)


@pytest.fixture
async def parts(tmp_path: Path) -> AsyncIterator[Parts]:
    environment = {"GREENROOM_DATA_DIR": str(tmp_path / "data"), "GREENROOM_DISPATCH": "pull"}
    async with running(load_settings(environment, tmp_path / ".env")) as made:
        yield replace(made, jobs=CountingStore())


def looks(parts: Parts) -> int:
    assert isinstance(parts.jobs, CountingStore)
    return parts.jobs.looks


async def queue_job(parts: Parts) -> Job:
    order, now = Order(kind=JobKind.RENDER, params={}), parts.clock()
    job = await order_job(order, None, new_id=uuid4(), jobs=parts.jobs, assets=parts.assets, policy=parts.policy, now=now)
    parts.wake.ring()
    return job


def claim(worker: str = "w", kinds: frozenset[JobKind] = RENDER, wait: float = LONG) -> Claim:
    return Claim(worker=worker, kinds=kinds, wait=wait, lease=timedelta(minutes=1))


def never() -> "asyncio.Future[None]":
    return asyncio.get_running_loop().create_future()


def waiting(desk: ClaimDesk, wanted: Claim) -> "asyncio.Task[Ticket | None]":
    return asyncio.create_task(desk.ticket_for(wanted, never()))


async def calm(parts: Parts) -> None:
    """Wait until nobody looks any more."""
    before = -1
    while before != looks(parts):
        before = looks(parts)
        for _ in range(50):
            await asyncio.sleep(0)


async def stop(*tasks: "asyncio.Task[Ticket | None]") -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody look because time has passed."""
    monkeypatch.setattr(claiming, "LOOK_EVERY", LONG)


@pytest.mark.usefixtures("patient")
async def test_a_hundred_who_wait_look_as_often_as_a_few(parts: Parts) -> None:
    desk = ClaimDesk(parts)
    line = [waiting(desk, claim(f"w{number}")) for number in range(100)]
    await calm(parts)
    for _ in range(10):
        parts.wake.ring()
        await calm(parts)
    rings = parts.wake.rings
    assert 10 <= rings <= 11  # one more as the feed begins to be followed
    assert looks(parts) <= 100 + LOOKING + rings * LOOKING
    await stop(*line)


@pytest.mark.usefixtures("patient")
async def test_one_ring_serves_as_many_as_there_are_jobs(parts: Parts) -> None:
    desk = ClaimDesk(parts)
    line = [waiting(desk, claim(f"w{number}")) for number in range(20)]
    await calm(parts)
    jobs = [await queue_job(parts) for _ in range(20)]
    async with asyncio.timeout(10):
        tickets = await asyncio.gather(*line)
    assert sorted(ticket.job_id for ticket in tickets if ticket) == sorted(job.id for job in jobs)


@pytest.mark.usefixtures("patient")
async def test_who_waits_for_another_kind_stands_in_nobodys_way(parts: Parts) -> None:
    desk = ClaimDesk(parts)
    others = [waiting(desk, claim(kinds=frozenset({JobKind.PREPARE}))) for _ in range(2 * LOOKING)]
    both, one = waiting(desk, claim(kinds=ALL)), waiting(desk, claim())
    await calm(parts)
    for _ in range(2):
        await queue_job(parts)
    async with asyncio.timeout(10):
        assert all(await asyncio.gather(both, one))
    assert not any(task.done() for task in others)
    await stop(*others)


@pytest.mark.usefixtures("patient")
async def test_who_gives_up_leaves_the_place_to_the_next(parts: Parts) -> None:
    desk = ClaimDesk(parts)
    first = [waiting(desk, claim()) for _ in range(LOOKING)]
    next_in_line = waiting(desk, claim())
    await calm(parts)
    await stop(*first)
    await queue_job(parts)
    async with asyncio.timeout(10):
        assert await next_in_line


async def test_a_job_whose_time_comes_is_found_without_a_ring(parts: Parts) -> None:
    soon = parts.clock() + timedelta(seconds=LOOK_EVERY / 4)
    await parts.jobs.add(Job(id=uuid4(), kind=JobKind.RENDER, created=soon, due=soon))
    async with asyncio.timeout(3 * LOOK_EVERY):
        assert await ClaimDesk(parts).ticket_for(claim(), never())


async def test_the_wait_ends_for_all_in_line(parts: Parts) -> None:
    desk, loop = ClaimDesk(parts), asyncio.get_running_loop()
    began = loop.time()
    assert await asyncio.gather(*[waiting(desk, claim(wait=0.3)) for _ in range(3 * LOOKING)]) == [None] * 3 * LOOKING
    assert 0.3 <= loop.time() - began < 5


async def test_who_is_gone_is_started_nothing_for(parts: Parts) -> None:
    desk, over = ClaimDesk(parts), never()
    task = asyncio.create_task(desk.ticket_for(claim(), over))
    await calm(parts)
    over.set_result(None)
    assert await task is None
    job = await queue_job(parts)
    await calm(parts)
    assert (await parts.jobs.get(job.id)).attempts == ()


async def test_a_store_out_of_reach_ends_the_wait(parts: Parts) -> None:
    desk = ClaimDesk(parts)
    line = [waiting(desk, claim()) for _ in range(LOOKING + 1)]
    await calm(parts)
    assert isinstance(parts.jobs, CountingStore)
    parts.jobs.out_of_reach = True
    parts.wake.ring()
    async with asyncio.timeout(10):
        ended = await asyncio.gather(*line, return_exceptions=True)
    assert {type(each) for each in ended} == {Unavailable}


@pytest.mark.parametrize("leave", ["the client goes", "the task is cancelled"])
async def test_whenever_it_leaves_a_worker_has_its_ticket_or_the_job_is_given_back(parts: Parts, leave: str) -> None:
    desk, handed = ClaimDesk(parts), 0
    for ticks in range(60):
        job, over = await queue_job(parts), never()
        task = asyncio.create_task(desk.ticket_for(claim(), over))
        for _ in range(ticks):
            await asyncio.sleep(0)
        over.set_result(None) if leave == "the client goes" else task.cancel()
        [ticket] = await asyncio.gather(task, return_exceptions=True)
        handed += isinstance(ticket, Ticket)
        check(await parts.jobs.get(job.id), ticket)
        await parts.jobs.remove(job.id)
    assert 0 < handed < 60


def check(job: Job, ticket: object) -> None:
    if isinstance(ticket, Ticket):
        assert (job.status, ticket.job_id, ticket.attempt) == (JobStatus.PROCESSING, job.id, 1)
        return
    assert job.status is JobStatus.QUEUED
    assert [(attempt.outcome, attempt.message) for attempt in job.attempts] in (
        [],
        [(Outcome.RELEASED, "The worker was gone before it had its ticket")],
    )
