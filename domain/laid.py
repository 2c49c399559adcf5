"""What lies in storage in the layout of assets, whoever put it there."""

from collections.abc import AsyncIterator

from msgspec import Struct

from domain.layout import ASSETS
from ports.assets import Variant
from ports.storage import ListedObject, Storage


class Laid(Struct, frozen=True):
    """What lies under one asset's id, in the order of the keys."""

    asset_id: str
    objects: list[ListedObject]


async def find_laid(storage: Storage, asset_id: str | None = None) -> AsyncIterator[Laid]:
    """Yield what lies in the layout of assets, id by id, or under one id alone. Holds one id's objects at a time."""
    laid: Laid | None = None
    async for item in storage.list(ASSETS if asset_id is None else f"{ASSETS}{asset_id}/"):
        owner, _, name = item.key.removeprefix(ASSETS).partition("/")
        if not name.startswith(tuple(Variant)) or "/" in name:
            continue
        if laid is not None and laid.asset_id != owner:
            yield laid
            laid = None
        laid = laid or Laid(owner, [])
        laid.objects.append(item)
    if laid is not None:
        yield laid
