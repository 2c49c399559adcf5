"""What takers of parts bring to be held to the contract: a storage behind them, and a way to send a part to its link.

To hold another adapter to it, add its harness to HARNESSES.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import unquote

import httpx

from adapters.local.links import LocalLinks
from adapters.local.multipart import LocalMultipart
from adapters.local.storage import LocalStorage
from adapters.memory.multipart import MemoryMultipart
from adapters.memory.storage import MemoryStorage
from adapters.r2.links import R2Links
from adapters.r2.multipart import R2Multipart
from adapters.r2.storage import R2Storage
from entrypoints.clock import utc_now
from entrypoints.settings import Settings
from ports.errors import NotFound
from ports.links import Link, Multipart
from ports.storage import Storage
from tests.services.buckets import empty_bucket
from tests.web.local_app import local_app


@dataclass(frozen=True)
class Joined:
    """A taker of parts, the storage that has what comes of them, and how the request of a link to a part is made."""

    multipart: Multipart
    storage: Storage
    client: httpx.AsyncClient

    async def send(self, link: Link, content: bytes) -> httpx.Response:
        """Send a part to its link."""
        return await self.client.request(link.method, link.url, content=content, headers=dict(link.headers))


@dataclass(frozen=True)
class Harness:
    """`opened` gives a function that opens the same, at first empty, storage as often as it is called.

    `part_size`: the bytes of a part; S3 takes none below 5 MiB but the last. `durable`: what one instance took, the next one
    finds.
    """

    name: str
    opened: Callable[[Path], AbstractAsyncContextManager[Callable[[], Joined]]]
    part_size: int
    durable: bool


@asynccontextmanager
async def bucket(prefix: str, folder: Path) -> AsyncIterator[Callable[[], Joined]]:
    with empty_bucket(folder, prefix) as place:
        async with httpx.AsyncClient(trust_env=False, timeout=30) as client, AsyncExitStack() as stack:
            storage = R2Storage(place)
            stack.push_async_callback(storage.close)

            def open_again() -> Joined:
                multipart = R2Multipart(place, R2Links(place, utc_now))
                stack.push_async_callback(multipart.close)
                return Joined(multipart, storage, client)

            yield open_again


@asynccontextmanager
async def local(folder: Path) -> AsyncIterator[Callable[[], Joined]]:
    async with AsyncExitStack() as stack:

        def opened() -> Joined:
            links, storage = LocalLinks([b"k" * 32]), LocalStorage(folder)
            multipart = LocalMultipart(folder, links)
            for each in (storage, multipart):
                stack.push_async_callback(each.close)
            app = local_app(storage, links, Settings(), part_writer=multipart)
            transport = httpx.ASGITransport(app)  # type: ignore[arg-type]
            client = httpx.AsyncClient(transport=transport, base_url="http://localhost")
            stack.push_async_callback(client.aclose)
            return Joined(multipart, storage, client)

        yield opened


@asynccontextmanager
async def memory(_folder: Path) -> AsyncIterator[Callable[[], Joined]]:
    storage = MemoryStorage()
    multipart = MemoryMultipart(storage)
    transport = httpx.MockTransport(partial(sent_to_memory, multipart))
    async with httpx.AsyncClient(transport=transport, base_url="http://memory") as client:
        yield lambda: Joined(multipart, storage, client)


def sent_to_memory(multipart: MemoryMultipart, request: httpx.Request) -> httpx.Response:
    """Answer for parts that are kept in memory."""
    asked = dict(request.url.params)
    in_time = float(asked["expires"]) > utc_now().timestamp()
    if request.method != "PUT" or not in_time or len(request.content) != int(asked["length"]):
        return httpx.Response(403)
    try:
        multipart.send(unquote(request.url.path[1:]), asked["session"], int(asked["part"]), request.content)
    except NotFound:
        return httpx.Response(404)
    return httpx.Response(200)


HARNESSES = (
    Harness("memory", memory, part_size=10, durable=False),
    Harness("local", local, part_size=10, durable=True),
    Harness("bucket", partial(bucket, ""), part_size=5 * 2**20, durable=True),
    Harness("bucket, with a prefix", partial(bucket, "some/where/"), part_size=5 * 2**20, durable=True),
)
