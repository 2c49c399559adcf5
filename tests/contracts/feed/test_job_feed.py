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


def told(changes: Sequence[Change]) -> list[UUID]:
    """Return whose the changes are. Their numbers must rise."""
    given = [change.number for change in changes]
    assert given == sorted(set(given))
    return [change.job_id for change in changes]


async def heard(feed: JobFeed, number: int, job_id: UUID | None = None) -> list[Change]:
    return list(await feed.since(number, job_id=job_id))


async def numbers(feed: JobFeed) -> list[int]:
    """Return the numbers of all changes; before the first, 0."""
    return [0, *(change.number for change in await feed.since(0))]


async def test_before_the_first_change_the_newest_is_0(stores: Stores) -> None:
    assert await stores.feed.newest() == 0
    assert await heard(stores.feed, 0) == []


async def test_a_job_that_is_added_changed_and_removed_is_three_changes(stores: Stores) -> None:
    [job] = await add(stores, 1)
    await stores.jobs.replace(later(job))
    await stores.jobs.remove(job.id)
    assert told(await heard(stores.feed, 0)) == [job.id] * 3


async def test_numbers_are_above_0_and_rise_and_the_newest_is_the_last(stores: Stores) -> None:
    given = [0]
    for _ in range(20):
        await add(stores, 1)
        given.append(await stores.feed.newest())
    assert given == sorted(set(given)) == await numbers(stores.feed)


async def test_taking_a_due_job_is_no_change(stores: Stores) -> None:
    [job] = await add(stores, 1)
    assert await stores.jobs.take_due({job.status}, {job.kind}, NOW, NOW + SECOND, "r") is not None
    assert told(await heard(stores.feed, 0)) == [job.id]


async def test_what_changes_nothing_is_no_change(stores: Stores) -> None:
    [job] = await add(stores, 1)
    await stores.jobs.replace(later(job))
    await stores.jobs.replace(later(job))
    await stores.jobs.remove(uuid4())
    assert told(await heard(stores.feed, 0)) == [job.id] * 2
    await stores.jobs.add(later(job))
    assert told(await heard(stores.feed, 0)) == [job.id] * 2


async def test_what_is_refused_is_no_change(stores: Stores) -> None:
    [job] = await add(stores, 1)
    with pytest.raises(AlreadyExists):
        await stores.jobs.add(replace(job, error="another"))
    with pytest.raises(Conflict):
        await stores.jobs.replace(replace(job, version=7))
    with pytest.raises(NotFound):
        await stores.jobs.replace(made_job(version=1))
    assert told(await heard(stores.feed, 0)) == [job.id]


async def test_the_changes_after_a_number_come_in_their_order_as_many_as_are_wanted(stores: Stores) -> None:
    added = [job.id for job in await add(stores, 7)]
    given = await numbers(stores.feed)
    for count, number in enumerate(given):
        assert told(await heard(stores.feed, number)) == added[count:]
    assert told(await stores.feed.since(given[2], 3)) == added[2:5]


async def test_five_hundred_are_told_where_no_limit_is_given(stores: Stores) -> None:
    await asyncio.gather(*(stores.jobs.add(made_job()) for _ in range(501)))
    first = await stores.feed.since(0)
    assert len(first) == 500
    assert [change.number for change in await stores.feed.since(first[-1].number)] == [await stores.feed.newest()]


async def test_the_changes_of_one_job_are_told_alone(stores: Stores) -> None:
    one, other = await add(stores, 2)
    await stores.jobs.replace(later(one))
    first, second, third = await heard(stores.feed, 0)
    assert await heard(stores.feed, 0, one.id) == [first, third]
    assert await heard(stores.feed, first.number, one.id) == [third]
    assert await heard(stores.feed, second.number, other.id) == []
    assert await stores.feed.since(0, 1, one.id) == [first]
    assert await stores.feed.since(0, 1, other.id) == [second]


async def test_a_number_that_was_never_given_is_forgotten(stores: Stores) -> None:
    for _ in range(2):
        for number in (-1, await stores.feed.newest() + 1, 2**62):
            with pytest.raises(Forgotten):
                await stores.feed.since(number)
            with pytest.raises(Forgotten):
                await stores.feed.since(number, job_id=uuid4())
        await add(stores, 3)


async def test_waiting_ends_at_once_where_there_is_a_change_already(stores: Stores) -> None:
    await add(stores, 1)
    async with asyncio.timeout(10):
        await stores.feed.wait(0, 60)


async def test_waiting_ends_soon_after_a_change(stores: Stores) -> None:
    for turn in range(5):
        number = await stores.feed.newest()
        waiting = asyncio.ensure_future(stores.feed.wait(number, 60))
        await asyncio.sleep(0.01 * turn)
        await add(stores, 1)
        async with asyncio.timeout(10):
            await waiting
        assert await stores.feed.newest() > number


async def test_several_may_wait(stores: Stores) -> None:
    waiting = [asyncio.ensure_future(stores.feed.wait(0, 60)) for _ in range(10)]
    await asyncio.sleep(0)
    await add(stores, 1)
    async with asyncio.timeout(10):
        await asyncio.gather(*waiting)


async def test_waiting_ends_after_so_many_seconds(stores: Stores) -> None:
    await add(stores, 1)
    number = await stores.feed.newest()
    begun = time.monotonic()
    await stores.feed.wait(number, 0.4)
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
    number = await stores.feed.newest()
    await stores.feed.forget(datetime.now(UTC) + SECOND)
    assert await stores.feed.newest() == number
    assert await heard(stores.feed, number) == []
    [job] = await add(stores, 1)
    assert told(await heard(stores.feed, number)) == [job.id]
    assert await stores.feed.newest() > number


async def test_what_came_after_a_number_is_forgotten_once_any_of_it_is(stores: Stores) -> None:
    await add(stores, 2)
    await asyncio.sleep(0.02)  # times may be kept to the millisecond only
    between = datetime.now(UTC)
    await asyncio.sleep(0.02)
    await add(stores, 2)
    beginning, first, second, third, fourth = await numbers(stores.feed)
    await stores.feed.forget(between)
    assert [change.number for change in await stores.feed.since(second)] == [third, fourth]
    assert [change.number for change in await stores.feed.since(third)] == [fourth]
    for number in (beginning, first):
        with pytest.raises(Forgotten):
            await stores.feed.since(number)
        with pytest.raises(Forgotten):
            await stores.feed.since(number, job_id=uuid4())


async def test_more_than_a_batch_is_forgotten_at_once(stores: Stores) -> None:
    await asyncio.gather(*(stores.jobs.add(made_job()) for _ in range(5001)))
    *_, last_but_one, last = await stores.feed.since(0, 5001)
    await stores.feed.forget(datetime.now(UTC) + SECOND)
    with pytest.raises(Forgotten):
        await stores.feed.since(last_but_one.number)
    assert await heard(stores.feed, last.number) == []


async def test_changes_are_kept_where_jobs_are(harness: Harness, tmp_path: Path) -> None:
    if not harness.durable:
        pytest.skip("this adapter keeps nothing")
    async with harness.open(tmp_path) as stores:
        [first] = await add(stores, 1)
    async with harness.open(tmp_path) as stores:
        [second] = await add(stores, 1)
        assert told(await heard(stores.feed, 0)) == [first.id, second.id]


async def test_a_change_by_another_process_is_heard_within_a_second(harness: Harness, tmp_path: Path) -> None:
    if not harness.shared:
        pytest.skip("nobody else can open this adapter's place")
    async with harness.open(tmp_path) as here, harness.open(tmp_path) as there:
        waiting = asyncio.ensure_future(here.feed.wait(0, 60))
        await asyncio.sleep(0.01)
        [job] = await add(there, 1)
        async with asyncio.timeout(1):
            await waiting
        assert told(await heard(here.feed, 0)) == [job.id]
        number = await here.feed.newest()
        await there.jobs.replace(replace(job, version=1, status=JobStatus.CANCELLED))
        assert told(await heard(here.feed, number)) == [job.id]
