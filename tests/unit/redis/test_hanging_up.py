"""Hanging up on the server, whatever is under way."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest
from redis.asyncio.connection import AbstractConnection

from adapters.redis.client import Server

pytestmark = pytest.mark.anyio


async def test_a_cancellation_that_the_library_loses_keeps_nobody_waiting(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it sends by is `asyncio.wait_for`, which on Python 3.11 drops one that comes together with the result."""
    under_way, send = asyncio.Event(), AbstractConnection.send_packed_command

    async def deaf(self: AbstractConnection, *arguments: Any, **options: Any) -> None:
        under_way.set()
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        await send(self, *arguments, **options)

    monkeypatch.setattr(AbstractConnection, "send_packed_command", deaf)
    asked = asyncio.create_task(server.read("GET", server.key("format")))
    await under_way.wait()
    async with asyncio.timeout(10):
        await server.close()
        assert await asked == b"1"
