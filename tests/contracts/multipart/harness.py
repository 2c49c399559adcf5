"""What takers of parts bring to be held to the contract: a storage behind them, and a way to send a part to its link.

To hold another adapter to it, add its harness to HARNESSES.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx

from adapters.r2.links import R2Links
from adapters.r2.multipart import R2Multipart
from adapters.r2.storage import R2Storage
from adapters.r2.threads import Threads
from entrypoints.clock import utc_now
from ports.links import Link, Multipart
from ports.storage import Storage
from tests.services.buckets import empty_bucket


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
    threads = Threads("multipart", 4)
    with empty_bucket(folder, prefix) as place:
        storage = R2Storage(place)
        async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
            yield lambda: Joined(R2Multipart(place, R2Links(place, utc_now), threads), storage, client)
        await storage.close()
    await threads.close()


HARNESSES = (
    Harness("bucket", partial(bucket, ""), part_size=5 * 2**20, durable=True),
    Harness("bucket, with a prefix", partial(bucket, "some/where/"), part_size=5 * 2**20, durable=True),
)
