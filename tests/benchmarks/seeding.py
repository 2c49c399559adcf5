"""Many jobs and assets at once, kept exactly as the stores keep them, in a few transactions."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, closing
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, TypeAlias, TypeVar, cast
from uuid import UUID, uuid4

from redis import Redis

from adapters.redis.assets import RedisAssetStore
from adapters.redis.client import Server
from adapters.redis.jobs import RedisJobStore
from adapters.redis.scripts import script
from adapters.sqlite.assets import SqliteAssetStore
from adapters.sqlite.database import Database
from adapters.sqlite.jobs import SqliteJobStore
from entrypoints.parts import Kept
from entrypoints.settings import Settings, load_settings
from entrypoints.wiring.places import RedisServer, SqliteFile, store_place
from entrypoints.wiring.stores import open_stores
from ports.assets import Asset, Rendition, Variant
from ports.jobs import Job, JobKind, JobStatus
from tests.benchmarks.servers import OURS

T = TypeVar("T")
Command: TypeAlias = tuple[Any, ...]

AT_ONCE = 20_000
BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)


def settings_of(environment: Mapping[str, str]) -> Settings:
    """Return the settings that a server with this environment has."""
    return load_settings({**OURS, **environment}, Path("/nonexistent/.env"))


def waiting_jobs(ids: Iterable[UUID]) -> Iterator[Job]:
    """Make jobs that owe nothing and wait: a report that names no attempt completes each."""
    for number, job_id in enumerate(ids):
        created = BEGINNING + timedelta(milliseconds=number)
        yield Job(id=job_id, kind=JobKind.RENDER, created=created, due=created, params={"template": "daily", "number": number})


def assets(count: int) -> Iterator[Asset]:
    """Make assets that show an original; nothing but a redirect is asked of them."""
    for number in range(count):
        its_id = asset_id(number)
        original = Rendition(
            key=f"audio/assets/{its_id}/original-0123abcd.wav",
            content_type="audio/wav",
            size=1_000_000,
            etag='"5d1"',
            duration=180.0,
        )
        created = BEGINNING + timedelta(milliseconds=number)
        yield Asset(id=its_id, name=f"Take {number}.wav", created=created, renditions={Variant.ORIGINAL: original})


def asset_id(number: int) -> str:
    """Return the id of the asset of that number."""
    return f"asset-{number:09d}"


def some_ids(count: int) -> list[UUID]:
    """Return so many ids, never the same ones."""
    return [uuid4() for _ in range(count)]


def seed(environment: Mapping[str, str], jobs: Iterable[Job] = (), items: Iterable[Asset] = ()) -> None:
    """Keep them in the store of a server with this environment, which may run already."""
    settings = settings_of(environment)
    match store_place(settings):
        case SqliteFile(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            asyncio.run(_made(settings))
            _into_sqlite(path, jobs, items)
        case place:
            asyncio.run(_made(settings))
            _into_redis(place, jobs, items)


def completed(environment: Mapping[str, str]) -> int:
    """Return how many jobs of kind `render` are complete in the store."""

    async def count() -> int:
        async with AsyncExitStack() as stack:
            kept = await open_stores(settings_of(environment), stack)
            census = await kept.census.count(datetime.now(UTC))
        return census.counts.get((JobStatus.COMPLETE, JobKind.RENDER), 0)

    return asyncio.run(count())


def chunks(items: Iterable[T], size: int = AT_ONCE) -> Iterator[list[T]]:
    """Yield the items, so many at once."""
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk


async def _made(settings: Settings) -> None:
    """Let the store make its tables."""
    async with AsyncExitStack() as stack:
        kept: Kept = await open_stores(settings, stack)
        await kept.check.check()


def _into_sqlite(path: Path, jobs: Iterable[Job], items: Iterable[Asset]) -> None:
    nowhere = cast(Database, None)  # what asks for rows needs none
    with closing(sqlite3.connect(path, isolation_level=None, timeout=60)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cache_size = -400000")
        for records, rows in ((SqliteJobStore(nowhere)._records, jobs), (SqliteAssetStore(nowhere)._records, items)):
            for chunk in chunks(rows):
                _insert(connection, records._table, [records._row(each) for each in chunk])  # type: ignore[arg-type]  # each its own
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _insert(connection: sqlite3.Connection, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    names = list(rows[0])
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany(
        f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})", [tuple(row.values()) for row in rows]
    )
    connection.execute("COMMIT")


class _Heard:
    """Stands where the stores have their server, and keeps what it is told to run."""

    def __init__(self, prefix: str) -> None:
        self.commands: list[Command] = []
        self._start = f"{prefix}{{{prefix}greenroom}}:"

    def key(self, *names: str) -> str:
        return self._start + ":".join(names)

    async def run(self, name: str, keys: Sequence[str], arguments: Sequence[Any]) -> list[Any] | None:
        self.commands.append(("EVALSHA", script(name).digest, len(keys), *keys, *arguments))
        return [] if name == "list" else None


def commands_of(use: Callable[[RedisJobStore, RedisAssetStore], Awaitable[object]], prefix: str = "") -> list[Command]:
    """Return the commands that Redis is sent for a use of the stores: what they do, in their own words."""
    heard = _Heard(prefix)

    async def tell() -> None:
        await use(RedisJobStore(cast(Server, heard)), RedisAssetStore(cast(Server, heard)))

    asyncio.run(tell())
    return heard.commands


def _into_redis(place: RedisServer, jobs: Iterable[Job], items: Iterable[Asset]) -> None:
    with Redis.from_url(place.url.reveal().decode(), socket_timeout=300) as server:
        server.script_load(script("change").text)
        for chunk in chunks(jobs):
            _send(server, commands_of(partial(_add, jobs=chunk), place.prefix))
        for some in chunks(items):
            _send(server, commands_of(partial(_add, items=some), place.prefix))


async def _add(
    job_store: RedisJobStore, asset_store: RedisAssetStore, jobs: Sequence[Job] = (), items: Sequence[Asset] = ()
) -> None:
    for job in jobs:
        await job_store.add(job)
    for asset in items:
        await asset_store.add(asset)


def _send(server: "Redis", commands: Sequence[Command]) -> None:
    pipeline = server.pipeline(transaction=False)
    for command in commands:
        pipeline.execute_command(*command)  # type: ignore[no-untyped-call]  # the library leaves it open
    pipeline.execute()
