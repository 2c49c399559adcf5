"""A body cut into pieces of one size, of which one at a time is in memory."""

from collections.abc import AsyncGenerator, AsyncIterable
from io import BytesIO

from msgspec import Struct


class Piece(Struct, frozen=True):
    """Bytes to send, good until the next piece is asked for, and whether they are the last. A last piece may be shorter."""

    body: BytesIO
    last: bool


async def pieces(body: AsyncIterable[bytes], size: int) -> AsyncGenerator[Piece, None]:
    """Yield the bytes of `body` in pieces of `size`: at least one, and all but the last of that size."""
    buffer = BytesIO()
    async for chunk in body:
        rest = memoryview(chunk)
        while len(rest) > size - buffer.tell():
            cut = size - buffer.tell()
            buffer.write(rest[:cut])
            rest = rest[cut:]
            yield _handed_out(buffer, last=False)
            buffer.seek(0)
            buffer.truncate()
        buffer.write(rest)
    yield _handed_out(buffer, last=True)


def _handed_out(buffer: BytesIO, *, last: bool) -> Piece:
    buffer.seek(0)
    return Piece(buffer, last)
