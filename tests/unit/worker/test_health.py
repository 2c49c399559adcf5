"""How a worker takes trouble of its own place: it rests, longer each time, and tries its engine before it works again."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from entrypoints.work.health import Health
from ports.audio import Prepared, Progress, Recipe
from ports.errors import EngineFailed, OutOfSpace, Unavailable

pytestmark = pytest.mark.anyio

BROKEN = EngineFailed("It broke")


class Engine:
    """Answers, when asked for its version, as it was told."""

    def __init__(self, *answers: Exception) -> None:
        self.asked = 0
        self._answers = list(answers)

    async def prepare(self, source: Path, into: Path, recipe: Recipe, budget: timedelta, progress: Progress) -> Prepared:
        raise BROKEN

    async def version(self) -> str:
        self.asked += 1
        if self._answers:
            raise self._answers.pop(0)
        return "test"


@pytest.fixture
def rests(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Take down how long is rested, and rest no time."""
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr("entrypoints.work.health.asyncio.sleep", sleep)
    return slept


async def room() -> None:
    return None


async def test_a_worker_that_is_well_takes_what_comes(rests: list[float]) -> None:
    engine = Engine()
    worker = Health(engine)
    worker.ended(None)
    await worker.ready(room)
    assert rests == []
    assert engine.asked == 0


async def test_rests_grow_with_jitter_up_to_a_minute(rests: list[float]) -> None:
    worker = Health(Engine())
    for _ in range(10):
        worker.ended(OutOfSpace("The disk"))
        await worker.ready(room)
    longest = [min(2.0**number, 60) for number in range(10)]
    assert all(most / 2 <= rest <= most for rest, most in zip(rests, longest, strict=True))


async def test_one_trouble_is_one_rest(rests: list[float]) -> None:
    worker = Health(Engine())
    worker.ended(Unavailable("The storage"))
    for _ in range(2):
        await worker.ready(room)
    assert len(rests) == 1


async def test_an_attempt_that_ends_as_it_should_makes_rests_short_again(rests: list[float]) -> None:
    worker = Health(Engine())
    for trouble in (*[BROKEN] * 5, None, BROKEN):
        worker.ended(trouble)
        await worker.ready(room)
    assert len(rests) == 6
    assert rests[4] > 1 >= rests[5]


async def test_nothing_is_taken_before_the_engine_answers_again(rests: list[float]) -> None:
    engine = Engine(BROKEN, OSError(24, "Too many open files"), BROKEN)
    worker = Health(engine)
    worker.ended(BROKEN)
    await worker.ready(room)
    assert engine.asked == len(rests) == 4


async def test_a_worker_that_rests_waits_for_room_first() -> None:
    worker, full = Health(Engine()), asyncio.Event()
    waiting = asyncio.create_task(worker.ready(lambda: _until(full)))
    await asyncio.sleep(0)
    worker.ended(BROKEN)
    full.set()
    await asyncio.sleep(0)
    assert not waiting.done()
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)


async def _until(event: asyncio.Event) -> None:
    await event.wait()


async def test_the_log_says_once_that_it_is_unwell_and_once_that_it_is_well_again(rests: list[float]) -> None:
    worker = Health(Engine(BROKEN))
    with capture_logs() as logs:
        for trouble in (BROKEN, OutOfSpace("The disk"), None, None):
            worker.ended(trouble)
            await worker.ready(room)
    assert rests
    said = [(line["event"], line.get("why")) for line in logs]
    assert said == [("this worker seems unwell", "It broke"), ("this worker is well again", None)]
