"""A step that was begun is ended, or undone, however often its caller is cancelled."""

import asyncio

import pytest

from entrypoints.unbroken import unbroken, whole_or_undone

pytestmark = pytest.mark.anyio


class Step:
    """Takes its time, and knows how often it was done and undone."""

    def __init__(self, error: Exception | None = None) -> None:
        self.done: list[int] = []
        self.undone: list[int] = []
        self._error = error

    async def take(self) -> int:
        for _ in range(5):
            await asyncio.sleep(0)
        if self._error is not None:
            raise self._error
        self.done.append(1)
        return 1

    async def undo(self, made: int) -> None:
        for _ in range(5):
            await asyncio.sleep(0)
        self.undone.append(made)


async def test_a_step_that_nobody_cuts_short_is_returned() -> None:
    step = Step()
    assert await unbroken(step.take()) == 1
    assert await whole_or_undone(step.take(), step.undo) == 1
    assert step.undone == []


@pytest.mark.parametrize("times", [1, 2, 7])
@pytest.mark.parametrize("ticks", range(1, 8))
async def test_a_step_is_returned_or_undone_whenever_and_however_often_it_is_cancelled(ticks: int, times: int) -> None:
    step = Step()
    task = asyncio.create_task(whole_or_undone(step.take(), step.undo))
    for _ in range(ticks):
        await asyncio.sleep(0)
    for _ in range(times):
        task.cancel()
        await asyncio.sleep(0)
    [made] = await asyncio.gather(task, return_exceptions=True)
    assert step.done == [1]
    assert step.undone == ([] if made == 1 else [1])


async def test_a_step_that_failed_as_it_was_cancelled_has_nothing_to_undo() -> None:
    step = Step(ValueError("broken"))
    task = asyncio.create_task(whole_or_undone(step.take(), step.undo))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert step.undone == []


async def test_what_a_step_raises_is_raised() -> None:
    step = Step(ValueError("broken"))
    with pytest.raises(ValueError, match="broken"):
        await whole_or_undone(step.take(), step.undo)
