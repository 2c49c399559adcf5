"""Processes that use a store for a while, all at once."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import TypeAlias

from msgspec import Struct

from tests.benchmarks.figures import CannotMeasure


class Task(Struct, frozen=True, kw_only=True):
    """What one of so many processes does: an operation, for so long, so many at a time, in the store of an environment."""

    operation: str
    seconds: float
    at_once: int
    jobs: int
    process: int
    processes: int
    environment: Mapping[str, str]


class Done(Struct, frozen=True):
    """How often it was done, in how many seconds."""

    times: int
    seconds: float


Await: TypeAlias = Callable[[float], object]
"""Waits until all are prepared, so many seconds at most."""

Use: TypeAlias = Callable[[Task, Await], Done]
"""Prepares, waits for the others, and uses the store."""

PREPARED_WITHIN = 120.0

# Each process is forked from one that has read our code already, and has no threads.
_CONTEXT = get_context("forkserver")
_CONTEXT.set_forkserver_preload(["tests.benchmarks.usestores", "tests.benchmarks.rivals.statements"])


def rate_of(use: Use, tasks: Sequence[Task]) -> float:
    """Run a process for each task, all at once, and return how often a second they did it together. Raise CannotMeasure."""
    start = _CONTEXT.Barrier(len(tasks))
    with ExitStack() as stack:
        ears: list[Connection] = []
        for task in tasks:
            ear, mouth = _CONTEXT.Pipe(duplex=False)
            process = _CONTEXT.Process(target=_work, args=(use, task, start.wait, mouth), daemon=True)
            process.start()
            stack.callback(_end, process)
            mouth.close()
            ears.append(stack.enter_context(ear))
        done = [_heard(ear, task) for ear, task in zip(ears, tasks, strict=True)]
    return sum(each.times / each.seconds for each in done)


def _work(use: Use, task: Task, start: Await, mouth: Connection) -> None:
    with mouth:
        mouth.send(use(task, start))


def _heard(ear: Connection, task: Task) -> Done:
    try:
        done: Done = ear.recv()
    except EOFError:
        raise CannotMeasure(f"A process broke that was to {task.operation} in a store") from None
    return done


def _end(process: BaseProcess) -> None:
    process.kill()
    process.join()
    process.close()
