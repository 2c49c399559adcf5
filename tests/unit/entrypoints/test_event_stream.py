"""What is read and held for a listener who hears how things stand, however large the jobs are and however slow it is."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import pytest

from adapters.memory.feed import MemoryJobFeed
from adapters.memory.jobs import MemoryJobStore
from entrypoints.bell import Bell
from entrypoints.events import broadcast as broadcasting
from entrypoints.events.broadcast import Broadcast
from entrypoints.events.recent import PORTION
from entrypoints.web.event_stream import MOST_READ, all_jobs
from ports.jobs import Job
from ports.paging import Page
from tests.contracts.stores import made_job

pytestmark = pytest.mark.anyio

LARGE = PORTION + 1


class Jobs(MemoryJobStore):
    """Counts the jobs that it lists, and those who ask for them at the same time."""

    def __init__(self, feed: MemoryJobFeed) -> None:
        super().__init__(feed)
        self.listed: list[int] = []
        self.asking = self.most_asking = 0

    async def page(self, **asked: Any) -> Page[Job]:
        self.asking += 1
        self.most_asking = max(self.most_asking, self.asking)
        await asyncio.sleep(0)
        page = await super().page(**asked)
        self.asking -= 1
        self.listed.append(len(page.items))
        return page


class Stage:
    """Live jobs with so much in each, and who tells of them."""

    def __init__(self) -> None:
        self.feed = MemoryJobFeed()
        self.jobs = Jobs(self.feed)
        self.broadcast = Broadcast(self.feed, self.jobs, Bell())

    async def add(self, count: int, size: int) -> list[str]:
        added = [made_job(params={"noise": "x" * size}) for _ in range(count)]
        for job in added:
            await self.jobs.add(job)
        return [str(job.id) for job in added]

    def telling(self) -> AsyncGenerator[bytes, None]:
        return all_jobs(0, self.jobs, self.broadcast, is_known=False)


async def snapshot(texts: AsyncGenerator[bytes, None]) -> list[bytes]:
    """Return the texts until all live jobs are told."""
    told: list[bytes] = []
    async with aclosing(texts):
        while not (told and b"event: live" in told[-1]):
            told.append(await anext(texts))
    return told


def ids_in(texts: list[bytes]) -> list[str]:
    return [line.split('"')[3] for line in b"".join(texts).decode().splitlines() if line.startswith('data: {"id"')]


async def test_large_jobs_are_told_one_at_a_time_and_few_are_read_in_vain() -> None:
    stage = Stage()
    added = await stage.add(20, LARGE)
    told = await snapshot(stage.telling())
    assert sorted(ids_in(told)) == sorted(added)
    assert max(len(text) for text in told) < LARGE + 2000
    assert max(stage.jobs.listed) == 2


async def test_small_jobs_are_told_many_at_a_time() -> None:
    stage = Stage()
    added = await stage.add(300, 10)
    told = await snapshot(stage.telling())
    assert sorted(ids_in(told)) == sorted(added)
    assert len(stage.jobs.listed) < 20
    assert max(stage.jobs.listed) == MOST_READ


async def test_who_does_not_take_the_snapshot_has_nothing_more_read() -> None:
    stage = Stage()
    await stage.add(10, LARGE)
    async with aclosing(stage.telling()) as texts:
        for _ in range(3):
            await anext(texts)
        assert stage.jobs.listed == [1]


async def test_of_many_who_come_at_once_two_are_read_for_at_a_time() -> None:
    stage = Stage()
    added = await stage.add(5, LARGE)
    for told in await asyncio.gather(*(snapshot(stage.telling()) for _ in range(20))):
        assert len(ids_in(told)) == len(added)
    assert stage.jobs.most_asking == broadcasting.READERS
