"""The feed of jobs in memory."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from uuid import UUID

from ports.errors import Forgotten
from ports.events import Change


class MemoryJobFeed:
    """A JobFeed that forgets everything with its process. The job store of this process notes the changes in it."""

    def __init__(self) -> None:
        self._changes: list[tuple[datetime, Change]] = []
        self._newest = 0
        self._next = asyncio.Event()

    def note(self, job_id: str) -> None:
        """Give a change of this job the next number."""
        self._newest += 1
        self._changes.append((datetime.now(UTC), Change(self._newest, UUID(job_id))))
        self._next.set()
        self._next = asyncio.Event()

    async def newest(self) -> int:
        """Return the number of the last change, 0 before the first."""
        return self._newest

    async def since(self, number: int, limit: int = 500, job_id: UUID | None = None) -> Sequence[Change]:
        """Return the changes after `number`, those of the job where one is given. Raise Forgotten if not all are known."""
        if not self._newest - len(self._changes) <= number <= self._newest:
            raise Forgotten(number)
        later = [change for _, change in self._changes if change.number > number and job_id in {None, change.job_id}]
        return later[:limit]

    async def wait(self, number: int, seconds: float) -> None:
        """Return once there is a change after `number`, or after so many seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._newest <= number:
                    await self._next.wait()

    async def forget(self, before: datetime) -> None:
        """Forget the changes that were made before this time."""
        self._changes = [(made, change) for made, change in self._changes if made >= before]
