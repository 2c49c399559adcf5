"""Assets in memory."""

from collections.abc import Sequence
from datetime import datetime

from adapters.memory.records import MemoryRecords
from ports.assets import Asset, folded
from ports.paging import Cursor, Page


class MemoryAssetStore:
    """An AssetStore, and an AssetAgenda, that forgets everything with its process."""

    def __init__(self) -> None:
        self._records = MemoryRecords(Asset)

    async def get(self, asset_id: str) -> Asset:
        """Return the asset, a deleted one too. Raise NotFound if there is none."""
        return self._records.get(asset_id)

    async def add(self, asset: Asset) -> None:
        """Keep a new asset. Raise AlreadyExists if an unequal one has its id."""
        self._records.add(asset)

    async def replace(self, asset: Asset) -> None:
        """Store `asset` over the version before it. Raise Conflict if that is not the one kept, NotFound if there is none."""
        self._records.replace(asset)

    async def take_due(self, now: datetime, until: datetime, request_id: str) -> Asset | None:
        """Hand out the most overdue asset, until `until`. None if there is none."""

        def due(asset: Asset) -> bool:
            return asset.due is not None and asset.due <= now

        return self._records.take(due, until, request_id)

    async def due(self, now: datetime, limit: int) -> Sequence[Asset]:
        """Return the most overdue assets."""
        return self._records.due(lambda asset: asset.due is not None and asset.due <= now, limit)

    async def page(self, *, prefix: str = "", after: Cursor | None = None, limit: int = 50) -> Page[Asset]:
        """List the assets that are not deleted, newest first, those whose names begin with `prefix`."""
        wanted = folded(prefix)
        return self._records.page(lambda asset: asset.deleted is None and folded(asset.name).startswith(wanted), after, limit)

    async def remove(self, asset_id: str) -> None:
        """Forget the asset, if it is there."""
        self._records.remove(asset_id)
