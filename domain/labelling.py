"""A piece of audio is called otherwise: by another name, or by another word of its owner's."""

from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace

from domain.deciding import decide_again
from domain.library import find_asset
from domain.names import checked_name, checked_ref
from ports.assets import Asset, AssetStore


class Labels(Struct, frozen=True, kw_only=True):
    """What an asset is to be called. What is unset stays as it is; a `ref` of None is taken away."""

    name: str | UnsetType = UNSET
    ref: str | UnsetType | None = UNSET


async def label_asset(asset_id: str, labels: Labels, *, assets: AssetStore) -> Asset:
    """Return the asset, called as the labels say. Raise AssetNotFound, or MalformedId for a name or `ref` that can't be one."""

    async def decide() -> Asset:
        asset = await find_asset(asset_id, assets)
        labelled = _labelled(asset, labels)
        if labelled == asset:
            return asset
        changed = replace(labelled, version=asset.version + 1)
        await assets.replace(changed)
        return changed

    return await decide_again(decide, "The asset store")


def _labelled(asset: Asset, labels: Labels) -> Asset:
    name = asset.name if labels.name is UNSET else checked_name(labels.name)
    ref = asset.ref if labels.ref is UNSET else _ref(labels.ref)
    return replace(asset, name=name, ref=ref)


def _ref(ref: str | None) -> str | None:
    return None if ref is None else checked_ref(ref)
