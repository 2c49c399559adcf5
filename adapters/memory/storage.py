"""Objects kept in memory: the storage of tests that are about something else."""

from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator
from datetime import UTC, datetime
from itertools import count

from msgspec import Struct

from ports.errors import AlreadyExists, NotFound
from ports.storage import StoredObject, checked_key

_CHUNK = 64 * 1024


class _Kept(Struct, frozen=True):
    object: StoredObject
    content: bytes


class MemoryStorage:
    """Keeps objects for as long as it lives itself."""

    def __init__(self) -> None:
        self._kept: dict[str, _Kept] = {}
        self._serial = count(1)

    async def put(self, key: str, body: AsyncIterable[bytes], content_type: str) -> StoredObject:
        """Keep the bytes of `body` under `key`, as Storage says."""
        checked_key(key)
        content = b"".join([chunk async for chunk in body])
        stored = StoredObject(
            key=key,
            size=len(content),
            content_type=content_type,
            etag=f'"{len(content):x}-{next(self._serial):x}"',
            modified=datetime.now(UTC),
        )
        if self._kept.setdefault(key, _Kept(stored, content)).object is not stored:
            raise AlreadyExists(key)
        return stored

    async def stat(self, key: str) -> StoredObject:
        """Say what is known of the object. Raise NotFound if there is none."""
        return self._at(key).object

    async def read(self, key: str, start: int = 0, length: int | None = None) -> AsyncGenerator[bytes]:
        """Yield `length` bytes from `start`, or all that follow. Raise NotFound if there is no such object."""
        content = self._at(key).content
        end = len(content) if length is None else min(len(content), start + length)
        for position in range(start, end, _CHUNK):
            yield content[position : min(position + _CHUNK, end)]

    async def remove(self, key: str) -> None:
        """Forget the object, if there is one."""
        self._kept.pop(checked_key(key), None)

    async def list(self, prefix: str) -> AsyncIterator[StoredObject]:
        """Yield the objects whose keys start with `prefix`, in the order of their keys."""
        for key in sorted(self._kept):
            if key.startswith(prefix) and key in self._kept:
                yield self._kept[key].object

    def _at(self, key: str) -> _Kept:
        kept = self._kept.get(checked_key(key))
        if kept is None:
            raise NotFound(key)
        return kept
