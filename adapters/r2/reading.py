"""An object that is being read, from a connection that may break."""

import sys
from typing import TypedDict

from botocore.exceptions import BotoCoreError, ClientError
from botocore.response import StreamingBody
from urllib3.exceptions import HTTPError

from adapters.r2.bucket import Bucket
from adapters.r2.faults import STORAGE, code_of
from adapters.r2.objects import look
from ports.errors import Unavailable

_CHUNK = 128 * 1024
_BREAKS = 3
_BEHIND_THE_END = {"InvalidRange", "416"}
_CHANGED = {"PreconditionFailed", "412"}


class _Same(TypedDict, total=False):
    IfMatch: str


class Reading:
    """Reads `length` bytes from `start`, or all that follow, a chunk a step.

    A connection that breaks is opened again where it broke, three times without a byte at most, and only for the object that it
    was: bytes of two never mix.
    """

    def __init__(self, bucket: Bucket, key: str, start: int, length: int | None) -> None:
        self._bucket = bucket
        self._key = key
        self._place = bucket.at(key)
        self._next = start
        self._end = sys.maxsize if length is None else start + length
        self._etag: str | None = None
        self._body: StreamingBody | None = None

    def step(self) -> bytes:
        """Return the next bytes, none at the end. Raise NotFound, Unavailable, and what the client raises."""
        if self._next >= self._end:
            if self._etag is None:
                look(self._bucket, self._key)
            return b""
        for _ in range(_BREAKS):
            try:
                return self._read()
            except (BotoCoreError, HTTPError):
                self.close()
        raise Unavailable(STORAGE)

    def close(self) -> None:
        """Let go of the connection: it goes back to the others if all was read, and is closed if not."""
        if self._body is not None:
            self._body.close()
            self._body = None

    def _read(self) -> bytes:
        body = self._body or self._opened()
        if body is None:
            return b""
        self._body = body
        chunk = body.read(min(_CHUNK, self._end - self._next))
        self._next += len(chunk)
        return chunk

    def _opened(self) -> StreamingBody | None:
        """Ask for what is left. Return None if there is nothing behind this position."""
        last = "" if self._end == sys.maxsize else str(self._end - 1)
        same = _Same(IfMatch=self._etag) if self._etag else _Same()
        try:
            found = self._bucket.client.get_object(**self._place, Range=f"bytes={self._next}-{last}", **same)
        except ClientError as error:
            if code_of(error) in _BEHIND_THE_END:
                self._end = self._next
                self._etag = self._etag or ""
                return None
            if code_of(error) in _CHANGED:
                raise Unavailable(STORAGE) from error
            raise
        self._etag = found["ETag"]
        return found["Body"]
