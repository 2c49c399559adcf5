"""Signed URLs to stored objects, whole or in parts, and the gate that believes the local ones."""

from collections.abc import AsyncIterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from msgspec import Struct, field

from ports.storage import StoredObject


class Link(Struct, frozen=True, kw_only=True, rename="camel"):
    """A signed URL, the method and headers that it is good for, and when it ends. The URL is relative where we serve it."""

    url: str
    method: str
    expires_at: datetime
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


class Links(Protocol):
    """Makes links of one storage. Making one looks nothing up: the object may be absent.

    Raise InvalidKey as Storage does, and Unavailable if there is nothing to sign with at the moment.
    """

    def get(self, key: str, *, content_type: str, disposition: str, expires_at: datetime) -> Link:
        """Make a link to read an object (GET): answered with this type and Content-Disposition."""
        ...

    def put(self, key: str, *, content_type: str, expires_at: datetime, length: int | None = None) -> Link:
        """Make a link to write an object once (PUT), sending `headers`: of this type, and of this length where one is known.

        The headers hold `Content-Type` and `If-None-Match: *`: a key that is taken stays as it is.
        """
        ...


class Part(Struct, frozen=True):
    """A part of an object under way that has arrived whole: its number, from 1, and its size in bytes."""

    number: int
    size: int


class Multipart(Protocol):
    """Takes an object in parts that others send by link, in any order and as often as they like; the last one sent counts.

    All parts are `part_size` bytes but the last, which may be shorter: part n begins at (n - 1) x part_size. Every method raises
    InvalidKey as Storage does, and Unavailable if the storage can't be reached (`part`: as Links does); `begin` and `finish`
    raise OutOfSpace if it is full.
    """

    async def begin(self, key: str, content_type: str, part_size: int) -> str:
        """Open a session to send the object in parts, and return its name. Nothing of it shows under the key."""
        ...

    def part(self, key: str, session: str, number: int, length: int, *, expires_at: datetime) -> Link:
        """Make a link to send one part of exactly `length` bytes (PUT), sending `headers`. It looks nothing up."""
        ...

    async def parts(self, key: str, session: str) -> Sequence[Part]:
        """Return the parts that are there, by their numbers. Raise NotFound if there is no such session (any more)."""
        ...

    async def finish(self, key: str, session: str, parts: Sequence[Part]) -> StoredObject:
        """Join the parts, these and no others, whole or not at all, durably; the session ends.

        Finishing again returns what came of it the first time. Raise NotFound if there is no such session and nothing came of
        it, Altered if the parts are not those that are there (any more), AlreadyExists if the key is taken by something else.
        """
        ...

    async def abort(self, key: str, session: str | None) -> None:
        """Drop the parts and end the session; None stands for every session that was begun for the key.

        Aborting one that is not there succeeds; what was finished stays.
        """
        ...


class PartOf(Struct, frozen=True):
    """Which part, from 1, of which session."""

    session: str
    number: int


class Grant(Struct, frozen=True, kw_only=True):
    """What a link that was verified allows. `length` is the only body length that a PUT may have, None where any may be.

    With `part` it is a part that may be sent, of whatever type; there is no `content_type` then.
    """

    content_type: str
    disposition: str | None
    length: int | None
    expires_at: datetime
    part: PartOf | None = None


class Gate(Protocol):
    """Verifies the links of a storage that has no server of its own but ours."""

    def admit(self, method: str, key: str, query: Sequence[tuple[str, str]], now: datetime) -> Grant:
        """Return what the link allows. `query` is its parameters, decoded, in any order; HEAD is admitted by a GET link.

        Raise LinkRefused if anything was altered, added, doubled or left out, or if it expired at `now` or before.
        """
        ...


class PartWriter(Protocol):
    """Takes the parts that are sent to a storage that has no server of its own but ours."""

    async def write(self, key: str, part: PartOf, length: int, body: AsyncIterable[bytes]) -> str:
        """Store a part of `length` bytes, durably, and return its ETag (strong, with its quotes).

        One that is sent again takes the place of the one before from its first byte on: cut off, neither counts. Who sends a part
        that another is sending waits for it. Raise NotFound if there is no such session (any more), Altered if the body is not
        of that length, Unavailable and OutOfSpace as Storage does. An error of `body` goes through.
        """
        ...
