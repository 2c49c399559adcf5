"""Whatever befalls the server, who asks is told so in the words of the ports, and soon; afterwards all is well by itself."""

import asyncio
import time

import pytest
from msgspec.structs import replace

from adapters.redis.client import Server
from ports.errors import OutOfSpace, Unavailable
from ports.jobs import JobKind, JobStatus
from tests.contracts.stores import NOW, SECOND, Stores, made_job, redis_stores
from tests.integration.redis.process import Valkey

pytestmark = pytest.mark.anyio


async def works(stores: Stores) -> None:
    """Change, read and hand out a job."""
    job, before = made_job(), await stores.feed.newest()
    await stores.jobs.add(job)
    assert await stores.jobs.get(job.id) == job
    assert await stores.jobs.take_due([JobStatus.QUEUED], [JobKind.PREPARE], NOW, NOW + SECOND, str(job.id)) is not None
    assert len(await stores.feed.since(before)) == 1


async def test_a_server_that_is_killed_and_started_again_is_found_again_with_all_that_it_kept(
    valkey: Valkey, stores: Stores
) -> None:
    job = made_job()
    valkey.set("appendfsync", "always")
    await stores.jobs.add(job)
    valkey.kill()
    with pytest.raises(Unavailable):
        await stores.jobs.get(job.id)
    with pytest.raises(Unavailable):
        await stores.jobs.add(made_job())
    valkey.start()
    assert await stores.jobs.get(job.id) == job
    await works(stores)


async def test_a_connection_that_broke_while_nobody_asked_is_not_noticed(valkey: Valkey, stores: Stores) -> None:
    await works(stores)
    for _ in range(3):
        valkey.admin.client_kill_filter(_type="normal", skipme=True)
        await works(stores)


async def test_scripts_that_the_server_forgot_are_sent_again(valkey: Valkey, stores: Stores) -> None:
    await works(stores)
    valkey.admin.script_flush()
    await works(stores)


async def test_a_frozen_server_keeps_nobody_waiting(valkey: Valkey, server: Server, stores: Stores) -> None:
    await works(stores)
    begun = time.monotonic()
    with valkey.frozen():
        asked = [*(stores.jobs.get(made_job().id) for _ in range(600)), *(stores.jobs.add(made_job()) for _ in range(600))]
        outcomes = await asyncio.gather(*asked, server.check(), return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {Unavailable}
    assert time.monotonic() - begun < 3
    await works(stores)


async def test_a_full_server_can_be_read_and_made_room_in(valkey: Valkey, server: Server, stores: Stores) -> None:
    job = made_job()
    await stores.jobs.add(job)
    valkey.set("maxmemory", "1")
    with pytest.raises(OutOfSpace):
        await stores.jobs.add(made_job())
    with pytest.raises(OutOfSpace):
        await stores.jobs.replace(replace(job, version=1))
    with pytest.raises(OutOfSpace):
        await server.check()
    assert (await stores.jobs.page()).items == (job,)
    await stores.jobs.remove(job.id)
    assert len(await stores.feed.since(0)) == 2
    async with await Server.open(valkey.url):
        pass
    valkey.set("maxmemory", "0")
    await works(stores)


async def test_who_waits_for_news_of_a_server_that_becomes_a_replica_is_told_of_an_outage(valkey: Valkey, stores: Stores) -> None:
    waiting = asyncio.ensure_future(stores.feed.wait(0, 60))
    while not valkey.admin.info("clients")["blocked_clients"]:  # noqa: ASYNC110  (it is counted in another process)
        await asyncio.sleep(0.001)
    valkey.admin.execute_command("REPLICAOF", "127.0.0.1", 1)
    with pytest.raises(Unavailable):
        await waiting


@pytest.mark.parametrize("stale", ["yes", "no"])
async def test_a_server_that_has_become_a_replica_is_out_of_reach_until_it_is_none(
    valkey: Valkey, stores: Stores, stale: str
) -> None:
    job = made_job()
    await stores.jobs.add(job)
    valkey.set("replica-serve-stale-data", stale)
    valkey.admin.execute_command("REPLICAOF", "127.0.0.1", 1)
    with pytest.raises(Unavailable):
        await stores.jobs.add(made_job())
    if stale == "no":
        with pytest.raises(Unavailable):
            await stores.jobs.get(job.id)
    valkey.admin.execute_command("REPLICAOF", "NO", "ONE")
    await works(stores)


async def test_too_few_replicas_are_an_outage(valkey: Valkey, server: Server, stores: Stores) -> None:
    valkey.set("min-replicas-to-write", "1")
    with pytest.raises(Unavailable):
        await stores.jobs.add(made_job())
    with pytest.raises(Unavailable):
        await server.check()
    assert (await stores.jobs.page()).items == ()
    valkey.set("min-replicas-to-write", "0")
    await works(stores)


async def test_a_script_that_does_not_end_is_an_outage(valkey: Valkey, stores: Stores) -> None:
    await works(stores)
    valkey.set("busy-reply-threshold", "20")
    running = asyncio.get_running_loop().run_in_executor(None, lambda: _ended(valkey))
    with pytest.raises(Unavailable):  # noqa: PT012  (it may take a while until the script has begun)
        while True:
            await stores.jobs.add(made_job())
    with pytest.raises(Unavailable):
        await stores.feed.newest()
    valkey.admin.script_kill()
    await running
    await works(stores)


def _ended(valkey: Valkey) -> None:
    with pytest.raises(Exception, match="killed"):
        valkey.admin.eval("while true do end", 0)


async def test_who_is_cancelled_leaves_no_answer_for_somebody_else(stores: Stores) -> None:
    added = [made_job(params={"long": "x" * 50_000}) for _ in range(30)]
    for job in added:
        await stores.jobs.add(job)
    for turn in range(15):
        reading = [asyncio.ensure_future(stores.jobs.get(job.id)) for job in added]
        for _ in range(turn):
            await asyncio.sleep(0)
        for each in reading[::2]:
            each.cancel()
        read = await asyncio.gather(*reading, return_exceptions=True)
        assert read[1::2] == added[1::2]
    assert [await stores.jobs.get(job.id) for job in added] == added


async def test_who_waits_for_news_is_told_of_an_outage_and_hears_again_afterwards(valkey: Valkey, stores: Stores) -> None:
    waiting = [asyncio.ensure_future(stores.feed.wait(0, 60)) for _ in range(3)]
    await asyncio.sleep(0.05)
    valkey.kill()
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {Unavailable}
    valkey.start()
    waiting = [asyncio.ensure_future(stores.feed.wait(0, 60))]
    await asyncio.sleep(0.05)
    await stores.jobs.add(made_job())
    async with asyncio.timeout(5):
        await waiting[0]


async def test_a_store_that_is_closed_is_not_available(valkey: Valkey) -> None:
    server = await Server.open(valkey.url)
    stores = redis_stores(server)
    waiting = asyncio.ensure_future(stores.feed.wait(0, 60))
    await asyncio.sleep(0.05)
    begun = time.monotonic()
    await server.close()
    await server.close()
    assert time.monotonic() - begun < 1
    with pytest.raises(Unavailable):
        await waiting
    with pytest.raises(Unavailable):
        await stores.census.count(NOW)
