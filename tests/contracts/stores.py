"""The stores that the contract suites run on: one harness an adapter, which says what is true of it."""

import os
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha1
from pathlib import Path
from typing import Any
from uuid import uuid4

from adapters.memory.assets import MemoryAssetStore
from adapters.memory.census import MemoryJobCensus
from adapters.memory.feed import MemoryJobFeed
from adapters.memory.jobs import MemoryJobStore
from adapters.memory.uploads import MemoryUploadStore
from adapters.redis.assets import RedisAssetStore
from adapters.redis.census import RedisJobCensus
from adapters.redis.client import Server
from adapters.redis.feed import RedisJobFeed
from adapters.redis.jobs import RedisJobStore
from adapters.redis.uploads import RedisUploadStore
from adapters.sqlite.assets import SqliteAssetStore
from adapters.sqlite.census import SqliteJobCensus
from adapters.sqlite.database import Database
from adapters.sqlite.feed import SqliteJobFeed
from adapters.sqlite.jobs import SqliteJobStore
from adapters.sqlite.uploads import SqliteUploadStore
from ports.agenda import AssetAgenda, JobAgenda, UploadAgenda
from ports.assets import Asset, AssetStore
from ports.census import JobCensus
from ports.events import JobFeed
from ports.jobs import Job, JobKind, JobStore
from ports.uploads import UploadStore
from tests.services.own import OWN
from tests.services.running import Served

NOW = datetime(2026, 11, 22, 12, 0, 0, 123_457, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Stores:
    """What one adapter keeps in one place."""

    jobs: JobStore
    assets: AssetStore
    uploads: UploadStore
    census: JobCensus
    feed: JobFeed
    due_jobs: JobAgenda
    due_assets: AssetAgenda
    due_uploads: UploadAgenda


@dataclass(frozen=True)
class Harness:
    """How to open an adapter's stores at a place of their own.

    `durable`: opened again at the same place, they hold what they held. `shared`: they may be open there twice at once.
    """

    name: str
    durable: bool
    shared: bool
    open: Callable[[Path], AbstractAsyncContextManager[Stores]]


@asynccontextmanager
async def _memory(_place: Path) -> AsyncIterator[Stores]:
    feed = MemoryJobFeed()
    jobs = MemoryJobStore(feed)
    assets = MemoryAssetStore()
    uploads = MemoryUploadStore()
    yield Stores(jobs, assets, uploads, MemoryJobCensus(jobs), feed, jobs, assets, uploads)


@asynccontextmanager
async def _sqlite(place: Path) -> AsyncIterator[Stores]:
    async with await Database.open(place / "greenroom.db") as database:
        jobs, assets, uploads = SqliteJobStore(database), SqliteAssetStore(database), SqliteUploadStore(database)
        yield Stores(jobs, assets, uploads, SqliteJobCensus(database), SqliteJobFeed(database), jobs, assets, uploads)


SERVICES: list[Callable[[str], Served]] = []
"""What returns the run's real servers, once the tests have begun."""

_NUMBER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_cleared: list[Path] = []


@asynccontextmanager
async def _redis(place: Path) -> AsyncIterator[Stores]:
    """Open the stores without a prefix: in a database that this process has to itself, without what a test before has left.

    On a server that others use too, no database is.
    """
    known = SERVICES[-1]("redis")
    if known.shared:
        async with _redis_prefix(place) as stores:
            yield stores
        return
    url = f"{known.url}?db={15 - _NUMBER}"
    async with await Server.open(url) as server:
        if place not in _cleared:
            await server.read("DEL", *await server.read("KEYS", "{greenroom}:*"))
            _cleared[:] = [place]
        yield redis_stores(server)


@asynccontextmanager
async def _redis_prefix(place: Path) -> AsyncIterator[Stores]:
    async with await Server.open(SERVICES[-1]("redis").url, prefix_of(place)) as server:
        yield redis_stores(server)


@asynccontextmanager
async def _redis_cluster(place: Path) -> AsyncIterator[Stores]:
    async with await Server.open(SERVICES[-1]("redis-cluster").url, prefix_of(place)) as server:
        yield redis_stores(server)


def redis_stores(server: Server) -> Stores:
    """Return all that is kept in a server."""
    jobs, assets, uploads = RedisJobStore(server), RedisAssetStore(server), RedisUploadStore(server)
    return Stores(jobs, assets, uploads, RedisJobCensus(server), RedisJobFeed(server), jobs, assets, uploads)


def prefix_of(place: Path) -> str:
    """Return what the keys of a test begin with, which has this folder."""
    return f"{OWN}-{sha1(os.fsencode(place), usedforsecurity=False).hexdigest()[:16]}:"


HARNESSES = (
    Harness("memory", durable=False, shared=False, open=_memory),
    Harness("sqlite", durable=True, shared=True, open=_sqlite),
    Harness("redis", durable=True, shared=True, open=_redis),
    Harness("redis-prefix", durable=True, shared=True, open=_redis_prefix),
    Harness("redis-cluster", durable=True, shared=True, open=_redis_cluster),
)


def made_job(**facts: Any) -> Job:
    """Make a queued job that is due at NOW, but for `facts`."""
    usual: dict[str, Any] = {"id": uuid4(), "kind": JobKind.PREPARE, "created": NOW, "due": NOW}
    return Job(**usual | facts)


def made_asset(**facts: Any) -> Asset:
    """Make an asset that is never due, but for `facts`."""
    usual: dict[str, Any] = {"id": str(uuid4()), "name": "A song.wav", "created": NOW}
    return Asset(**usual | facts)
