"""Assets in SQLite."""

from collections.abc import Sequence
from datetime import datetime

from adapters.sqlite.database import Database
from adapters.sqlite.records import Columns, Condition, Records
from adapters.sqlite.search import named
from ports.assets import Asset, folded
from ports.paging import Cursor, Page

_ANY = Condition("TRUE", ())
_NOT_DELETED = Condition("deleted = 0", ())


class SqliteAssetStore:
    """An AssetStore in the table `assets`, and its AssetAgenda."""

    def __init__(self, database: Database) -> None:
        self._records = Records(database, "assets", Asset, _columns)

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
        return await self._records.take([_ANY], now, until, request_id)

    async def due(self, now: datetime, limit: int) -> Sequence[Asset]:
        """Return the most overdue assets."""
        return await self._records.due([_ANY], now, limit)

    async def page(self, *, prefix: str = "", after: Cursor | None = None, limit: int = 50) -> Page[Asset]:
        """List the assets that are not deleted, newest first, those whose names begin with `prefix`."""
        if prefix:
            return await self._records.listed(named(prefix, after, limit + 1), limit)
        return await self._records.page([_NOT_DELETED], after, limit)

    async def remove(self, asset_id: str) -> None:
        """Forget the asset, if it is there."""
        await self._records.remove(asset_id)


def _columns(asset: Asset) -> Columns:
    return {"deleted": int(asset.deleted is not None), "folded": folded(asset.name)}
