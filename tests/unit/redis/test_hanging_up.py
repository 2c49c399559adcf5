"""Hanging up on the server, whatever is under way."""

import asyncio
import gc
import warnings
from collections.abc import Awaitable, Callable, Generator
from contextlib import suppress
from typing import Any

import pytest
from redis.asyncio.connection import AbstractConnection

from adapters.redis.client import Server
from adapters.redis.dialling import dialling
from tests.services.running import Served

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


class CancelledAt:
    """Awaits what it is given, and cancels the task that does so the `pause`th time that it waits."""

    def __init__(self, awaitable: Awaitable[AbstractConnection], pause: int) -> None:
        self.pauses = 0
        self._awaitable = awaitable
        self._pause = pause

    def __await__(self) -> Generator[Any, None, AbstractConnection]:
        steps = self._awaitable.__await__()
        try:
            waits_for = next(steps)
            while True:
                self.pauses += 1
                if self.pauses == self._pause and (task := asyncio.current_task()):
                    task.cancel()
                try:
                    yield waits_for
                except asyncio.CancelledError as cancelled:
                    waits_for = steps.throw(cancelled)
                else:
                    waits_for = next(steps)
        except StopIteration as end:
            connection: AbstractConnection = end.value
            return connection


async def unclosed(dialled: CancelledAt) -> list[str]:
    """Return what was left open once a dialling has been cancelled; a connection that was made all the same is closed."""

    async def wait() -> AbstractConnection:
        return await dialled

    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        with suppress(asyncio.CancelledError):
            await (await asyncio.create_task(wait())).disconnect()
        await asyncio.sleep(0)
        gc.collect()
    return [str(warning.message) for warning in seen]


@pytest.mark.parametrize(("name", "options"), [("redis", "?db=1"), ("redis-cluster", "")])
async def test_a_connection_given_up_while_it_is_made_is_closed(
    service: Callable[[str], Served], name: str, options: str
) -> None:
    dial = dialling(service(name).url + options, "{greenroom}:", 3)
    pause = 0
    while True:
        pause += 1
        dialled = CancelledAt(dial(), pause)
        assert await unclosed(dialled) == [], f"given up at pause {pause}"
        if dialled.pauses < pause:
            break
    assert pause > 2
