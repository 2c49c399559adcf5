"""What is asked of the checks, how often, and for how long."""

import asyncio

import pytest

from entrypoints.readiness import Readiness
from ports.errors import OutOfSpace, Unavailable

pytestmark = pytest.mark.anyio


class Told:
    """A check that counts how often it is asked, and then does what it is told."""

    def __init__(self, name: str, error: Exception | None = None, *, hangs: bool = False) -> None:
        self.name = name
        self.error = error
        self.hangs = hangs
        self.asked = 0

    async def check(self) -> None:
        self.asked += 1
        await (asyncio.Event().wait() if self.hangs else asyncio.sleep(0))
        if self.error:
            raise self.error


async def test_each_check_is_named_with_what_is_wrong() -> None:
    checks = [Told("store"), Told("storage", OutOfSpace("storage")), Told("engine", Unavailable("engine"))]
    assert await Readiness(checks, lambda: 0.0).states() == {
        "store": "ok",
        "storage": "storage has no space left",
        "engine": "engine is not available at the moment",
    }


async def test_checks_are_asked_once_a_second_however_many_ask() -> None:
    now = [100.0]
    check = Told("store")
    readiness = Readiness([check], lambda: now[0])
    for _ in range(3):
        assert await asyncio.gather(*(readiness.states() for _ in range(50))) == [{"store": "ok"}] * 50
    assert check.asked == 1
    now[0] += 0.99
    await readiness.states()
    assert check.asked == 1
    now[0] += 0.01
    check.error = Unavailable("store")
    assert await readiness.states() == {"store": "store is not available at the moment"}
    assert check.asked == 2


async def test_a_check_that_does_not_answer_is_not_waited_for() -> None:
    checks = [Told("store", hangs=True), Told("storage", hangs=True), Told("engine")]
    async with asyncio.timeout(5):
        said = await Readiness(checks, lambda: 0.0, patience=0.05).states()
    assert said == {"store": "store does not answer", "storage": "storage does not answer", "engine": "ok"}
