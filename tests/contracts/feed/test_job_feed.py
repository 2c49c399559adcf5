"""What a job feed tells of the changes that are made in the store beside it."""

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from msgspec.structs import replace

from ports.errors import AlreadyExists, Conflict, Forgotten, NotFound
from ports.events import Change, JobFeed
from ports.jobs import Job, JobStatus
from tests.contracts.stores import NOW, SECOND, Harness, Stores, made_job

pytestmark = pytest.mark.anyio

AGES_AGO = timedelta(days=1)


async def add(stores: Stores, count: int) -> list[Job]:
    """Add jobs, one change each."""
    added = [made_job() for _ in range(count)]
    for job in added:
        await stores.jobs.add(job)
    return added


def later(job: Job) -> Job:
    return replace(job, version=job.version + 1, error="something else")


def told(changes: Sequence[Change]) -> list[tuple[int, UUID]]:
    return [(change.number, change.job_id) for change in changes]


async def heard(feed: JobFeed, number: int, job_id: UUID | None = None) -> list[Change]:
    return list(await feed.since(number, job_id=job_id))


async def test_before_the_first_change_the_newest_is_0(stores: Stores) -> None:
    assert await stores.feed.newest() == 0
    assert await heard(stores.feed, 0) == []


async def test_a_job_that_is_added_changed_and_removed_is_three_changes(stores: Stores) -> None:
    [job] = await add(stores, 1)
    await stores.jobs.replace(later(job))
    await stores.jobs.remove(job.id)
    assert told(await heard(stores.feed, 0)) == [(1, job.id), (2, job.id), (3, job.id)]
    assert await stores.feed.newest() == 3


async def test_taking_a_due_job_is_no_change(stores: Stores) -> None:
    [job] = await add(stores, 1)
    assert await stores.jobs.take_due({job.status}, {job.kind}, NOW, NOW + SECOND, "r") is not None
    assert await stores.feed.newest() == 1


async def test_what_changes_nothing_is_no_change(stores: Stores) -> None:
    [job] = await add(stores, 1)
    await stores.jobs.replace(later(job))
    await stores.jobs.replace(later(job))
    await stores.jobs.remove(uuid4())
    assert await stores.feed.newest() == 2
    await stores.jobs.add(later(job))
    assert await stores.feed.newest() == 2


async def test_what_is_refused_is_no_change(stores: Stores) -> None:
    [job] = await add(stores, 1)
    with pytest.raises(AlreadyExists):
        await stores.jobs.add(replace(job, error="another"))
    with pytest.raises(Conflict):
        await stores.jobs.replace(replace(job, version=7))
    with pytest.raises(NotFound):
        await stores.jobs.replace(made_job(version=1))
    assert await stores.feed.newest() == 1


async def test_the_changes_after_a_number_come_in_their_order_as_many_as_are_wanted(stores: Stores) -> None:
    added = await add(stores, 7)
    assert [change.job_id for change in await stores.feed.since(2)] == [job.id for job in added[2:]]
    assert [change.job_id for change in await stores.feed.since(2, 3)] == [job.id for job in added[2:5]]
    assert await heard(stores.feed, 7) == []


async def test_five_hundred_are_told_where_no_limit_is_given(stores: Stores) -> None:
    await asyncio.gather(*(stores.jobs.add(made_job()) for _ in range(501)))
    assert len(await stores.feed.since(0)) == 500
    assert [change.number for change in await stores.feed.since(500)] == [501]


async def test_the_changes_of_one_job_are_told_alone(stores: Stores) -> None:
    one, other = await add(stores, 2)
    await stores.jobs.replace(later(one))
    assert told(await heard(stores.feed, 0, one.id)) == [(1, one.id), (3, one.id)]
    assert told(await heard(stores.feed, 1, one.id)) == [(3, one.id)]
    assert await heard(stores.feed, 2, other.id) == []
    assert told(await stores.feed.since(0, 1, one.id)) == [(1, one.id)]
    assert told(await stores.feed.since(0, 1, other.id)) == [(2, other.id)]


@pytest.mark.parametrize("number", [-1, 4, 2**62])
async def test_a_number_that_was_never_given_is_forgotten(stores: Stores, number: int) -> None:
    await add(stores, 3)
    with pytest.raises(Forgotten):
        await stores.feed.since(number)
    with pytest.raises(Forgotten):
        await stores.feed.since(number, job_id=uuid4())


async def test_waiting_ends_at_once_where_there_is_a_change_already(stores: Stores) -> None:
    await add(stores, 1)
    async with asyncio.timeout(10):
        await stores.feed.wait(0, 60)


async def test_waiting_ends_soon_after_a_change(stores: Stores) -> None:
    for number in range(5):
        waiting = asyncio.ensure_future(stores.feed.wait(number, 60))
        await asyncio.sleep(0.01 * number)
        await add(stores, 1)
        async with asyncio.timeout(10):
            await waiting
        assert await stores.feed.newest() == number + 1


async def test_several_may_wait(stores: Stores) -> None:
    waiting = [asyncio.ensure_future(stores.feed.wait(0, 60)) for _ in range(10)]
    await asyncio.sleep(0)
    await add(stores, 1)
    async with asyncio.timeout(10):
        await asyncio.gather(*waiting)


async def test_waiting_ends_after_so_many_seconds(stores: Stores) -> None:
    await add(stores, 1)
    begun = time.monotonic()
    await stores.feed.wait(1, 0.4)
    assert 0.39 <= time.monotonic() - begun < 10


async def test_who_stops_waiting_is_cancelled(stores: Stores) -> None:
    waiting = asyncio.ensure_future(stores.feed.wait(0, 60))
    await asyncio.sleep(0.01)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_changes_before_a_time_are_forgotten_and_numbers_go_on_rising(stores: Stores) -> None:
    await add(stores, 3)
    await stores.feed.forget(datetime.now(UTC) - AGES_AGO)
    assert len(await stores.feed.since(0)) == 3
    await stores.feed.forget(datetime.now(UTC) + SECOND)
    assert await stores.feed.newest() == 3
    assert await heard(stores.feed, 3) == []
    [job] = await add(stores, 1)
    assert told(await heard(stores.feed, 3)) == [(4, job.id)]


async def test_what_came_after_a_number_is_forgotten_once_any_of_it_is(stores: Stores) -> None:
    await add(stores, 2)
    await asyncio.sleep(0.02)  # times may be kept to the millisecond only
    between = datetime.now(UTC)
    await asyncio.sleep(0.02)
    await add(stores, 2)
    await stores.feed.forget(between)
    assert [change.number for change in await stores.feed.since(2)] == [3, 4]
    for number in (0, 1):
        with pytest.raises(Forgotten):
            await stores.feed.since(number)
        with pytest.raises(Forgotten):
            await stores.feed.since(number, job_id=uuid4())


async def test_more_than_a_batch_is_forgotten_at_once(stores: Stores) -> None:
    await asyncio.gather(*(stores.jobs.add(made_job()) for _ in range(5001)))
    await stores.feed.forget(datetime.now(UTC) + SECOND)
    with pytest.raises(Forgotten):
        await stores.feed.since(5000)
    assert await heard(stores.feed, 5001) == []


async def test_changes_are_kept_where_jobs_are(harness: Harness, tmp_path: Path) -> None:
    if not harness.durable:
        pytest.skip("this adapter keeps nothing")
    async with harness.open(tmp_path) as stores:
        [first] = await add(stores, 1)
    async with harness.open(tmp_path) as stores:
        [second] = await add(stores, 1)
        assert told(await heard(stores.feed, 0)) == [(1, first.id), (2, second.id)]


async def test_a_change_by_another_process_is_heard_within_a_second(harness: Harness, tmp_path: Path) -> None:
    if not harness.shared:
        pytest.skip("nobody else can open this adapter's place")
    async with harness.open(tmp_path) as here, harness.open(tmp_path) as there:
        waiting = asyncio.ensure_future(here.feed.wait(0, 60))
        await asyncio.sleep(0.01)
        [job] = await add(there, 1)
        async with asyncio.timeout(1):
            await waiting
        assert told(await heard(here.feed, 0)) == [(1, job.id)]
        await there.jobs.replace(replace(job, version=1, status=JobStatus.CANCELLED))
        assert told(await heard(here.feed, 1)) == [(2, job.id)]
