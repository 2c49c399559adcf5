"""The feed of jobs: every change has a number, and who listens asks for what came after one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from msgspec import Struct


class Change(Struct, frozen=True):
    """A job was added, changed or removed."""

    number: int
    job_id: UUID


class JobFeed(Protocol):
    """Numbers the changes of jobs, in the transaction that makes them, whichever process does.

    Numbers are above 0 and rise, with or without gaps; none is given twice. Taking a due job is no change: nothing shows of it.
    Nor is what changes nothing: adding or storing an equal job again, removing one that is not there. Every method raises
    Unavailable if the store can't be reached.
    """

    async def newest(self) -> int:
        """Return the number of the last change, 0 before the first."""
        ...

    async def since(self, number: int, limit: int = 500, job_id: UUID | None = None) -> Sequence[Change]:
        """Return the changes after `number` in their order, those of the job where one is given, `limit` at most.

        Raise Forgotten if some of them were forgotten, or if `number` was never given. 0 stands for the time before the first.
        """
        ...

    async def wait(self, number: int, seconds: float) -> None:
        """Return as soon as there is a change after `number`, or after so many seconds."""
        ...

    async def forget(self, before: datetime) -> None:
        """Forget the changes that were made before this time. Numbers go on rising."""
        ...
