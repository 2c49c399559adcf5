"""A server that has lost its last changes does not tell those who heard of them that nothing else happened."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from entrypoints.bell import Bell
from entrypoints.events.broadcast import Broadcast
from ports.errors import Forgotten
from ports.jobs import Job
from tests.contracts.stores import SECOND, Stores, made_job
from tests.integration.redis.process import Valkey

pytestmark = pytest.mark.anyio


@contextmanager
def lost(valkey: Valkey) -> Iterator[None]:
    """Lose what is changed meanwhile, as a replica does that takes over before it was sent it, or a snapshot from before."""
    admin: Any = valkey.admin
    kept = {key: admin.dump(key) for key in admin.keys("*")}
    yield
    admin.flushall()
    for key, value in kept.items():
        admin.restore(key, 0, value)


async def add(stores: Stores, count: int) -> list[Job]:
    added = [made_job() for _ in range(count)]
    for job in added:
        await stores.jobs.add(job)
    return added


async def test_what_came_after_a_lost_change_is_forgotten_however_many_were_made_since(valkey: Valkey, stores: Stores) -> None:
    [job] = await add(stores, 1)
    kept = await stores.feed.newest()
    with lost(valkey):
        await add(stores, 3)
        given = [change.number for change in await stores.feed.since(kept)]
    for count in range(5):
        for number in given:
            with pytest.raises(Forgotten):
                await stores.feed.since(number)
            with pytest.raises(Forgotten):
                await stores.feed.since(number, job_id=job.id)
        assert len(await stores.feed.since(kept)) == count
        await add(stores, 1)
    assert await stores.feed.newest() > given[-1]


async def test_what_came_before_the_loss_is_still_known_after_some_of_it_was_forgotten(valkey: Valkey, stores: Stores) -> None:
    await add(stores, 2)
    kept = await stores.feed.newest()
    with lost(valkey):
        await stores.feed.forget(datetime.now(UTC) + SECOND)
        await add(stores, 1)
        number = await stores.feed.newest()
    [job] = await add(stores, 1)
    assert [change.job_id for change in await stores.feed.since(kept)] == [job.id]
    await stores.feed.forget(datetime.now(UTC) + SECOND)
    for each in (0, kept, number):
        with pytest.raises(Forgotten):
            await stores.feed.since(each)


async def test_a_listener_that_stayed_is_left_and_finds_its_changes_lost(valkey: Valkey, stores: Stores) -> None:
    broadcast = Broadcast(stores.feed, stores.jobs, Bell())
    following = asyncio.create_task(broadcast.follow_forever())
    [job] = await add(stores, 1)
    number = await stores.feed.newest()
    with broadcast.listening():
        with lost(valkey):
            await stores.jobs.replace(replace(job, version=1, error="lost"))
            events, number = await broadcast.next(number)
            assert [event.version for event in events] == [1]
        listening = asyncio.create_task(broadcast.next(number))
        await add(stores, 1)
        with pytest.raises(Forgotten):
            async with asyncio.timeout(10):
                await listening
    following.cancel()
    await asyncio.wait([following])


@pytest.mark.parametrize("last", [7, 2**53 - 3])
async def test_numbers_go_on_from_whatever_was_the_last(valkey: Valkey, stores: Stores, last: int) -> None:
    valkey.admin.xadd("{greenroom}:changes", {"id": str(made_job().id), "made": 1}, id=f"{last}-0")
    valkey.admin.set("{greenroom}:changes:number", last)
    one, other = await add(stores, 2)
    assert [change.job_id for change in await stores.feed.since(last)] == [one.id, other.id]
    assert [change.job_id for change in await stores.feed.since(last, job_id=other.id)] == [other.id]
    assert last < (await stores.feed.since(last))[0].number < await stores.feed.newest() < 2**53
