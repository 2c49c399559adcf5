"""Calls from an event loop to the threads that speak to SQLite."""

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from queue import Empty, SimpleQueue
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

    After each batch `served` is called on the event loop.
    """

    def __init__(
        self, name: str, serve: Serve, connections: Sequence[sqlite3.Connection], served: Callable[[], None] = lambda: None
    ) -> None:
        self._waiting: SimpleQueue[Call | None] = SimpleQueue()
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
        if self._closed or self._waiting.qsize() >= _MOST_WAITING:
            raise Unavailable(STORE)
        answer: asyncio.Future[T] = self._loop.create_future()
        self._waiting.put(Call(function, answer))
        return await answer

    async def close(self) -> None:
        """Serve what waits, then stop. Closing twice is fine."""
        if not self._closed:
            self._closed = True
            for _ in self._threads:
                self._waiting.put(None)
        for thread in self._threads:
            await asyncio.to_thread(thread.join)

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
        while batch := self._next_batch():
            yield batch

    def _next_batch(self) -> list[Call]:
        batch: list[Call] = []
        with contextlib.suppress(Empty):
            call = self._waiting.get()
            while call is not None:
                batch.append(call)
                if len(batch) == _LARGEST_BATCH:
                    return batch
                call = self._waiting.get_nowait()
            if batch:
                self._waiting.put(None)
        return batch
