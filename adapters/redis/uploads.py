"""Uploads in Redis."""

from collections.abc import Sequence
from datetime import datetime

from adapters.redis.client import Server
from adapters.redis.records import Records
from ports.uploads import Upload


class RedisUploadStore:
    """An UploadStore under `uploads`, and its UploadAgenda."""

    def __init__(self, server: Server) -> None:
        self._records = Records(server, "uploads", Upload)

    async def get(self, upload_id: str) -> Upload:
        """Return the upload, an abandoned one too. Raise NotFound if there is none."""
        return await self._records.get(upload_id)

    async def add(self, upload: Upload) -> None:
        """Keep a new upload. Raise AlreadyExists if an unequal one has its id."""
        await self._records.add(upload)

    async def replace(self, upload: Upload) -> None:
        """Store `upload` over the version before it. Raise Conflict if that is not the one kept, NotFound if there is none."""
        await self._records.replace(upload)

    async def take_due(self, now: datetime, until: datetime, request_id: str) -> Upload | None:
        """Hand out the most overdue upload, until `until`. None if there is none."""
        return await self._records.take([""], now, until, request_id)

    async def due(self, now: datetime, limit: int) -> Sequence[Upload]:
        """Return the most overdue uploads."""
        return await self._records.due([""], now, limit)

    async def remove(self, upload_id: str) -> None:
        """Forget the upload, if it is there."""
        await self._records.remove(upload_id)
