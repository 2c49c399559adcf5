"""What makers of links bring to be held to the contract: a storage behind them, and a way to send a request to a link."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx

from adapters.local.links import LocalLinks
from adapters.local.storage import LocalStorage
from adapters.r2.links import R2Links
from adapters.r2.storage import R2Storage
from entrypoints.clock import utc_now
from entrypoints.settings import Settings
from ports.links import Link, Links
from ports.storage import Storage
from tests.services.buckets import empty_bucket
from tests.web.local_app import local_app


@dataclass(frozen=True)
class Linked:
    links: Links
    storage: Storage
    client: httpx.AsyncClient

    async def follow(
        self, link: Link, content: bytes | None = None, *, method: str | None = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """Send the request that a link is for, or a similar one."""
        sent = dict(link.headers) if headers is None else dict(headers)
        return await self.client.request(method or link.method, link.url, content=content, headers=sent)


@dataclass(frozen=True)
class Harness:
    """`heads`: a link to read answers HEAD too (on S3 that is 403). `relative`: the URLs have no host."""

    name: str
    opened: Callable[[Path], AbstractAsyncContextManager[Linked]]
    heads: bool
    relative: bool


@asynccontextmanager
async def local(folder: Path) -> AsyncIterator[Linked]:
    links, storage = LocalLinks([b"k" * 32]), LocalStorage(folder)
    transport = httpx.ASGITransport(local_app(storage, links, Settings()))  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield Linked(links, storage, client)


@asynccontextmanager
async def bucket(prefix: str, folder: Path) -> AsyncIterator[Linked]:
    with empty_bucket(folder, prefix) as place:
        storage = R2Storage(place)
        async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
            yield Linked(R2Links(place, utc_now), storage, client)
        await storage.close()


HARNESSES = (
    Harness("local", local, heads=True, relative=True),
    Harness("bucket", partial(bucket, ""), heads=False, relative=False),
    Harness("bucket, with a prefix", partial(bucket, "some/where/"), heads=False, relative=False),
)
