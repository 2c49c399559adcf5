"""Many takers at once, in several places: each job goes to one of them, and nobody is sent away with an error."""

import asyncio
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from msgspec.structs import replace

from adapters.redis.client import Server
from adapters.redis.jobs import RedisJobStore
from ports.errors import NotFound
from ports.jobs import Job, JobKind, JobStatus
from tests.contracts.stores import NOW, SECOND, made_job, redis_stores
from tests.integration.redis.process import Valkey, running_valkey

pytestmark = pytest.mark.anyio

WORKERS, PLACES, JOBS = 50, 5, 500


async def work(jobs: RedisJobStore, name: str) -> list[Job]:
    """Take jobs and start them until there are none. Another's Conflict would end it."""
    done: list[Job] = []
    while job := await jobs.take_due([JobStatus.QUEUED], list(JobKind), NOW, NOW + 30 * SECOND, f"{name} {len(done)}"):
        await jobs.replace(replace(job, version=job.version + 1, status=JobStatus.PROCESSING))
        done.append(job)
    return done


async def test_fifty_workers_share_the_jobs_without_a_conflict(valkey: Valkey) -> None:
    async with AsyncExitStack() as stack:
        places = [RedisJobStore(await stack.enter_async_context(await Server.open(valkey.url))) for _ in range(PLACES)]
        added = [made_job(due=NOW - number * SECOND) for number in range(JOBS)]
        await asyncio.gather(*map(places[0].add, added))
        done = await asyncio.gather(*(work(places[number % PLACES], str(number)) for number in range(WORKERS)))
    shares = [len(each) for each in done]
    assert Counter(job.id for each in done for job in each) == Counter(job.id for job in added)
    assert min(shares) > 0, shares


async def test_takes_that_find_nothing_write_nothing_and_what_was_taken_is_not_remembered_for_ever(valkey: Valkey) -> None:
    async with await Server.open(valkey.url) as server:
        stores = redis_stores(server)
        jobs = [made_job() for _ in range(20)]
        await asyncio.gather(*map(stores.jobs.add, jobs))
        assert len(await work(RedisJobStore(server), "worker")) == 20
        before = (
            valkey.admin.info("replication")["master_repl_offset"],
            valkey.admin.info("persistence")["rdb_changes_since_last_save"],
        )
        assert await work(RedisJobStore(server), "worker") == []
        assert await stores.assets.take_due(NOW, NOW + SECOND, "request") is None
        assert await stores.jobs.page(statuses=[JobStatus.PROCESSING]) is not None
        after = (
            valkey.admin.info("replication")["master_repl_offset"],
            valkey.admin.info("persistence")["rdb_changes_since_last_save"],
        )
        assert after == before
        assert not valkey.admin.exists("{greenroom}:jobs:taken")


async def test_all_keys_begin_with_the_prefix_share_a_hash_tag_and_never_expire(valkey: Valkey) -> None:
    async with await Server.open(valkey.url, "staging.") as server:
        stores = redis_stores(server)
        job = made_job(asset_id="a")
        await stores.jobs.add(job)
        await stores.jobs.take_due([job.status], [job.kind], NOW, NOW + SECOND, "request")
    keys = valkey.admin.keys("*")
    assert len(keys) > 8
    assert all(key.startswith(b"staging.{staging.greenroom}:") for key in keys)
    assert {valkey.admin.ttl(key) for key in keys} == {-1}


async def test_what_is_removed_leaves_nothing_but_the_feed(valkey: Valkey) -> None:
    async with await Server.open(valkey.url) as server:
        stores = redis_stores(server)
        job = made_job(asset_id="a")
        await stores.jobs.add(job)
        await stores.jobs.take_due([job.status], [job.kind], NOW, NOW + SECOND, "request")
        await stores.jobs.remove(job.id)
        await stores.feed.forget(NOW.replace(year=9999))
    feed = {b"{greenroom}:changes", b"{greenroom}:changes:number", b"{greenroom}:changes:forgotten"}
    assert set(valkey.admin.keys("*")) == {b"{greenroom}:format", *feed}
    assert valkey.admin.xlen("{greenroom}:changes") == 0


@pytest.mark.parametrize("settings", [{"appendfsync": "always"}, {"appendfsync": "everysec"}], ids=["always", "everysec"])
async def test_no_acknowledged_change_is_lost_when_the_server_is_killed(tmp_path: Path, settings: dict[str, str]) -> None:
    with running_valkey(tmp_path / "killed", **settings) as valkey:
        async with await Server.open(valkey.url, durable=True) as server:
            stores, kept = redis_stores(server), []

            async def write() -> None:
                while True:
                    job = made_job()
                    await stores.jobs.add(job)
                    kept.append(job)

            writing = asyncio.gather(*(write() for _ in range(30)), return_exceptions=True)
            while len(kept) < 90:  # noqa: ASYNC110  (nothing tells how far they are)
                await asyncio.sleep(0.005)
            valkey.kill()
            await writing
            valkey.start()
            for job in kept:
                try:
                    assert await stores.jobs.get(job.id) == job
                except NotFound:
                    pytest.fail("an acknowledged job is gone")
