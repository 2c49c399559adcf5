"""Holding a call in its thread until the test lets it go on."""

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar, TypeVarTuple

T = TypeVar("T")
Arguments = TypeVarTuple("Arguments")


class Gate:
    """Closed at first. `reached` is set when a call stands before it."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._opened = threading.Event()

    def before(self, work: Callable[[*Arguments], T]) -> Callable[[*Arguments], T]:
        """Return `work` with the gate before it."""

        def held(*arguments: *Arguments) -> T:
            self._loop.call_soon_threadsafe(self.reached.set)
            assert self._opened.wait(30)
            return work(*arguments)

        return held

    def open(self) -> None:
        """Let the calls go on."""
        self._opened.set()
