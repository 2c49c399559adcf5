"""The census of the jobs in Redis."""

import asyncio
from datetime import datetime
from itertools import product

from adapters.redis.client import Server
from adapters.redis.jobs import NAME, group_of
from adapters.redis.times import moment, written
from ports.census import Census, Waiting
from ports.jobs import JobKind, JobStatus


class RedisJobCensus:
    """A JobCensus from the index of what is due: no job is looked at, however many there are."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._due = server.key(NAME, "due")

    async def count(self, now: datetime) -> Census:
        """Count the jobs, and those that are due at `now` and wait."""
        pairs = list(product(JobStatus, JobKind))
        numbers = await asyncio.gather(*(self._count(group_of(*pair)) for pair in pairs))
        waiting = await asyncio.gather(*(self._waiting(kind, now) for kind in JobKind))
        counts = {pair: number for pair, number in zip(pairs, numbers, strict=True) if number}
        return Census(counts, {kind: found for kind, found in zip(JobKind, waiting, strict=True) if found})

    async def _count(self, group: str) -> int:
        number: int = await self._server.read("ZLEXCOUNT", self._due, f"[{group}", f"({group}~")
        return number

    async def _waiting(self, kind: JobKind, now: datetime) -> Waiting | None:
        group = group_of(JobStatus.QUEUED, kind)
        span = (f"[{group}", f"({group}{written(now)}!")
        number, first = await asyncio.gather(
            self._server.read("ZLEXCOUNT", self._due, *span),
            self._server.read("ZRANGE", self._due, *span, "BYLEX", "LIMIT", 0, 1),
        )
        since = moment(first[0].removeprefix(group.encode()).partition(b" ")[0]) if first else None
        return Waiting(number, since) if number and since else None
