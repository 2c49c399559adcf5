"""Answering for a stored object: what the rules in `domain.ranges` decide, as status and header fields."""

import os
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import datetime
from email.utils import format_datetime

from msgspec import Struct

from domain.ranges import Conditions, Verdict, judge
from entrypoints.web.bodies import AnyRequest
from entrypoints.web.sending import Bare, FileAnswer, RelayAnswer
from ports.links import Grant
from ports.storage import OpenFile, Storage, StoredObject

AUDIO_TYPES = frozenset(
    {
        "audio/aac",
        "audio/aiff",
        "audio/amr",
        "audio/amr-wb",
        "audio/basic",
        "audio/flac",
        "audio/matroska",
        "audio/mp4",
        "audio/mpeg",
        "audio/ogg",
        "audio/wav",
        "audio/webm",
        "audio/x-caf",
        "audio/x-ms-wma",
        "audio/x-w64",
    }
)
"""What may be shown in a browser: a player, never a page."""


class PreconditionFailed(Exception):
    """The object is not in the state that the request's conditions name (RFC 9110, 15.5.13)."""

    def __init__(self) -> None:
        super().__init__("The object is not as the request expects it")


class RangeNotSatisfiable(Exception):
    """The object, of `size` bytes, has none in the range asked for. The answer says so (RFC 9110, 15.5.17)."""

    def __init__(self, size: int) -> None:
        super().__init__(f"The object has {size} bytes, none of them in this range")
        self.size = size

    @property
    def headers(self) -> Mapping[str, str]:
        """Return the header field that tells the client the size."""
        return {"Content-Range": f"bytes */{self.size}"}


class Manner(Struct, frozen=True, kw_only=True):
    """How an object is presented: its type, its Content-Disposition (an attachment if None), and how long others may keep it."""

    content_type: str
    disposition: str | None
    caching: str


def by_link(grant: Grant, now: datetime) -> Manner:
    """Return what a link says of its object.

    It belongs to an object that never changes, not to a person: any cache may keep the answer for as long as the link lives.
    """
    lifetime = max(0, int((grant.expires_at - now).total_seconds()))
    caching = f"public, max-age={lifetime}, immutable"
    return Manner(content_type=grant.content_type, disposition=grant.disposition, caching=caching)


def delivered(request: AnyRequest, opened: OpenFile, manner: Manner, now: datetime) -> Bare:
    """Answer a GET or HEAD with the object, which is closed afterwards.

    Raise PreconditionFailed, or RangeNotSatisfiable.
    """
    with ExitStack() as closing:
        closing.callback(os.close, opened.descriptor)
        verdict = judge(_conditions(request), opened.object, now)
        headers = _headers(verdict, opened.object, manner)
        if request.method == "HEAD" or not verdict.length:
            return Bare(verdict.status, headers)
        return FileAnswer(verdict.status, headers, opened.descriptor, verdict.start, verdict.length, closing.pop_all())


def relayed(request: AnyRequest, storage: Storage, stored: StoredObject, manner: Manner, now: datetime) -> Bare:
    """Answer a GET or HEAD with the object, read from the storage as the client takes it.

    Raise PreconditionFailed, or RangeNotSatisfiable.
    """
    verdict = judge(_conditions(request), stored, now)
    headers = _headers(verdict, stored, manner)
    if request.method == "HEAD" or not verdict.length:
        return Bare(verdict.status, headers)
    chunks = storage.read(stored.key, verdict.start, verdict.length)
    return RelayAnswer(verdict.status, headers, chunks, verdict.length)


def is_known(request: AnyRequest, stored: StoredObject, now: datetime) -> bool:
    """Say whether the client has the object already, by the conditions of its request."""
    return judge(_conditions(request), stored, now).status == 304


def _conditions(request: AnyRequest) -> Conditions:
    def field(name: str) -> str | None:
        lines = request.headers.getall(name, None)
        return None if lines is None else ", ".join(lines)

    return Conditions(
        method=request.method,
        range=field("range"),
        if_range=field("if-range"),
        if_match=field("if-match"),
        if_none_match=field("if-none-match"),
        if_modified_since=field("if-modified-since"),
        if_unmodified_since=field("if-unmodified-since"),
    )


def _headers(verdict: Verdict, stored: StoredObject, manner: Manner) -> dict[str, str]:
    """Return the header fields of a 200, 206 or 304."""
    match verdict.status:
        case 412:
            raise PreconditionFailed
        case 416:
            raise RangeNotSatisfiable(verdict.total)
        case _:
            common = {
                "ETag": stored.etag,
                "Last-Modified": format_datetime(stored.modified, usegmt=True),
                "Cache-Control": manner.caching,
                "Accept-Ranges": "bytes",
            }
            return common if verdict.status == 304 else common | _of_content(verdict, manner)


def _of_content(verdict: Verdict, manner: Manner) -> dict[str, str]:
    headers = {
        "Content-Type": manner.content_type,
        "Content-Length": str(verdict.length),
        "Content-Disposition": _disposition(manner),
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
    }
    if verdict.status == 206:
        last = verdict.start + verdict.length - 1
        headers["Content-Range"] = f"bytes {verdict.start}-{last}/{verdict.total}"
    return headers


def _disposition(manner: Manner) -> str:
    """Return the disposition that is wanted for audio. What is not audio might run in a browser: it is always an attachment."""
    disposition = manner.disposition or "attachment"
    if manner.content_type.lower() in AUDIO_TYPES:
        return disposition
    _, semicolon, parameters = disposition.partition(";")
    return f"attachment{semicolon}{parameters}"
