"""Assets in Redis."""

from collections.abc import Sequence
from datetime import datetime

from adapters.redis.client import Server
from adapters.redis.records import Records
from adapters.redis.search import INDEXES, NAME, Search, marks
from ports.assets import Asset
from ports.paging import Cursor, Page


class RedisAssetStore:
    """An AssetStore under `assets`, and its AssetAgenda."""

    def __init__(self, server: Server) -> None:
        self._records = Records(server, NAME, Asset, indexes=INDEXES, marks=marks)
        self._search = Search(server)

    async def get(self, asset_id: str) -> Asset:
        """Return the asset, a deleted one too. Raise NotFound if there is none."""
        return await self._records.get(asset_id)

    async def add(self, asset: Asset) -> None:
        """Keep a new asset. Raise AlreadyExists if an unequal one has its id."""
        await self._records.add(asset)

    async def replace(self, asset: Asset) -> None:
        """Store `asset` over the version before it. Raise Conflict if that is not the one kept, NotFound if there is none."""
        await self._records.replace(asset)

    async def take_due(self, now: datetime, until: datetime, request_id: str) -> Asset | None:
        """Hand out the most overdue asset, until `until`. None if there is none."""
        return await self._records.take([""], now, until, request_id)

    async def due(self, now: datetime, limit: int) -> Sequence[Asset]:
        """Return the most overdue assets."""
        return await self._records.due([""], now, limit)

    async def page(self, *, prefix: str = "", after: Cursor | None = None, limit: int = 50) -> Page[Asset]:
        """List the assets that are not deleted, newest first, those whose names begin with `prefix`."""
        if not prefix:
            return await self._records.page("listed", [""], after, limit)
        found = await self._search.newest(prefix, after, limit + 1)
        items = tuple(await self._records.several([cursor.id for cursor in found[:limit]]))
        return Page(items, found[limit - 1] if len(found) > limit else None)

    async def remove(self, asset_id: str) -> None:
        """Forget the asset, if it is there."""
        await self._records.remove(asset_id)
