"""ASGI answers for bytes that are not worth holding in memory: passed on to the client, at the client's pace."""

import asyncio
import os
from collections.abc import AsyncGenerator, Mapping
from contextlib import ExitStack, aclosing

import structlog
from litestar.types import Receive, Scope, Send

from ports.errors import Unavailable

log = structlog.get_logger(__name__)

_CHUNK = 128 * 1024


class Bare:
    """An answer that is a status and headers."""

    def __init__(self, status: int, headers: Mapping[str, str]) -> None:
        self._status = status
        self._headers = [(name.lower().encode(), value.encode("latin-1", "replace")) for name, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  (ASGI gives all three)
        """Send the answer, as ASGI wants it."""
        await self._start(send)
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _start(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self._status, "headers": self._headers})


class RelayAnswer(Bare):
    """An answer with `length` bytes, at least one, that come as `chunks`; those are closed however it ends.

    It begins with the first chunk: if that can't be had, an error is answered. Later it can only end too early: then the server
    hangs up.
    """

    def __init__(self, status: int, headers: Mapping[str, str], chunks: AsyncGenerator[bytes], length: int) -> None:
        super().__init__(status, headers)
        self._chunks = chunks
        self._rest = length
        self._begun = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer. A client that leaves ends it, for nothing else tells: to send to it succeeds, at once."""
        gone = asyncio.ensure_future(disconnected(receive))
        with ExitStack() as closing:
            closing.callback(gone.cancel)
            try:
                await self._relay(gone, send)
            except Unavailable as trouble:
                if not self._begun:
                    raise
                log.warning("hung up", path=scope["path"], why=str(trouble))

    async def _relay(self, gone: asyncio.Future[None], send: Send) -> None:
        async with aclosing(self._chunks):
            async for chunk in self._chunks:
                if gone.done():
                    return
                await self._pass_on(chunk, send)
        if self._rest:
            raise EOFError("An object became shorter while it was sent")

    async def _pass_on(self, chunk: bytes, send: Send) -> None:
        if not self._begun:
            self._begun = True
            await self._start(send)
        self._rest -= len(chunk)
        await send({"type": "http.response.body", "body": chunk, "more_body": self._rest > 0})


class FileAnswer(RelayAnswer):
    """An answer with `length` bytes, at least one, of an open file from `start`.

    `closing` closes the file when they are sent, when the client leaves, and when anything fails.
    """

    def __init__(
        self, status: int, headers: Mapping[str, str], descriptor: int, start: int, length: int, closing: ExitStack
    ) -> None:
        super().__init__(status, headers, _chunks(descriptor, start, length), length)
        self._closing = closing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer, and close the file."""
        with self._closing:
            await super().__call__(scope, receive, send)


async def _chunks(descriptor: int, start: int, length: int) -> AsyncGenerator[bytes]:
    """Yield the bytes that were promised, and no others: fewer only if the file has lost some."""
    while length:
        size = min(length, _CHUNK)
        chunk = _cached(descriptor, start, size) or await asyncio.to_thread(os.pread, descriptor, size, start)
        if not chunk:
            return
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


async def disconnected(receive: Receive) -> None:
    """Return once the client has gone. The request's body must have been read."""
    while (await receive())["type"] != "http.disconnect":
        pass
