"""The bytes that a listener is sent: exactly those, over lines that break."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

import pytest

from adapters.memory.storage import MemoryStorage
from domain.playback import bytes_of
from ports.errors import NotFound, Unavailable

pytestmark = pytest.mark.anyio

CONTENT = bytes(range(256)) * 1024


class Fragile(MemoryStorage):
    """A storage whose lines break after `lasts` chunks. It knows how many were opened, and how many are open."""

    def __init__(self, lasts: int) -> None:
        super().__init__()
        self.lasts = lasts
        self.opened = self.open = 0

    async def read(self, key: str, start: int = 0, length: int | None = None) -> AsyncGenerator[bytes]:
        self.opened, self.open = self.opened + 1, self.open + 1
        try:
            passed = 0
            async with aclosing(super().read(key, start, length)) as chunks:
                async for chunk in chunks:
                    if passed == self.lasts:
                        raise Unavailable("storage")
                    yield chunk
                    passed += 1
        finally:
            self.open -= 1


async def filled(lasts: int) -> Fragile:
    async def body() -> AsyncIterator[bytes]:
        yield CONTENT

    storage = Fragile(lasts)
    await storage.put("a.mp3", body(), "audio/mpeg")
    return storage


async def test_a_line_that_breaks_is_taken_up_where_it_broke() -> None:
    storage = await filled(lasts=1)
    assert b"".join([chunk async for chunk in bytes_of(storage, "a.mp3", 100, 200_000)]) == CONTENT[100:200_100]
    assert (storage.opened, storage.open) == (4, 0)


async def test_a_line_of_which_nothing_comes_is_given_up() -> None:
    storage = await filled(lasts=0)
    with pytest.raises(Unavailable):
        await anext(bytes_of(storage, "a.mp3", 0, 10))
    assert (storage.opened, storage.open) == (1, 0)


async def test_an_object_that_is_gone_is_not_found() -> None:
    with pytest.raises(NotFound):
        await anext(bytes_of(await filled(lasts=9), "b.mp3", 0, 10))


async def test_an_object_that_is_shorter_than_promised_is_no_end() -> None:
    chunks = bytes_of(await filled(lasts=9), "a.mp3", len(CONTENT) - 5, 10)
    assert await anext(chunks) == CONTENT[-5:]
    with pytest.raises(EOFError):
        await anext(chunks)


async def test_who_stops_early_leaves_no_line_open() -> None:
    storage = await filled(lasts=9)
    async with aclosing(bytes_of(storage, "a.mp3", 0, len(CONTENT))) as chunks:
        await anext(chunks)
        assert storage.open == 1
    assert storage.open == 0
