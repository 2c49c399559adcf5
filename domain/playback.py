"""A listener is sent to the right bytes."""

from collections.abc import AsyncIterator, Generator
from contextlib import contextmanager

from domain.errors import PeaksNotFound, VariantNotFound
from domain.variants import rendition_of
from ports.assets import Asset, AssetStore, Rendition, Variant
from ports.errors import NotFound
from ports.jobs import LIVE, Job, JobKind, JobStatus, JobStore
from ports.storage import Storage, StoredObject


async def find_rendition(asset_id: str, variant: Variant, assets: AssetStore, jobs: JobStore) -> tuple[Asset, Rendition]:
    """Return the asset and what is stored for its variant, from the moment on in which its job is complete.

    Raise VariantNotFound if there is nothing, with the live job that will make it where there is one.
    """
    try:
        asset = await assets.get(asset_id)
    except NotFound:
        raise VariantNotFound(variant) from None
    try:
        return asset, rendition_of(asset, variant)
    except VariantNotFound:
        job = await _maker(asset, variant, jobs)
    if job is not None and job.prepared is not None:
        return asset, job.prepared
    raise VariantNotFound(variant, job)


@contextmanager
def shown_as(variant: Variant) -> Generator[None, None, None]:
    """Take a rendition whose object is gone for a variant that is not there. Raise VariantNotFound."""
    try:
        yield
    except NotFound:
        raise VariantNotFound(variant) from None


async def find_peaks(
    asset_id: str, variant: Variant, assets: AssetStore, jobs: JobStore, storage: Storage
) -> tuple[StoredObject, AsyncIterator[bytes]]:
    """Return the waveform peaks of a variant, as stored. Raise PeaksNotFound if there are none."""
    try:
        _, rendition = await find_rendition(asset_id, variant, assets, jobs)
        if rendition.peaks is not None:
            return await storage.stat(rendition.peaks), storage.read(rendition.peaks)
    except (NotFound, VariantNotFound):
        pass
    raise PeaksNotFound(variant)


async def _maker(asset: Asset, variant: Variant, jobs: JobStore) -> Job | None:
    """Return the job that made the variant, which the asset shows in a moment; else the newest live one that will make it.

    The live ones are asked for first: one that completes meanwhile is then among the complete.
    """
    if variant is not Variant.PREPARED or asset.deleted is not None:
        return None
    kinds = {JobKind.PREPARE}
    live = await jobs.page(statuses=LIVE, kinds=kinds, asset_id=asset.id, limit=1)
    complete = await jobs.page(statuses={JobStatus.COMPLETE}, kinds=kinds, asset_id=asset.id, limit=1)
    return next(iter(complete.items + live.items), None)
