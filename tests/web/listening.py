"""A listener that reads server-sent events as they come, at the application itself."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeAlias, cast

import httpx
from msgspec import Struct

Headers: TypeAlias = Mapping[str, str] | Mapping[bytes, bytes]


class Heard(Struct, frozen=True):
    """An event: its name, its number if it had one, and what it says."""

    event: str
    number: int | None
    data: Any


class Listener:
    """What came of a request so far, and a connection that is open until it `leave`s."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.comments = 0
        self.begun = asyncio.Event()
        self.has_ended = False
        self._text = ""
        self._news: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._left = asyncio.Event()
        self._asked = False

    async def receive(self) -> dict[str, Any]:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode().lower(): value.decode() for name, value in message["headers"]}
            self.begun.set()
            return
        self._news.put_nowait(message["body"])
        if not message.get("more_body"):
            self.has_ended = True
            self._news.put_nowait(None)

    def leave(self) -> None:
        self._left.set()

    async def next(self) -> Heard | None:
        """Return the next event, None once the answer has ended."""
        async with asyncio.timeout(10):
            while "\n\n" not in self._text:
                if (news := await self._news.get()) is None:
                    assert not self._text
                    return None
                self._text += news.decode()
        block, _, self._text = self._text.partition("\n\n")
        return self._read(block) or await self.next()

    async def rest(self) -> list[Heard]:
        """Return all events until the answer ends."""
        found = []
        while (event := await self.next()) is not None:
            found.append(event)
        return found

    def _read(self, block: str) -> Heard | None:
        if block == ":":
            self.comments += 1
            return None
        fields = dict(line.split(": ", 1) for line in block.split("\n"))
        if "event" not in fields:
            return None
        return Heard(fields["event"], int(fields["id"]) if "id" in fields else None, json.loads(fields["data"]))


@asynccontextmanager
async def listening(client: httpx.AsyncClient, path: str, headers: Headers | None = None) -> AsyncIterator[Listener]:
    """Ask the application behind the client, and leave at the end."""
    transport = cast(Any, client)._transport
    request = client.build_request("GET", path, headers=headers)
    listener = Listener()
    asked = asyncio.create_task(transport.app(_scope(request, transport.client), listener.receive, listener.send))
    try:
        yield listener
    finally:
        listener.leave()
        async with asyncio.timeout(10):
            await asked


def _scope(request: httpx.Request, client: tuple[str, int]) -> dict[str, Any]:
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "scheme": request.url.scheme,
        "path": request.url.path,
        "raw_path": request.url.raw_path.split(b"?")[0],
        "query_string": request.url.query,
        "server": (request.url.host, request.url.port),
        "client": client,
        "root_path": "",
    }
