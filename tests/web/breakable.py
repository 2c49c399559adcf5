"""A store and a storage of a test's own, to be put out of reach, filled or spoilt: for each technology its own way."""

import sqlite3
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager, closing, contextmanager
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import pytest

from adapters.sqlite import transactions
from adapters.sqlite.database import Database
from tests.integration.redis.process import Valkey
from tests.integration.worker.proxy import Proxy
from tests.web.calls import Api


class Store(Protocol):
    """A store that an application with these settings is on."""

    settings: Mapping[str, str]

    def unchangeable(self, api: Api) -> AbstractContextManager[None]:
        """Let nothing be changed meanwhile."""
        ...

    def full(self, api: Api) -> AbstractAsyncContextManager[None]:
        """Leave no room for anything more meanwhile."""
        ...

    async def lose(self, api: Api) -> None:
        """Take it away: it can neither be read nor changed any more."""
        ...

    def spoil(self, api: Api, job: str) -> None:
        """Make of a job what nobody can read."""
        ...


class Objects(Protocol):
    """A storage that an application with these settings is on."""

    settings: Mapping[str, str]

    def away(self, api: Api) -> AbstractContextManager[None]:
        """Take it away for a while. Fail if something is made in its place."""
        ...


class SqliteFile:
    """A file in the data folder, which another process holds on to."""

    settings: Mapping[str, str] = {}

    @contextmanager
    def unchangeable(self, api: Api) -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch, closing(_connected(api)) as another:
            patch.setattr(transactions, "PATIENCE", 0.2)
            another.execute("BEGIN IMMEDIATE")
            yield
            another.execute("ROLLBACK")

    @asynccontextmanager
    async def full(self, api: Api) -> AsyncIterator[None]:
        with closing(_connected(api)) as another:
            [(pages,)] = another.execute("PRAGMA page_count")
        await _limit(api, pages)
        yield
        await _limit(api, 1_000_000)

    async def lose(self, api: Api) -> None:
        await _database(api).close()

    def spoil(self, api: Api, job: str) -> None:
        with closing(_connected(api)) as another:
            another.execute("UPDATE jobs SET body = 'no JSON at all' WHERE id = ?", [job])
            assert another.execute("SELECT changes()").fetchone() == (1,)


class OwnValkey:
    """A server that is killed and started again on what it kept."""

    def __init__(self, valkey: Valkey) -> None:
        self.settings: Mapping[str, str] = {"GREENROOM_DATABASE_URL": valkey.url}
        self._valkey = valkey

    @contextmanager
    def unchangeable(self, api: Api) -> Iterator[None]:
        self._valkey.kill()
        yield
        self._valkey.start()

    @asynccontextmanager
    async def full(self, api: Api) -> AsyncIterator[None]:
        self._valkey.set("maxmemory", "1")
        yield
        self._valkey.set("maxmemory", "0")

    async def lose(self, api: Api) -> None:
        self._valkey.kill()

    def spoil(self, api: Api, job: str) -> None:
        [records] = self._valkey.admin.scan_iter(match="*:jobs", _type="hash")
        assert self._valkey.admin.hset(records, job, "no JSON at all") == 0


class Folder:
    """A folder that is not mounted for a while."""

    settings: Mapping[str, str] = {}

    @contextmanager
    def away(self, api: Api) -> Iterator[None]:
        folder: Path = api.data / "storage"
        elsewhere = folder.rename(folder.with_name("elsewhere"))
        yield
        assert not folder.exists()
        elsewhere.rename(folder)


class BucketBehindProxy:
    """A bucket on whose server every connection breaks for a while."""

    def __init__(self, place: Mapping[str, str], proxy: Proxy) -> None:
        server = urlsplit(place["AWS_ENDPOINT_URL"])
        proxy.host, proxy.target = str(server.hostname), server.port or 80
        self.settings: Mapping[str, str] = {**place, "AWS_ENDPOINT_URL": proxy.url}
        self._proxy = proxy

    @contextmanager
    def away(self, api: Api) -> Iterator[None]:
        self._proxy.loses_requests = b""
        yield
        self._proxy.loses_requests = None


def _connected(api: Api) -> sqlite3.Connection:
    return sqlite3.connect(api.data / "greenroom.db", isolation_level=None)


def _database(api: Api) -> Database:
    [database] = [check for check in api.parts.checks if isinstance(check, Database)]
    return database


async def _limit(api: Api, pages: int) -> None:
    await _database(api).write(lambda writer: writer.execute(f"PRAGMA max_page_count = {pages}").fetchone())
