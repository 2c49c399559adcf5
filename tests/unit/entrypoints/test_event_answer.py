"""An answer that goes on: what it sends when, and how it ends."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, cast

import pytest

from entrypoints.events.text import COMMENT
from entrypoints.web.event_answer import PIECE, EventAnswer

pytestmark = pytest.mark.anyio


class Client:
    """A client that takes what it is sent, until it is told to take nothing more, or to leave."""

    def __init__(self) -> None:
        self.stopping = asyncio.Event()
        self.taken: list[bytes] = []
        self.ended = False
        self.takes = asyncio.Event()
        self.takes.set()
        self._left = asyncio.Event()
        self._news = asyncio.Event()

    async def receive(self) -> dict[str, Any]:
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: dict[str, Any]) -> None:
        await self.takes.wait()
        if message["type"] == "http.response.body":
            self.taken += [message["body"]] if message["body"] else []
            self.ended = not message["more_body"]
            self._news.set()

    def leave(self) -> None:
        self._left.set()

    async def has_taken(self, count: int) -> None:
        async with asyncio.timeout(10):
            while len(self.taken) < count:
                self._news.clear()
                await self._news.wait()

    @asynccontextmanager
    async def asking(self, answer: EventAnswer) -> AsyncIterator["asyncio.Task[None]"]:
        task = asyncio.create_task(answer({}, self.receive, self.send))  # type: ignore[arg-type]  # the scope is not looked at
        yield task
        async with asyncio.timeout(10):
            await task


class Texts:
    """Texts that never end after the first ones."""

    def __init__(self, *first: bytes) -> None:
        self.made = 0
        self.is_closed = False
        self._first = first

    async def __call__(self) -> AsyncGenerator[bytes, None]:
        try:
            for text in self._first:
                self.made += 1
                yield text
            await asyncio.Event().wait()
        finally:
            self.is_closed = True


@pytest.fixture
def client() -> Client:
    return Client()


async def test_the_texts_are_sent_and_then_the_end(client: Client) -> None:
    async def texts() -> AsyncGenerator[bytes, None]:
        yield b"one"
        yield b"two"

    async with client.asking(EventAnswer(texts(), client.stopping)):
        await client.has_taken(2)
    assert (client.taken, client.ended) == ([b"one", b"two"], True)


async def test_a_comment_is_sent_after_each_silence(client: Client) -> None:
    async with client.asking(EventAnswer(Texts(b"one")(), client.stopping, silence=0.02)):
        await client.has_taken(4)
        client.leave()
    assert client.taken[:4] == [b"one", COMMENT, COMMENT, COMMENT]


async def test_a_text_breaks_the_silence(client: Client) -> None:
    more = asyncio.Event()

    async def texts() -> AsyncGenerator[bytes, None]:
        for _ in range(15):
            await asyncio.sleep(0.05)
            yield b"text"
        more.set()

    async with client.asking(EventAnswer(texts(), client.stopping, silence=0.5)):
        await more.wait()
    assert client.taken == [b"text"] * 15


async def test_a_client_that_leaves_ends_it_at_once(client: Client) -> None:
    texts = Texts(b"one")
    async with client.asking(EventAnswer(texts(), client.stopping)):
        await client.has_taken(1)
        client.leave()
    assert texts.is_closed
    assert not client.ended


async def test_a_stop_ends_it_whole(client: Client) -> None:
    texts = Texts(b"one")
    async with client.asking(EventAnswer(texts(), client.stopping)):
        await client.has_taken(1)
        client.stopping.set()
    assert texts.is_closed
    assert client.ended


async def test_the_next_text_is_made_when_the_one_before_is_taken(client: Client) -> None:
    texts = Texts(*[b"text"] * 50)
    answer = EventAnswer(texts(), client.stopping)
    await answer._start(cast(Any, client.send))
    client.takes.clear()
    async with client.asking(answer):
        for _ in range(20):
            await asyncio.sleep(0)
        assert texts.made <= 1
        client.takes.set()
        await client.has_taken(50)
        client.leave()


async def test_a_client_that_takes_nothing_any_more_is_given_up(client: Client) -> None:
    texts = Texts(b"one", b"two")
    async with client.asking(EventAnswer(texts(), client.stopping, silence=0.05, patience=0.05)):
        await client.has_taken(2)
        client.takes.clear()
        client.taken.clear()
    assert texts.is_closed
    assert not client.ended


async def test_a_mistake_in_what_makes_the_texts_is_loud(client: Client) -> None:
    async def texts() -> AsyncGenerator[bytes, None]:
        yield b"one"
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        async with client.asking(EventAnswer(texts(), client.stopping)):
            await client.has_taken(1)


async def test_being_cancelled_closes_the_texts(client: Client) -> None:
    texts = Texts(b"one")
    with suppress(asyncio.CancelledError):
        async with client.asking(EventAnswer(texts(), client.stopping)) as task:
            await client.has_taken(1)
            task.cancel()
    assert task.cancelled()
    assert texts.is_closed


async def test_a_large_text_is_sent_by_the_piece_and_whole_before_anything_else(client: Client) -> None:
    text = b"x" * (3 * PIECE + 1)
    async with client.asking(EventAnswer(Texts(text, b"next")(), client.stopping)):
        await client.has_taken(5)
        client.leave()
    assert [len(piece) for piece in client.taken] == [PIECE, PIECE, PIECE, 1, 4]


async def test_who_takes_a_piece_in_time_is_not_given_up_however_long_the_whole_takes(client: Client) -> None:
    async def slow(message: dict[str, Any]) -> None:
        await asyncio.sleep(0.05)
        await client.send(message)

    answer = EventAnswer(Texts(b"x" * 8 * PIECE)(), client.stopping, patience=0.2)
    task = asyncio.create_task(answer({}, client.receive, cast(Any, slow)))  # type: ignore[arg-type]  # the scope is not looked at
    await client.has_taken(8)
    client.leave()
    await task
