"""Objects as files below a folder: a key is the path."""

import asyncio
import os
import sys
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator
from contextlib import suppress
from pathlib import Path

from adapters.local import objects, partials
from adapters.local.durable import make_folder
from adapters.local.partials import Partial
from adapters.local.threads import Threads
from ports.errors import InvalidKey, NotFound, Unavailable
from ports.storage import OpenFile, StoredObject, checked_key

_BATCH = 1024 * 1024
_CHUNK = 256 * 1024

READERS = 8
WRITERS = 8
"""Threads that look and read, and threads that write: they mostly wait for the disk, so the processors' number says little."""


class LocalStorage:
    """Keeps objects below the folder `root`, and files on their way there in `root/.partial`.

    `prepare` makes the folder. One that is lost later (a volume is not mounted any more) is not made again, for that would hide
    the loss: everything raises Unavailable until it is back.

    A file has no room for a media type: the key's ending says it. Where one key is a folder on another's way only the first can
    be kept; the second counts as taken.
    """

    name = "storage"

    def __init__(self, root: Path) -> None:
        self._root = root
        self._readers = Threads("storage-reader", READERS)
        self._writers = Threads("storage-writer", WRITERS)

    async def prepare(self) -> None:
        """Make the folder if there is none yet, once, before anything else. Raise OSError."""
        await asyncio.to_thread(make_folder, self._root)

    async def put(self, key: str, body: AsyncIterable[bytes], content_type: str) -> StoredObject:  # noqa: ARG002 - the ending says it
        """Write the bytes of `body` to a partial file and give it its key when it is whole and durable."""
        await self._readers.run(key, partials.refuse_taken, self._root, checked_key(key))
        partial = await self._writers.run(key, partials.begin, self._root, undo=self._discard)
        try:
            await self._fill(key, partial, body)
            found = await self._writers.run(key, partials.publish, self._root, partial, key)
        finally:
            await self._writers.run(key, self._discard, partial)
        return objects.described(key, found)

    async def stat(self, key: str) -> StoredObject:
        """Say what is known of the object. Raise NotFound if there is none."""
        return await self._readers.run(key, objects.look, self._root, key)

    async def open(self, key: str) -> OpenFile:
        """Open the object. Raise NotFound if there is none."""
        return await self._readers.run(key, objects.take, self._root, key, undo=lambda taken: os.close(taken.descriptor))

    async def read(self, key: str, start: int = 0, length: int | None = None) -> AsyncGenerator[bytes]:
        """Yield `length` bytes from `start`, or all that follow. Raise NotFound if there is no such object."""
        descriptor = (await self.open(key)).descriptor
        rest = sys.maxsize if length is None else length
        try:
            while rest and (chunk := await self._readers.run(key, os.pread, descriptor, min(rest, _CHUNK), start)):
                yield chunk
                start, rest = start + len(chunk), rest - len(chunk)
        finally:
            os.close(descriptor)

    async def remove(self, key: str) -> None:
        """Remove the object, and the folders that it leaves empty."""
        with suppress(NotFound):
            await self._writers.run(key, objects.remove, self._root, key)

    async def list(self, prefix: str) -> AsyncIterator[StoredObject]:
        """Yield the objects whose keys start with `prefix`, in the order of their keys, holding a folder at a time in memory."""
        waiting: list[StoredObject | str] = [prefix[: prefix.rfind("/") + 1]]
        while waiting:
            entry = waiting.pop()
            if isinstance(entry, StoredObject):
                yield entry
                continue
            with suppress(NotFound, InvalidKey):
                waiting.extend(reversed(await self._readers.run(entry, objects.entries, self._root, entry, prefix)))

    async def sweep(self, *, remove: bool = True) -> int:
        """Remove the partial files whose writers did not live to finish, and return their number. Safe at any time.

        Without `remove` they are only counted.
        """
        return await self._writers.run("", lambda: partials.sweep(self._root, remove=remove))

    async def check(self) -> None:
        """Write a byte below the folder, and link it. Raise OutOfSpace if it is full, Unavailable if that fails otherwise.

        It does not wait for those who write.
        """
        try:
            await self._readers.run("", self._probe)
        except (OSError, NotFound) as error:
            raise Unavailable("storage") from error

    async def close(self) -> None:
        """Finish what was begun, and let go of the threads."""
        await self._writers.close()
        await self._readers.close()

    async def _fill(self, key: str, partial: Partial, body: AsyncIterable[bytes]) -> None:
        batch: list[bytes] = []
        size = 0
        async for chunk in body:
            batch.append(chunk)
            size += len(chunk)
            if size >= _BATCH:
                await self._writers.run(key, partials.extend, partial, batch)
                batch, size = [], 0
        await self._writers.run(key, partials.extend, partial, batch)

    def _discard(self, partial: Partial) -> None:
        partials.discard(self._root, partial)

    def _probe(self) -> None:
        partial = partials.begin(self._root)
        try:
            partials.extend(partial, [b"\0"])
            partials.rehearse(self._root, partial)
        finally:
            self._discard(partial)
