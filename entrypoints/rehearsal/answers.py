"""Answers on their way to a worker: noted, held back, or other than the application's."""

from collections.abc import Awaitable, Callable, Mapping
from time import monotonic
from typing import Any

import msgspec
from litestar.types import Message, Send

from entrypoints.rehearsal.plays import Seen


class Noted:
    """Sends an answer on, and notes it."""

    def __init__(self, seen: Seen, send: Send) -> None:
        self._seen = seen
        self._send = send

    async def __call__(self, message: Message) -> None:
        """Take a part of the answer."""
        if message["type"] == "http.response.start":
            self._seen.status = message["status"]
        elif message["type"] == "http.response.body" and not message.get("more_body"):
            self._seen.answered = monotonic()
        await self._send(message)


class Whole:
    """Holds an answer back until it is whole: its body may be another then."""

    def __init__(self, seen: Seen, send: Send) -> None:
        self._seen = seen
        self._send = send
        self._start: Any = None
        self.body = b""

    async def __call__(self, message: Message) -> None:
        """Take a part of the answer."""
        if message["type"] == "http.response.start":
            self._seen.status, self._start = message["status"], message
        elif message["type"] == "http.response.body":
            self.body += message["body"]

    async def pass_on(self) -> None:
        """Send it."""
        self._seen.answered = monotonic()
        if self._start is None:  # the worker was gone
            return
        kept = [(name, value) for name, value in self._start["headers"] if name.lower() != b"content-length"]
        length = [(b"content-length", str(len(self.body)).encode())] if self._start["status"] != 204 else []
        self._start["headers"] = [*kept, *length]
        await self._send(self._start)
        await self._send({"type": "http.response.body", "body": self.body, "more_body": False})


class Held(Noted):
    """Sends the first half of what comes first, and the rest when the time has come."""

    def __init__(self, seen: Seen, send: Send, hold: Callable[[], Awaitable[None]]) -> None:
        super().__init__(seen, send)
        self._hold: Callable[[], Awaitable[None]] | None = hold

    async def __call__(self, message: Message) -> None:
        """Take a part of the answer."""
        if self._hold is not None and message["type"] == "http.response.body" and message["body"] and self._seen.status < 300:
            hold, self._hold = self._hold, None
            half = len(message["body"]) // 2
            await super().__call__({**message, "body": message["body"][:half], "more_body": True})
            await hold()
            message = {**message, "body": message["body"][half:]}
        await super().__call__(message)


async def answer_with(send: Send, status: int, headers: Mapping[str, str], told: object) -> None:
    """Answer for the application, in JSON."""
    body = msgspec.json.encode(told)
    fields = {"content-type": "application/json", "content-length": str(len(body)), **headers}
    await send(
        {"type": "http.response.start", "status": status, "headers": [(n.encode(), v.encode()) for n, v in fields.items()]}
    )
    await send({"type": "http.response.body", "body": body, "more_body": False})
