"""A change whose answer is lost is sent again, and then sees that it was made: nothing happens twice."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Iterator
from typing import TypeVar

import pytest
from msgspec.structs import replace

from adapters.redis.client import Server
from ports.errors import Unavailable
from ports.jobs import JobKind, JobStatus
from tests.contracts.stores import NOW, SECOND, Stores, made_asset, made_job, redis_stores
from tests.integration.redis.process import Valkey
from tests.integration.worker.proxy import Proxy, running_proxy

pytestmark = pytest.mark.anyio

T = TypeVar("T")


@pytest.fixture
def proxy(valkey: Valkey) -> Iterator[Proxy]:
    with running_proxy() as between:
        between.target = valkey.port
        yield between


@pytest.fixture
async def stores(proxy: Proxy) -> AsyncIterator[Stores]:
    """Give stores behind the proxy, to whose server no script is new."""
    async with await Server.open(proxy.url.replace("http", "redis")) as server:
        stores = redis_stores(server)
        job = made_job(kind=JobKind.RENDER)
        await stores.jobs.add(job)
        await stores.jobs.take_due([job.status], [job.kind], NOW, NOW + SECOND, "warm")
        await stores.jobs.remove(job.id)
        yield stores


async def with_one_answer_lost(proxy: Proxy, call: Awaitable[T]) -> T:
    """Return what comes of the call. The server carries it out, and its first answer never arrives."""
    lost, proxy.loses_answers = proxy.lost, b"EVALSHA"
    calling = asyncio.ensure_future(call)
    while proxy.lost == lost:  # noqa: ASYNC110  (it is counted in another thread)
        await asyncio.sleep(0.001)
    proxy.loses_answers = None
    answer = await calling
    assert proxy.lost == lost + 1
    return answer


async def test_a_job_that_is_added_twice_is_one_and_one_change(proxy: Proxy, stores: Stores) -> None:
    job, before = made_job(), await stores.feed.newest()
    await with_one_answer_lost(proxy, stores.jobs.add(job))
    assert (await stores.jobs.page()).items == (job,)
    assert [change.job_id for change in await stores.feed.since(before)] == [job.id]


async def test_a_job_that_is_replaced_twice_is_so_once(proxy: Proxy, stores: Stores) -> None:
    job = made_job()
    await stores.jobs.add(job)
    before = await stores.feed.newest()
    await with_one_answer_lost(proxy, stores.jobs.replace(replace(job, version=1, error="e")))
    assert await stores.jobs.get(job.id) == replace(job, version=1, error="e")
    assert len(await stores.feed.since(before)) == 1


async def test_a_job_that_is_taken_twice_by_one_request_is_taken_once(proxy: Proxy, stores: Stores) -> None:
    job, other = made_job(due=NOW - SECOND), made_job()
    await stores.jobs.add(job)
    await stores.jobs.add(other)
    take = stores.jobs.take_due([JobStatus.QUEUED], [JobKind.PREPARE], NOW, NOW + SECOND, "request")
    assert await with_one_answer_lost(proxy, take) == replace(job, version=1, due=NOW + SECOND)
    assert await stores.jobs.get(other.id) == other


async def test_a_job_that_is_removed_twice_is_one_change(proxy: Proxy, stores: Stores) -> None:
    job = made_job()
    await stores.jobs.add(job)
    before = await stores.feed.newest()
    await with_one_answer_lost(proxy, stores.jobs.remove(job.id))
    assert (await stores.jobs.page()).items == ()
    assert len(await stores.feed.since(before)) == 1


async def test_many_changes_at_once_survive_the_loss(proxy: Proxy, stores: Stores) -> None:
    jobs, assets = [made_job() for _ in range(50)], [made_asset() for _ in range(50)]
    before = await stores.feed.newest()
    everything = asyncio.gather(*map(stores.jobs.add, jobs), *map(stores.assets.add, assets))
    await with_one_answer_lost(proxy, everything)
    assert len((await stores.jobs.page(limit=100)).items) == len((await stores.assets.page(limit=100)).items) == 50
    assert len(await stores.feed.since(before)) == 50


async def test_who_gets_no_answer_at_all_may_say_it_again_later(proxy: Proxy, stores: Stores) -> None:
    job, before = made_job(), await stores.feed.newest()
    proxy.loses_answers = b"EVALSHA"
    with pytest.raises(Unavailable):
        await stores.jobs.add(job)
    proxy.loses_answers = None
    await stores.jobs.add(job)
    assert len(await stores.feed.since(before)) == 1
