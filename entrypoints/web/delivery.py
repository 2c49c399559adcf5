"""Sending an opened object: the answer's headers from the rules in `domain.ranges`, its bytes from the file."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import ExitStack
from datetime import datetime
from email.utils import format_datetime

from litestar.types import Receive, Scope, Send

from domain.ranges import Conditions, Verdict, judge
from entrypoints.web.bodies import AnyRequest
from ports.links import Grant
from ports.storage import OpenFile, StoredObject

_CHUNK = 256 * 1024


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


class Bare:
    """An answer that is a status and headers."""

    def __init__(self, status: int, headers: Mapping[str, str]) -> None:
        self._status = status
        self._headers = [(name.lower().encode(), value.encode("latin-1", "replace")) for name, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Send the answer, as ASGI wants it."""
        await self._start(send)
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _start(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self._status, "headers": self._headers})


class FileAnswer(Bare):
    """An answer with `length` bytes of an open file. `closing` closes it when they are sent, the client leaves or anything fails."""

    def __init__(
        self, status: int, headers: Mapping[str, str], chunks: AsyncIterator[bytes], length: int, closing: ExitStack
    ) -> None:
        super().__init__(status, headers)
        self._chunks = chunks
        self._rest = length
        self._closing = closing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Send the answer. A client that leaves ends it, for nothing else tells: to send to it succeeds, at once."""
        with self._closing:
            gone = asyncio.ensure_future(_disconnected(receive))
            self._closing.callback(gone.cancel)
            await self._start(send)
            async for chunk in self._chunks:
                if gone.done():
                    return
                self._rest -= len(chunk)
                await send({"type": "http.response.body", "body": chunk, "more_body": self._rest > 0})


def delivered(request: AnyRequest, opened: OpenFile, grant: Grant, now: datetime) -> Bare:
    """Answer a GET or HEAD with the object, which is closed afterwards.

    Raise PreconditionFailed, or RangeNotSatisfiable.
    """
    with ExitStack() as closing:
        closing.callback(os.close, opened.descriptor)
        verdict = judge(_conditions(request), opened.object, now)
        headers = _headers(verdict, opened.object, grant, now)
        if request.method == "HEAD" or not verdict.length:
            return Bare(verdict.status, headers)
        chunks = _chunks(opened.descriptor, verdict.start, verdict.length)
        return FileAnswer(verdict.status, headers, chunks, verdict.length, closing.pop_all())


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


def _headers(verdict: Verdict, stored: StoredObject, grant: Grant, now: datetime) -> dict[str, str]:
    """Return the header fields of a 200, 206 or 304.

    A link belongs to an object that never changes, not to a person: any cache may keep the answer for as long as the link lives.
    """
    match verdict.status:
        case 412:
            raise PreconditionFailed
        case 416:
            raise RangeNotSatisfiable(verdict.total)
        case _:
            lifetime = max(0, int((grant.expires_at - now).total_seconds()))
            common = {
                "ETag": stored.etag,
                "Last-Modified": format_datetime(stored.modified, usegmt=True),
                "Cache-Control": f"public, max-age={lifetime}, immutable",
                "Accept-Ranges": "bytes",
            }
            return common if verdict.status == 304 else common | _of_content(verdict, grant)


def _of_content(verdict: Verdict, grant: Grant) -> dict[str, str]:
    headers = {
        "Content-Type": grant.content_type,
        "Content-Length": str(verdict.length),
        "Content-Disposition": _disposition(grant),
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
    }
    if verdict.status == 206:
        last = verdict.start + verdict.length - 1
        headers["Content-Range"] = f"bytes {verdict.start}-{last}/{verdict.total}"
    return headers


def _disposition(grant: Grant) -> str:
    """Return the link's disposition for audio. What is not audio might run in a browser: it is always an attachment."""
    disposition = grant.disposition or "attachment"
    if grant.content_type.lower().startswith("audio/"):
        return disposition
    _, semicolon, parameters = disposition.partition(";")
    return f"attachment{semicolon}{parameters}"


async def _chunks(descriptor: int, start: int, length: int) -> AsyncIterator[bytes]:
    """Yield the bytes that were promised, and no others. Raise EOFError if the file has lost some: the server then hangs up."""
    while length:
        size = min(length, _CHUNK)
        chunk = _cached(descriptor, start, size) or await asyncio.to_thread(os.pread, descriptor, size, start)
        if not chunk:
            raise EOFError("An object became shorter while it was sent")
        yield chunk
        start, length = start + len(chunk), length - len(chunk)


def _cached(descriptor: int, start: int, size: int) -> bytes:
    """Return what can be had without waiting for a disk, which may be nothing: for hot files it saves the way to a thread."""
    buffer = bytearray(size)
    try:
        count = os.preadv(descriptor, [buffer], start, os.RWF_NOWAIT)
    except (AttributeError, OSError):  # neither every system nor every file system can say
        return b""
    return bytes(memoryview(buffer)[:count])


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
