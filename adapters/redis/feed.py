"""The feed of jobs in Redis."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from uuid import UUID

from adapters.redis.client import Server
from ports.errors import Forgotten
from ports.events import Change

_FORGET_AT_ONCE = 1000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def feed_keys(server: Server) -> list[str]:
    """Return the keys of the feed, as the scripts that fill it have them: the last number, the changes, and those of each job."""
    return [server.key("changes", "number"), server.key("changes"), server.key("changes", "of-each")]


class RedisJobFeed:
    """A JobFeed from a stream, which the scripts fill that change jobs. However many wait, one connection listens for them."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._number, self._changes, of_each = feed_keys(server)
        self._known = [self._changes, of_each, server.key("changes", "forgotten")]
        self._looking: asyncio.Task[None] | None = None

    async def newest(self) -> int:
        """Return the number of the last change, 0 before the first."""
        return int(await self._server.read("GET", self._number) or 0)

    async def since(self, number: int, limit: int = 500, job_id: UUID | None = None) -> Sequence[Change]:
        """Return the changes after `number`, those of the job where one is given. Raise Forgotten if not all are known."""
        if number < 0:
            raise Forgotten(number)
        found = await self._server.run("since", self._known, [number, limit, str(job_id or "")])
        if found is None:
            raise Forgotten(number)
        return [Change(int(each), UUID(changed.decode())) for each, changed in found]

    async def wait(self, number: int, seconds: float) -> None:
        """Return once there is a change after `number`, or after so many seconds."""
        # not wait_for: on Python 3.11 it loses a cancellation that comes with the news
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while (newest := await self.newest()) <= number:
                    await self._look(newest)

    async def forget(self, before: datetime) -> None:
        """Forget the changes that were made before this time."""
        end = (before - _EPOCH) // _MICROSECOND
        while await self._server.run("forget", self._known, [end, _FORGET_AT_ONCE]) == _FORGET_AT_ONCE:
            pass

    async def _look(self, newest: int) -> None:
        """Wait until it is worth another look. Who comes while others wait already, waits with them: they missed nothing."""
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._listen(newest))
            self._looking.add_done_callback(_seen)
        await asyncio.shield(self._looking)

    async def _listen(self, newest: int) -> None:
        await self._server.news("XREAD", "COUNT", 1, "BLOCK", self._server.waits, "STREAMS", self._changes, f"{newest}-0")


def _seen(look: asyncio.Task[None]) -> None:
    """Take note of what came of a look: everybody may have stopped waiting for it."""
    if not look.cancelled():
        look.exception()
