"""One deployment's place in a Redis or Valkey server: its keys, the connections to it, and how to run scripts there."""

import asyncio
from collections.abc import Sequence
from ssl import SSLCertVerificationError
from types import TracebackType
from typing import Any, Self

from redis.exceptions import AuthenticationError, MovedError, NoPermissionError

from adapters.redis.dialling import dialling
from adapters.redis.errors import STORE, NotSealed, Refused
from adapters.redis.line import Dial, Line, Words
from adapters.redis.promise import Promise, read_promise
from adapters.redis.scripts import script
from ports.errors import OutOfSpace, Unavailable

FORMAT = 1
"""The number of the way in which things are kept; who does not know a way must not touch what is kept by it."""

ANSWERS_WITHIN = 3.0
"""Seconds that the server may be silent for."""


class NewerFormat(Exception):
    """What is kept there has been changed by a newer Greenroom, whose ways this one does not know."""

    def __init__(self, found: int) -> None:
        super().__init__(f"what is kept there was changed by a newer version of Greenroom (format {found}): upgrade this one")


class NoFile(Exception):
    """The server does not say in time that its append-only file has a change: it keeps none, does not sync it, or is too old."""


class Server:
    """Redis or Valkey, opened for one event loop. Other processes may use the same place.

    All keys begin with `prefix` and share one hash tag, so that a cluster keeps them together. A change is answered when the
    server has made it; if `durable`, when its append-only file has it too. It is also a Check: `store`. `waits` is how many
    milliseconds a command may wait there for something to happen.
    """

    name = "store"

    def __init__(self, dial: Dial, start: str, *, durable: bool, waits: int) -> None:
        self.waits = waits
        self.promise = Promise()
        self._start = start
        self._durable = durable
        # What was made by a connection that broke is no write of the one after it: WAITAOF would not wait for it without a mark.
        seal: list[Words] = [("SET", self.key("mark"), ""), ("WAITAOF", 1, 0, waits)] if durable else []
        self._reads, self._changes, self._news = Line(dial), Line(dial, seal), Line(dial)

    @classmethod
    async def open(cls, url: str, prefix: str = "", *, durable: bool = False, answers_within: float = ANSWERS_WITHIN) -> Self:
        """Connect to the server.

        Raise Unavailable if it is out of reach, Refused if it does not let us in, NewerFormat if a newer Greenroom was there,
        NoFile if changes were to wait for its append-only file.
        """
        start = f"{prefix}{{{prefix}greenroom}}:"
        dial = dialling(url, start, answers_within)
        server = cls(dial, start, durable=durable, waits=int(answers_within * 2 / 3 * 1000))
        try:
            await server._begin()
        except BaseException:
            await server.close()
            raise
        return server

    def key(self, *names: str) -> str:
        """Return the name of a key."""
        return self._start + ":".join(names)

    async def run(self, name: str, keys: Sequence[str], arguments: Words) -> Any:
        """Return what a script returns. Raise Unavailable or OutOfSpace; what is missing then may have been done all the same."""
        chosen = script(name)
        rest = (len(keys), *keys, *arguments)
        line = self._changes if chosen.writes else self._reads
        return await line.ask(("EVALSHA", chosen.digest, *rest), ("EVAL", chosen.text, *rest))

    async def read(self, *words: str | bytes | int) -> Any:
        """Return the answer to a command that changes nothing. Raise Unavailable."""
        return await self._reads.ask(words)

    async def news(self, *words: str | bytes | int) -> Any:
        """Return the answer to a command that waits, for `waits` at most. Raise Unavailable."""
        return await self._news.ask(words)

    async def check(self) -> None:
        """Return if the server can be read and changed. Raise Unavailable if not, OutOfSpace if it is full."""
        await self.read("GET", self.key("format"))
        await self._changes.ask(("SET", self.key("mark"), ""))

    async def close(self) -> None:
        """Hang up."""
        await asyncio.gather(self._reads.close(), self._changes.close(), self._news.close())

    async def _begin(self) -> None:
        """Demand a server that lets us in, and a place that no newer Greenroom has changed."""
        try:
            await _demand_scripts(self)
            if self._durable:
                await self._demand_seal()
            found = await self._format()
        except Unavailable as error:
            _demand_entry(error.__cause__)
            raise
        if found > FORMAT:
            raise NewerFormat(found)
        self.promise = await read_promise(self.read)

    async def _format(self) -> int:
        """Return the number of the way in which things are kept here: ours where nothing is."""
        key = self.key("format")
        if found := await self.read("GET", key):  # a server that is full can be read
            return int(found)
        await self._changes.ask(("SET", key, FORMAT, "NX"))
        return int(await self.read("GET", key))

    async def _demand_seal(self) -> None:
        try:
            await self._changes.ask(("SET", self.key("mark"), ""))
        except OutOfSpace:
            return
        except Unavailable as error:
            _demand_entry(error.__cause__)
            if isinstance(error.__cause__, NotSealed):
                raise NoFile from error
            raise

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.close()


async def _demand_scripts(server: Server) -> None:
    """Raise Refused unless the server knows scripts as we write them."""
    try:
        await server.run("read", [server.key("format")] * 2, [])
    except Exception as error:
        if "compiling script" not in str(error):
            raise
        raise Refused(f"{STORE} must be Redis 7.0 or later, or Valkey") from error


def _demand_entry(cause: BaseException | None) -> None:
    """Raise Refused if what stands in the way will stand there until somebody sets it right."""
    while cause is not None:
        if isinstance(cause, AuthenticationError):
            raise Refused("the server refuses its user or password") from cause
        if isinstance(cause, NoPermissionError):
            raise Refused(f"its user may not do all that is needed ({cause})") from cause
        if isinstance(cause, SSLCertVerificationError):
            raise Refused(f"its certificate can't be trusted ({cause.verify_message})") from cause
        if isinstance(cause, MovedError):
            raise Refused("it is a cluster: the URL must begin with redis+cluster:// or rediss+cluster://") from cause
        if "cluster support disabled" in str(cause):
            raise Refused("it is no cluster: the URL must begin with redis:// or rediss://") from cause
        cause = cause.__cause__ or cause.__context__
