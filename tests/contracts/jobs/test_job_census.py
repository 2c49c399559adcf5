"""What those who run it see of the jobs: how many there are, and how long they wait."""

from pathlib import Path

import pytest

from adapters.sqlite.census import SqliteJobCensus
from adapters.sqlite.database import Database
from ports.census import Census, Waiting
from ports.errors import Unavailable
from ports.jobs import JobKind, JobStatus
from tests.contracts.stores import NOW, SECOND, Harness, made_job

pytestmark = pytest.mark.anyio


async def test_without_jobs_nothing_is_counted(harness: Harness, tmp_path: Path) -> None:
    async with harness.open(tmp_path) as stores:
        assert await stores.census.count(NOW) == Census({}, {})


async def test_jobs_are_counted_by_status_and_kind(harness: Harness, tmp_path: Path) -> None:
    async with harness.open(tmp_path) as stores:
        for number, (status, kind) in enumerate((status, kind) for status in JobStatus for kind in JobKind):
            for _ in range(number):
                await stores.jobs.add(made_job(status=status, kind=kind))
        counted = (await stores.census.count(NOW)).counts
    order = [(status, kind) for status in JobStatus for kind in JobKind]
    assert counted == {pair: number for number, pair in enumerate(order) if number}


async def test_a_job_is_counted_as_it_is_now(harness: Harness, tmp_path: Path) -> None:
    async with harness.open(tmp_path) as stores:
        job, gone = made_job(), made_job()
        for each in (job, gone):
            await stores.jobs.add(each)
        await stores.jobs.replace(made_job(id=job.id, version=1, status=JobStatus.FAILED))
        await stores.jobs.remove(gone.id)
        assert await stores.census.count(NOW) == Census({(JobStatus.FAILED, JobKind.PREPARE): 1}, {})


async def test_those_that_wait_are_counted_with_the_due_time_of_the_most_overdue_one(harness: Harness, tmp_path: Path) -> None:
    async with harness.open(tmp_path) as stores:
        for seconds in (-30, -90, 0, 1):
            await stores.jobs.add(made_job(due=NOW + seconds * SECOND))
        await stores.jobs.add(made_job(kind=JobKind.RENDER, due=NOW - SECOND))
        waiting = (await stores.census.count(NOW)).waiting
    assert waiting == {JobKind.PREPARE: Waiting(3, NOW - 90 * SECOND), JobKind.RENDER: Waiting(1, NOW - SECOND)}


async def test_a_queued_job_that_is_due_later_does_not_wait_yet(harness: Harness, tmp_path: Path) -> None:
    async with harness.open(tmp_path) as stores:
        await stores.jobs.add(made_job(due=NOW + SECOND))
        assert await stores.census.count(NOW) == Census({(JobStatus.QUEUED, JobKind.PREPARE): 1}, {})


async def test_a_job_that_is_not_queued_does_not_wait(harness: Harness, tmp_path: Path) -> None:
    async with harness.open(tmp_path) as stores:
        for status in set(JobStatus) - {JobStatus.QUEUED}:
            await stores.jobs.add(made_job(status=status, due=NOW - SECOND))
        assert (await stores.census.count(NOW)).waiting == {}


async def test_counting_in_a_store_that_is_closed_says_that_it_is_not_available(tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "greenroom.db")
    await database.close()
    with pytest.raises(Unavailable):
        await SqliteJobCensus(database).count(NOW)
