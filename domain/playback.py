"""A listener is sent to the right bytes."""

from collections.abc import AsyncIterator

from domain.errors import PeaksNotFound, VariantNotFound
from domain.variants import rendition_of
from ports.assets import Asset, AssetStore, Rendition, Variant
from ports.errors import NotFound
from ports.jobs import LIVE, Job, JobKind, JobStore
from ports.storage import Storage, StoredObject


async def find_rendition(asset_id: str, variant: Variant, assets: AssetStore, jobs: JobStore) -> tuple[Asset, Rendition]:
    """Return the asset and what is stored for its variant.

    Raise VariantNotFound if there is nothing, with the live job that will make it where there is one.
    """
    try:
        asset = await assets.get(asset_id)
        return asset, rendition_of(asset, variant)
    except (NotFound, VariantNotFound):
        raise VariantNotFound(variant, await _maker(asset_id, variant, jobs)) from None


async def find_peaks(
    asset_id: str, variant: Variant, assets: AssetStore, storage: Storage
) -> tuple[StoredObject, AsyncIterator[bytes]]:
    """Return the waveform peaks of a variant, as stored. Raise PeaksNotFound if there are none."""
    try:
        key = rendition_of(await assets.get(asset_id), variant).peaks
        if key is not None:
            return await storage.stat(key), storage.read(key)
    except (NotFound, VariantNotFound):
        pass
    raise PeaksNotFound(variant)


async def _maker(asset_id: str, variant: Variant, jobs: JobStore) -> Job | None:
    """Return the newest live job that prepares the asset, if the variant is one that jobs make."""
    if variant is not Variant.PREPARED:
        return None
    page = await jobs.page(statuses=LIVE, asset_id=asset_id)
    return next((job for job in page.items if job.kind is JobKind.PREPARE), None)
