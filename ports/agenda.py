"""What is due, read without being taken: for those who want to see what would be done."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from ports.assets import Asset
from ports.jobs import Job, JobStatus
from ports.uploads import Upload


class JobAgenda(Protocol):
    """Shows which jobs of a store are due. Raise Unavailable as the store does."""

    async def due(self, statuses: Collection[JobStatus], now: datetime, limit: int) -> Sequence[Job]:
        """Return the jobs of these statuses that are due at `now` or before, the most overdue first, `limit` at most.

        Nothing is taken: they are still due.
        """
        ...


class AssetAgenda(Protocol):
    """Shows which assets of a store are due. Raise Unavailable as the store does."""

    async def due(self, now: datetime, limit: int) -> Sequence[Asset]:
        """Return the assets that are due at `now` or before, deleted ones too, the most overdue first, `limit` at most.

        Nothing is taken: they are still due.
        """
        ...


class UploadAgenda(Protocol):
    """Shows which uploads of a store are due. Raise Unavailable as the store does."""

    async def due(self, now: datetime, limit: int) -> Sequence[Upload]:
        """Return the uploads that are due at `now` or before, the most overdue first, `limit` at most.

        Nothing is taken: they are still due.
        """
        ...
