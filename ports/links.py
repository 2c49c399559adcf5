"""Signed URLs to stored objects, and the gate that believes the local ones."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from msgspec import Struct, field


class Link(Struct, frozen=True, kw_only=True, rename="camel"):
    """A signed URL, the method and headers that it is good for, and when it ends. The URL is relative where we serve it."""

    url: str
    method: str
    expires_at: datetime
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


class Links(Protocol):
    """Makes links of one storage. Making one looks nothing up: the object may be absent. Raise InvalidKey as Storage does."""

    def get(self, key: str, *, content_type: str, disposition: str, expires_at: datetime) -> Link:
        """Make a link to read an object (GET): answered with this type and Content-Disposition."""
        ...

    def put(self, key: str, *, content_type: str, expires_at: datetime, length: int | None = None) -> Link:
        """Make a link to write an object once (PUT), sending `headers`: of this type, and of this length where one is known.

        The headers hold `Content-Type` and `If-None-Match: *`: a key that is taken stays as it is.
        """
        ...


class Grant(Struct, frozen=True, kw_only=True):
    """What a link that was verified allows. `length` is the only body length that a PUT may have, None where any may be."""

    content_type: str
    disposition: str | None
    length: int | None
    expires_at: datetime


class Gate(Protocol):
    """Verifies the links of a storage that has no server of its own but ours."""

    def admit(self, method: str, key: str, query: Sequence[tuple[str, str]], now: datetime) -> Grant:
        """Return what the link allows. `query` is its parameters, decoded, in any order; HEAD is admitted by a GET link.

        Raise LinkRefused if anything was altered, added, doubled or left out, or if it expired at `now` or before.
        """
        ...
