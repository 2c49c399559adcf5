"""Reading a request's body that nobody vouches for: it may be too large, stop half-way, or never end."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, TypeAlias

from litestar import Request
from litestar.types import HTTPReceiveMessage

AnyRequest: TypeAlias = Request[Any, Any, Any]

LARGEST_JSON = 256 * 1024
"""Bytes that a report, or an order for a job, may have."""


class BodyTooLarge(Exception):
    """A request's body has more than `limit` bytes, or says that it will."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"The request body is larger than {limit} bytes")
        self.limit = limit


class BodyStalled(Exception):
    """A client sent nothing of its request's body for `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"No more of the request body arrived for {seconds:g} seconds")
        self.seconds = seconds


class ClientGone(Exception):
    """The client went away before it had sent the whole body: nobody will read the answer."""

    def __init__(self) -> None:
        super().__init__("The client disconnected before the request body ended")


async def streamed(request: AnyRequest, *, limit: int, idle: float = 30) -> AsyncIterator[bytes]:
    """Yield the body as it arrives; each time, the client has `idle` seconds to send some more.

    It is taken from the server itself: Litestar's own limit (10 MB by default) does not count here. Raise BodyTooLarge for more
    than `limit` bytes, before reading any if Content-Length says so; BodyStalled; ClientGone for an end that came too early.
    """
    announced = request.content_length or 0
    if announced > limit:
        raise BodyTooLarge(limit)
    received, more = 0, True
    while more:
        chunk, more = _content(await _next(request, idle))
        received += len(chunk)
        if received > limit:
            raise BodyTooLarge(limit)
        if chunk:
            yield chunk
    if received < announced:
        raise ClientGone


async def whole(request: AnyRequest, *, limit: int, idle: float = 30) -> bytes:
    """Return the body, of at most `limit` bytes. Raise what `streamed` raises.

    It is read once: a guard that judges it leaves it for the handler.
    """
    kept = request.scope["state"]
    if "body" not in kept:
        kept["body"] = b"".join([chunk async for chunk in streamed(request, limit=limit, idle=idle)])
    body: bytes = kept["body"]
    return body


async def _next(request: AnyRequest, idle: float) -> HTTPReceiveMessage:
    try:
        async with asyncio.timeout(idle):
            return await request.receive()  # type: ignore[return-value]  # of HTTP, there are no other messages
    except TimeoutError:
        raise BodyStalled(idle) from None


def _content(event: HTTPReceiveMessage) -> tuple[bytes, bool]:
    if event["type"] == "http.disconnect":
        raise ClientGone
    return event["body"], event.get("more_body", False)
