"""One connection to the server, and all who ask by it."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeAlias

from redis.asyncio.connection import AbstractConnection
from redis.exceptions import (
    AuthenticationError,
    ClusterDownError,
    MovedError,
    NoScriptError,
    ReadOnlyError,
    RedisError,
    ResponseError,
)
from redis.exceptions import ConnectionError as Broken

from adapters.redis.errors import STORE, NotSealed, translated
from ports.errors import Unavailable

Words: TypeAlias = Sequence[str | bytes | int]
Dial: TypeAlias = Callable[[], Awaitable[AbstractConnection]]

_LARGEST_BATCH = 1000
_MOST_WAITING = 10_000
_TRIES = 2
_PAUSE = 0.1
_ELSEWHERE = (MovedError, ReadOnlyError, ClusterDownError)
"""What is asked for is served by another server now."""


@dataclass(slots=True)
class Call:
    """A command, the same in full for a server that does not know its script, and the future of whoever waits for its answer."""

    words: Words
    in_full: Words | None
    answer: asyncio.Future[Any]

    def settle(self, answer: Any) -> None:
        """Tell whoever waits, unless they have stopped waiting."""
        if self.answer.done():
            return
        if isinstance(answer, Exception):
            self.answer.set_exception(translated(answer))
        else:
            self.answer.set_result(answer)


class Line:
    """Sends what waits together, and reads the answers in their order: whoever is cancelled meanwhile leaves nothing half-read.

    A connection that breaks is made anew, and all that was sent by it and not answered is sent again: a command must bear that.
    After each batch the commands of `seal` are sent, and its answers count only if the last of those says that it is sealed.
    """

    def __init__(self, dial: Dial, seal: Sequence[Words] = ()) -> None:
        self._dial = dial
        self._seal = seal
        self._connection: AbstractConnection | None = None
        self._waiting: deque[Call] = deque()
        self._asked = asyncio.Event()
        self._closed = False
        self._serving = asyncio.create_task(self._serve_forever())

    async def ask(self, words: Words, in_full: Words | None = None) -> Any:
        """Return the answer to a command.

        Raise Unavailable if the server is out of reach or too many wait, OutOfSpace if it is full.
        """
        if self._closed or len(self._waiting) >= _MOST_WAITING:
            raise Unavailable(STORE)
        call = Call(words, in_full, asyncio.get_running_loop().create_future())
        self._waiting.append(call)
        self._asked.set()
        return await call.answer

    async def close(self) -> None:
        """Hang up: who still waits is told that the server is out of reach. Closing twice is fine."""
        self._closed = True
        self._asked.set()  # the library's `wait_for` may lose a cancellation, on Python 3.11
        self._serving.cancel()
        await asyncio.gather(self._serving, return_exceptions=True)
        _settle(list(self._waiting), Unavailable(STORE))
        await self._hang_up(nowait=False)

    async def _serve_forever(self) -> None:
        while not self._closed:
            await self._asked.wait()
            self._asked.clear()
            while self._waiting and not self._closed:
                taken = [self._waiting.popleft() for _ in range(min(_LARGEST_BATCH, len(self._waiting)))]
                if batch := [call for call in taken if not call.answer.done()]:
                    await self._serve(batch)

    async def _serve(self, batch: Sequence[Call]) -> None:
        try:
            for call, answer in zip(batch, await self._answers(batch), strict=True):
                call.settle(answer)
        except NotSealed as error:
            _settle(batch, error)
        except Exception as error:  # noqa: BLE001 - it belongs to all who wait, those behind too: nobody waits for a dead server twice
            _settle([*batch, *self._waiting], error)
            self._waiting.clear()
        except asyncio.CancelledError:
            _settle(batch, Unavailable(STORE))
            raise

    async def _answers(self, batch: Sequence[Call]) -> list[Any]:
        """Return the answers to a batch, sent twice if need be."""
        for _ in range(_TRIES - 1):
            try:
                return await self._exchange(batch)
            except AuthenticationError:
                raise
            except (Broken, OSError, *_ELSEWHERE):
                await asyncio.sleep(_PAUSE)
        return await self._exchange(batch)

    async def _exchange(self, batch: Sequence[Call]) -> list[Any]:
        try:
            answers = await self._talk([call.words for call in batch])
            unknown = [each for each, answer in enumerate(answers) if isinstance(answer, NoScriptError)]
            if unknown:
                again = await self._talk([batch[each].in_full or batch[each].words for each in unknown])
                for each, answer in zip(unknown, again, strict=True):
                    answers[each] = answer
        except NotSealed:
            raise
        except BaseException:
            await self._hang_up()
            raise
        return answers

    async def _talk(self, commands: Sequence[Words]) -> list[Any]:
        if self._connection is None:
            self._connection = await self._dial()
        connection = self._connection
        await connection.send_packed_command(connection.pack_commands([*commands, *self._seal]))
        answers = [await _answer(connection) for _ in (*commands, *self._seal)]
        for answer in answers:
            if isinstance(answer, _ELSEWHERE):
                raise answer
        if self._seal:
            _demand_sealed(answers[-1])
        return answers[: len(commands)]

    async def _hang_up(self, *, nowait: bool = True) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(RedisError, OSError):
                await connection.disconnect(nowait=nowait)


async def _answer(connection: AbstractConnection) -> Any:
    try:
        return await connection.read_response()
    except ResponseError as refusal:
        return refusal


def _demand_sealed(answer: Any) -> None:
    """Raise NotSealed unless WAITAOF says that the server itself has the change in its append-only file."""
    if isinstance(answer, Exception):
        raise NotSealed from answer
    if not answer[0]:
        raise NotSealed


def _settle(calls: Sequence[Call], error: Exception) -> None:
    for call in calls:
        call.settle(error)
