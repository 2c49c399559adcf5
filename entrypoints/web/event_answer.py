"""An ASGI answer that goes on: texts as they come, until there are no more, the client leaves, or the server stops."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress

from litestar.types import Receive, Scope, Send

from entrypoints.events.text import COMMENT
from entrypoints.race import until_one_ends
from entrypoints.web.caching import NO_STORE
from entrypoints.web.sending import Bare, disconnected

SILENCE = 15.0
"""Seconds without a text after which a comment is sent: proxies hang up where nothing comes for a minute."""

PATIENCE = 60.0
"""Seconds in which a client must take a piece of what it is sent, or it is given up."""

PIECE = 64 * 1024
"""Bytes that are sent at a time: all that is sent waits in the server until the client takes it."""

FAREWELL = 1.0
"""Seconds in which it must take the end of the answer, when the server stops."""

_HEADERS = {"Content-Type": "text/event-stream; charset=utf-8", "X-Accel-Buffering": "no", **NO_STORE}


class EventAnswer(Bare):
    """An answer of server-sent events, at the client's pace: the next text is made when all of the one before is under way.

    `texts` is closed at the end, however it comes. When `stopping` is set, the answer ends as if there were no more.
    """

    def __init__(
        self, texts: AsyncGenerator[bytes, None], stopping: asyncio.Event, silence: float = SILENCE, patience: float = PATIENCE
    ) -> None:
        super().__init__(200, _HEADERS)
        self._texts = texts
        self._stopping = stopping
        self._silence = silence
        self._patience = patience
        self._sent = 0.0
        self._turn = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  (ASGI gives all three)
        """Send the answer. A client that takes nothing any more does not see its end: the server hangs up then."""
        await self._start(send)
        self._sent = _now()
        with suppress(TimeoutError):
            await self._go_on(receive, send)

    async def _go_on(self, receive: Receive, send: Send) -> None:
        steps = disconnected(receive), self._stopping.wait(), self._keep_alive(send), self._tell(send)
        leaving, *others = await until_one_ends(*steps)
        for step in others:
            if not step.cancelled():
                step.result()
        if leaving.cancelled():
            async with self._turn:
                await _send(send, b"", FAREWELL, more=False)

    async def _tell(self, send: Send) -> None:
        async with aclosing(self._texts):
            async for text in self._texts:
                await self._say(send, text)

    async def _keep_alive(self, send: Send) -> None:
        while True:
            await asyncio.sleep(self._sent + self._silence - _now())
            if _now() >= self._sent + self._silence:
                await self._say(send, COMMENT)

    async def _say(self, send: Send, text: bytes) -> None:
        """Send a text, one at a time. Raise TimeoutError if the client does not take it."""
        async with self._turn:
            for start in range(0, len(text), PIECE):
                await _send(send, text[start : start + PIECE], self._patience, more=True)
        self._sent = _now()


async def _send(send: Send, piece: bytes, patience: float, *, more: bool) -> None:
    async with asyncio.timeout(patience):
        await send({"type": "http.response.body", "body": piece, "more_body": more})


def _now() -> float:
    return asyncio.get_running_loop().time()
