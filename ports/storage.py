"""Where the bytes are: objects under keys, written whole or not at all."""

import re
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from ports.errors import InvalidKey

_SEGMENT = re.compile(r"[^./\\\x00-\x1f\x7f][^/\\\x00-\x1f\x7f]*")
_LONGEST_KEY = 1024
_LONGEST_SEGMENT = 255


class ListedObject(Struct, frozen=True, kw_only=True):
    """What a list tells of an object. `size` is bytes; `etag` is strong and carries its quotes (RFC 9110, 8.8.3).

    `modified` is in UTC.
    """

    key: str
    size: int
    etag: str
    modified: datetime


class StoredObject(ListedObject, frozen=True, kw_only=True):
    """What a storage knows of an object: its media type, too, which lists of S3 leave out."""

    content_type: str


class OpenFile(Struct, frozen=True, kw_only=True):
    """An object opened for reading: a file descriptor that its taker closes, and what was true of the object then."""

    descriptor: int
    object: StoredObject


def checked_key(key: str) -> str:
    """Return `key`. Raise InvalidKey unless it is `/`-joined segments that every storage can keep.

    At most 1,024 bytes of UTF-8 (the limit of S3), 255 a segment (that of file systems). No segment is empty or starts with a
    dot; none holds a backslash or a control character.
    """
    segments = key.split("/")
    try:
        fits = len(key.encode()) <= _LONGEST_KEY and all(len(part.encode()) <= _LONGEST_SEGMENT for part in segments)
    except UnicodeEncodeError:
        raise InvalidKey(key) from None
    if not fits or not all(_SEGMENT.fullmatch(part) for part in segments):
        raise InvalidKey(key)
    return key


class Storage(Protocol):
    """Keeps objects under keys.

    Every method raises InvalidKey for a key that `checked_key` refuses, Unavailable if the storage can't be reached, and those
    that write OutOfSpace if it is full.
    """

    async def put(self, key: str, body: AsyncIterable[bytes], content_type: str) -> StoredObject:
        """Store the bytes of `body`, whole or not at all, durably; they are never all held in memory.

        Raise AlreadyExists if the key is taken, also when two puts race: one wins. An error of `body` goes through, and nothing
        stays of what it had sent.
        """
        ...

    async def stat(self, key: str) -> StoredObject:
        """Say what is known of the object. Raise NotFound if there is none."""
        ...

    def read(self, key: str, start: int = 0, length: int | None = None) -> AsyncGenerator[bytes]:
        """Yield `length` bytes from `start`, or all that follow, in chunks. Raise NotFound, at the first step, if there is none.

        A range that reaches beyond the end yields what there is. Stopping early leaves nothing open.
        """
        ...

    async def remove(self, key: str) -> None:
        """Remove the object. Removing one that is not there succeeds."""
        ...

    def list(self, prefix: str) -> AsyncIterator[ListedObject]:
        """Yield the objects whose keys start with `prefix` (a part of a key that ends anywhere), in the order of their keys."""
        ...


class LocalFiles(Protocol):
    """A storage on this machine can also open an object as a file."""

    async def open(self, key: str) -> OpenFile:
        """Open the object. Raise NotFound if there is none, InvalidKey as Storage does."""
        ...
