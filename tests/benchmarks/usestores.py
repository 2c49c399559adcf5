"""How one process uses a store through our adapter."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from datetime import UTC, datetime

from entrypoints.wiring.stores import open_stores
from ports.jobs import JobKind, JobStatus, JobStore
from tests.benchmarks.population import OURS, changed, new_job, own, request
from tests.benchmarks.seeding import settings_of
from tests.benchmarks.storeload import PREPARED_WITHIN, Await, Done, Task

Step = Callable[[], Awaitable[object]]


async def add(jobs: JobStore, task: Task) -> list[Step]:
    """Keep new jobs."""

    async def step() -> None:
        await jobs.add(new_job())

    return [step] * task.at_once


async def replace(jobs: JobStore, task: Task) -> list[Step]:
    """Change jobs, each step its own ones in turns."""
    kept = [await jobs.get(each) for each in own(OURS, task.jobs, task.process, task.processes)]

    def changing(place: int) -> Step:
        mine = kept[place :: task.at_once]
        turn = 0

        async def step() -> None:
            nonlocal turn
            mine[turn] = changed(mine[turn])
            await jobs.replace(mine[turn])
            turn = (turn + 1) % len(mine)

        return step

    return [changing(place) for place in range(min(task.at_once, len(kept)))]


async def take_due(jobs: JobStore, task: Task) -> list[Step]:
    """Take jobs that are due: they are so again at once, behind the others."""

    async def step() -> None:
        now = datetime.now(UTC)
        await jobs.take_due({JobStatus.QUEUED}, {JobKind.RENDER}, now, now, request())

    return [step] * task.at_once


async def page(jobs: JobStore, task: Task) -> list[Step]:
    """List the fifty newest."""
    return [jobs.page] * task.at_once


OPERATIONS: Mapping[str, Callable[[JobStore, Task], Awaitable[list[Step]]]] = {
    "add": add,
    "replace": replace,
    "take_due": take_due,
    "page": page,
}


def use(task: Task, start: Await) -> Done:
    """Do it until the time is over."""
    return asyncio.run(_use(task, start))


async def _use(task: Task, start: Await) -> Done:
    async with AsyncExitStack() as stack:
        kept = await open_stores(settings_of(task.environment), stack)
        steps = await OPERATIONS[task.operation](kept.jobs, task)
        start(PREPARED_WITHIN)
        begun = time.perf_counter()
        counts = await asyncio.gather(*(_repeat(step, begun + task.seconds) for step in steps))
        return Done(sum(counts), time.perf_counter() - begun)


async def _repeat(step: Step, end: float) -> int:
    times = 0
    while time.perf_counter() < end:
        await step()
        times += 1
    return times
