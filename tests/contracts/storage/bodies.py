"""Bodies to put, and ways to read back."""

from collections.abc import AsyncIterable, AsyncIterator

from ports.storage import Storage


async def body(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


async def broken(error: BaseException, *chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk
    raise error


async def joined(chunks: AsyncIterable[bytes]) -> bytes:
    return b"".join([chunk async for chunk in chunks])


async def keys(storage: Storage, prefix: str = "") -> list[str]:
    return [stored.key async for stored in storage.list(prefix)]
