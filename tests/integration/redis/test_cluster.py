"""A cluster of two: our keys are found wherever they are, and again once they have moved."""

import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from redis.crc import key_slot

from adapters.redis.client import Server
from entrypoints.settings import load_settings
from entrypoints.wiring.naming import CannotStart
from entrypoints.wiring.stores import open_stores
from ports.errors import Unavailable
from tests.contracts.stores import made_job, redis_stores
from tests.integration.redis.process import Valkey, running_valkey
from tests.integration.server.process import wait_for
from tests.services.freeport import free_port

pytestmark = pytest.mark.anyio

SLOT = key_slot(b"greenroom")


@pytest.fixture
def nodes(tmp_path: Path) -> Iterator[tuple[Valkey, Valkey]]:
    """Run two nodes: the first has the slot of our keys, the second all others."""
    settings = {"cluster_enabled": "yes", "cluster_node_timeout": "60000", "cluster_allow_replica_migration": "no"}
    with (
        running_valkey(tmp_path / "first", cluster_port=str(free_port()), **settings) as first,
        running_valkey(tmp_path / "second", cluster_port=str(free_port()), **settings) as second,
    ):
        first.admin.execute_command("CLUSTER", "ADDSLOTS", SLOT)
        second.admin.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, SLOT - 1, SLOT + 1, 16_383)
        bus = int(second.admin.config_get("cluster-port")["cluster-port"])
        first.admin.execute_command("CLUSTER", "MEET", "127.0.0.1", second.port, bus)
        wait_for(lambda: all(_is_whole(node) for node in (first, second)), "the cluster to be whole")
        yield first, second


def _is_whole(node: Valkey) -> bool:
    return b"cluster_state:ok" in node.admin.execute_command("CLUSTER", "INFO")


def move(source: Valkey, target: Valkey) -> None:
    """Move the slot of our keys, as an operator does."""
    names = {node: node.admin.execute_command("CLUSTER", "MYID") for node in (source, target)}
    target.admin.execute_command("CLUSTER", "SETSLOT", SLOT, "IMPORTING", names[source])
    source.admin.execute_command("CLUSTER", "SETSLOT", SLOT, "MIGRATING", names[target])
    keys = source.admin.execute_command("CLUSTER", "GETKEYSINSLOT", SLOT, 100)
    source.admin.execute_command("MIGRATE", "127.0.0.1", target.port, "", 0, 5000, "KEYS", *keys)
    for node in (target, source):
        node.admin.execute_command("CLUSTER", "SETSLOT", SLOT, "NODE", names[target])


async def test_our_keys_are_found_wherever_they_are_and_again_once_they_have_moved(
    nodes: tuple[Valkey, Valkey], tmp_path: Path
) -> None:
    first, second = nodes
    async with await Server.open(f"redis+cluster://127.0.0.1:{second.port}") as server:
        stores, job, other = redis_stores(server), made_job(), made_job()
        await stores.jobs.add(job)
        assert first.admin.dbsize() > 0
        move(first, second)
        assert await stores.jobs.get(job.id) == job
        await stores.jobs.add(other)
        [change, _] = await stores.feed.since(0)
        await stores.feed.wait(change.number, 10)
        assert [change.job_id for change in await stores.feed.since(0)] == [job.id, other.id]
        assert (first.admin.dbsize(), second.admin.dbsize() > 0) == (0, True)

    settings = load_settings({"REDIS_URL": first.url}, tmp_path / ".env")
    async with AsyncExitStack() as stack:
        with pytest.raises(CannotStart, match="REDIS_URL can't be used: it is a cluster"):
            await open_stores(settings, stack)


async def test_our_keys_are_found_again_while_the_node_of_the_url_is_away(nodes: tuple[Valkey, Valkey]) -> None:
    first, second = nodes
    async with await Server.open(f"redis+cluster://127.0.0.1:{second.port}") as server:
        stores, job = redis_stores(server), made_job()
        await stores.jobs.add(job)
        second.kill()
        first.admin.client_kill_filter(_type="normal", skipme=True)
        assert await stores.jobs.get(job.id) == job


async def test_a_cluster_that_is_frozen_keeps_nobody_waiting(nodes: tuple[Valkey, Valkey]) -> None:
    first, second = nodes
    async with await Server.open(f"redis+cluster://127.0.0.1:{second.port}", answers_within=0.6) as server:
        stores, job = redis_stores(server), made_job()
        await stores.jobs.add(job)
        with first.frozen(), second.frozen():
            for _ in range(2):
                begun = time.monotonic()
                with pytest.raises(Unavailable):
                    await stores.jobs.get(job.id)
                assert time.monotonic() - begun < 1.1
        assert await stores.jobs.get(job.id) == job


async def test_a_cluster_has_one_database(tmp_path: Path) -> None:
    settings = load_settings({"REDIS_URL": f"redis+cluster://127.0.0.1:{free_port()}/3"}, tmp_path / ".env")
    async with AsyncExitStack() as stack:
        with pytest.raises(CannotStart, match="REDIS_URL can't be used: a cluster has one database"):
            await open_stores(settings, stack)
