"""Whoever listens hears every ring, however many listen, and nobody listens longer than they want."""

import asyncio

import pytest

from entrypoints.bell import Bell

pytestmark = pytest.mark.anyio

LONG = 60.0


async def test_all_who_listen_hear_one_ring() -> None:
    bell = Bell()
    listeners = [asyncio.create_task(bell.after(bell.rings, LONG)) for _ in range(3)]
    await asyncio.sleep(0)
    bell.ring()
    async with asyncio.timeout(5):
        await asyncio.gather(*listeners)


async def test_a_ring_between_looking_and_listening_is_heard() -> None:
    bell = Bell()
    heard = bell.rings
    bell.ring()
    async with asyncio.timeout(5):
        await bell.after(heard, LONG)


async def test_a_ring_that_was_heard_is_not_heard_again() -> None:
    bell = Bell()
    bell.ring()
    listener = asyncio.create_task(bell.after(bell.rings, LONG))
    for _ in range(10):
        await asyncio.sleep(0)
    assert not listener.done()
    bell.ring()
    async with asyncio.timeout(5):
        await listener


async def test_silence_ends() -> None:
    async with asyncio.timeout(5):
        await Bell().after(0, 0.01)


async def test_a_listener_that_is_cancelled_as_it_rings_stops() -> None:
    for rings_first in (True, False):
        bell = Bell()
        listener = asyncio.create_task(bell.after(0, LONG))
        await asyncio.sleep(0)
        for step in (bell.ring, listener.cancel) if rings_first else (listener.cancel, bell.ring):
            step()
        with pytest.raises(asyncio.CancelledError):
            await listener
