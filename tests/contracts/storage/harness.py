"""What a storage adapter brings to be held to the contract: how it is opened, and the facts in which adapters differ.

To hold another adapter to it, add its harness to HARNESSES.
"""

import os
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from adapters.local.storage import LocalStorage
from adapters.memory.storage import MemoryStorage
from adapters.r2.storage import R2Storage
from ports.storage import Storage
from tests.services.buckets import empty_bucket


@dataclass(frozen=True)
class Harness:
    """`opened` gives a function that opens the same, at first empty, storage as often as it is called.

    `durable`: what one instance stored, the next one finds. `keeps_type`: the type is the one given to put, not the ending's.
    `streams`: bodies are not held in memory. `age` makes an object a second older, where its etag goes by its time. `longest`:
    the bytes of the longest key, fewer than Storage says where all keys have a beginning in common.
    """

    name: str
    opened: Callable[[Path], AbstractAsyncContextManager[Callable[[], Storage]]]
    durable: bool
    keeps_type: bool
    streams: bool
    age: Callable[[Path, str], None] = lambda _, __: None
    longest: int = 1024


@asynccontextmanager
async def local(folder: Path) -> AsyncIterator[Callable[[], Storage]]:
    await LocalStorage(folder / "storage").prepare()
    yield lambda: LocalStorage(folder / "storage")


def older(folder: Path, key: str) -> None:
    path = folder / "storage" / key
    before = path.stat().st_mtime_ns - 1_000_000_000
    os.utime(path, ns=(before, before))


@asynccontextmanager
async def memory(_: Path) -> AsyncIterator[Callable[[], Storage]]:
    yield MemoryStorage


@asynccontextmanager
async def bucket(prefix: str, folder: Path) -> AsyncIterator[Callable[[], Storage]]:
    opened: list[R2Storage] = []

    def open_again() -> Storage:
        opened.append(R2Storage(place))
        return opened[-1]

    with empty_bucket(folder, prefix) as place:
        yield open_again
        for storage in opened:
            await storage.close()


PREFIX = "some/where/"

HARNESSES = (
    Harness("local", local, durable=True, keeps_type=False, streams=True, age=older),
    Harness("memory", memory, durable=False, keeps_type=True, streams=False),
    Harness("bucket", partial(bucket, ""), durable=True, keeps_type=True, streams=True),
    Harness(
        "bucket, with a prefix", partial(bucket, PREFIX), durable=True, keeps_type=True, streams=True, longest=1024 - len(PREFIX)
    ),
)
