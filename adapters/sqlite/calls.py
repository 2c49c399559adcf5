"""Calls from an event loop to the threads that speak to SQLite."""

import asyncio
import contextlib
import sqlite3
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeAlias, TypeVar

from adapters.sqlite.errors import STORE, translated
from ports.errors import Unavailable

T = TypeVar("T")
_LARGEST_BATCH = 256
_MOST_WAITING = 10_000


@dataclass(slots=True)
class Call:
    """A function of a connection, and the future of whoever waits for what it returns."""

    function: Callable[[sqlite3.Connection], Any]
    answer: asyncio.Future[Any]
    result: Any = None
    error: Exception | None = None

    def run(self, connection: sqlite3.Connection) -> None:
        """Keep what the function returns or raises, for later."""
        try:
            self.result = self.function(connection)
        except Exception as error:  # noqa: BLE001 - it belongs to whoever waits
            self.error = error

    def fail(self, error: Exception) -> None:
        """Forget what came of it: `error` did."""
        self.error = error

    def settle(self) -> None:
        """Tell whoever waits, unless they have stopped waiting."""
        if self.answer.done():
            return
        if self.error is None:
            self.answer.set_result(self.result)
        else:
            self.answer.set_exception(translated(self.error))


Serve: TypeAlias = Callable[[sqlite3.Connection, Sequence[Call]], None]


class Desk:
    """A queue of calls, and threads that serve it in batches, each by a connection that it closes in the end.

    What is asked in one turn of the event loop is handed over together: to wake a thread costs more than most calls do. After
    each batch `served` is called on the loop.
    """

    def __init__(
        self, name: str, serve: Serve, connections: Sequence[sqlite3.Connection], served: Callable[[], None] = lambda: None
    ) -> None:
        self._waiting: deque[Call] = deque()
        self._turns: SimpleQueue[bool] = SimpleQueue()  # True: calls may wait, False: there will be no more
        self._woken = False
        self._serve = serve
        self._served = served
        self._loop = asyncio.get_running_loop()
        self._closed = False
        self._threads = [Thread(target=self._work, args=(each,), name=name, daemon=True) for each in connections]
        for thread in self._threads:
            thread.start()

    async def ask(self, function: Callable[[sqlite3.Connection], T]) -> T:
        """Return what `function` returns, once the batch that it was served in is done.

        Raise Unavailable where too many wait already, and after `close`.
        """
        if self._closed or len(self._waiting) >= _MOST_WAITING:
            raise Unavailable(STORE)
        answer: asyncio.Future[T] = self._loop.create_future()
        self._waiting.append(Call(function, answer))
        if not self._woken:
            self._woken = True
            self._loop.call_soon(self._wake)
        return await answer

    async def close(self) -> None:
        """Serve what waits, then stop. Closing twice is fine."""
        if not self._closed:
            self._closed = True
            self._wake()
            for _ in self._threads:
                self._turns.put(False)
        for thread in self._threads:
            await asyncio.to_thread(thread.join)

    def _wake(self) -> None:
        self._woken = False
        for _ in range(min(len(self._threads), len(self._waiting))):
            self._turns.put(True)

    def _work(self, connection: sqlite3.Connection) -> None:
        with closing(connection):
            for batch in self._batches():
                self._serve(connection, batch)
                # A loop that was closed without us has nobody left to tell.
                with contextlib.suppress(RuntimeError):
                    self._loop.call_soon_threadsafe(self._settle, batch)

    def _settle(self, batch: Sequence[Call]) -> None:
        for call in batch:
            call.settle()
        self._served()

    def _batches(self) -> Iterator[list[Call]]:
        while self._turns.get():
            while batch := self._next_batch():
                yield batch

    def _next_batch(self) -> list[Call]:
        batch: list[Call] = []
        with contextlib.suppress(IndexError):  # another thread may have taken them
            while len(batch) < _LARGEST_BATCH:
                batch.append(self._waiting.popleft())
        return batch
