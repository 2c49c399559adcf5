"""Audio that lies in storage already becomes assets: registered where it lies, and told by its bytes."""

import re
from collections.abc import Mapping
from enum import StrEnum
from pathlib import PurePosixPath

from msgspec import Struct
from msgspec.structs import replace

from domain.deciding import decide_again
from domain.laid import Laid
from domain.layout import peaks_key, ticketed_job
from domain.names import ASSET_ID, clean_name
from domain.outputs import peaks_at, sniff_object
from ports.assets import Asset, AssetStore, Rendition, Variant
from ports.errors import AlreadyExists, Conflict, InvalidKey, NotFound
from ports.jobs import LIVE, JobKind, JobStore
from ports.storage import ListedObject, Storage
from ports.uploads import UploadStore

_PEAKS = ".peaks.json"
_OWN_TOKEN = re.compile(r"[0-9a-f]{8}")


class Fate(StrEnum):
    """What became of what lies under an id."""

    ADOPTED = "adopted"
    EXTENDED = "extended"
    KNOWN = "known"
    DELETED = "deleted"
    UPLOADING = "uploading"
    NO_AUDIO = "no audio"
    NO_ID = "no id"


class Adoption(Struct, frozen=True):
    """What became of an asset's objects, and those that it shows because of it."""

    asset: str
    fate: Fate
    renditions: dict[Variant, Rendition] = {}


async def adopt(
    laid: Laid, *, assets: AssetStore, jobs: JobStore, uploads: UploadStore, storage: Storage, really: bool = True
) -> Adoption:
    """Make an asset of what lies there, or give the one that has this id a variant that it lacks; of several, the newest audio.

    What an asset shows already stays as it is, and a deleted asset stays deleted. What somebody else answers for is left to
    them: the bytes of an upload, and what jobs that are known have made, or will make. Unless `really`, nothing is changed.
    """

    async def decide() -> Adoption:
        asset = await _kept(laid.asset_id, assets)
        if asset is not None and asset.deleted is not None:
            return Adoption(laid.asset_id, Fate.DELETED)
        if asset is None and await _is_uploading(laid.asset_id, uploads):
            return Adoption(laid.asset_id, Fate.UPLOADING)
        found = await _lacking(laid, asset, jobs, storage)
        if not found:
            return Adoption(laid.asset_id, Fate.NO_AUDIO if asset is None else Fate.KNOWN)
        if really:
            await _keep(laid, asset, found, assets)
        return Adoption(laid.asset_id, Fate.ADOPTED if asset is None else Fate.EXTENDED, found)

    if not ASSET_ID.fullmatch(laid.asset_id):
        return Adoption(laid.asset_id, Fate.NO_ID)
    return await decide_again(decide, "The asset store")


async def _kept(asset_id: str, assets: AssetStore) -> Asset | None:
    try:
        return await assets.get(asset_id)
    except NotFound:
        return None


async def _is_uploading(asset_id: str, uploads: UploadStore) -> bool:
    """Say whether an upload has this id. One that has ended left an asset, or an asset that was deleted since, or nothing."""
    try:
        await uploads.get(asset_id)
    except NotFound:
        return False
    return True


async def _lacking(laid: Laid, asset: Asset | None, jobs: JobStore, storage: Storage) -> dict[Variant, Rendition]:
    found = dict[Variant, Rendition]()
    for variant in Variant:
        candidates = [] if asset and variant in asset.renditions else await _candidates(laid, variant, asset, jobs)
        rendition = await _newest_audio(candidates, laid, storage)
        if rendition is not None:
            found[variant] = rendition
    return found


async def _candidates(laid: Laid, variant: Variant, asset: Asset | None, jobs: JobStore) -> list[ListedObject]:
    """Return what may be the variant, newest first. What has retired is to go, and what a live job will show is its own."""
    retired = {item.key for item in asset.retired} if asset else set[str]()
    named = [item for item in laid.objects if _name(item).startswith(variant) and not item.key.endswith(_PEAKS)]
    free = [item for item in named if item.key not in retired and not await _is_made_here(item, jobs)]
    if free and asset and variant is Variant.PREPARED and await _is_being_made(asset, jobs):
        return []
    return sorted(free, key=lambda item: item.modified, reverse=True)


async def _is_made_here(item: ListedObject, jobs: JobStore) -> bool:
    """Say whether a job made it that is known: it has judged it already, or will. Of another store's jobs nothing is known."""
    job_id = ticketed_job(item.key)
    try:
        return job_id is not None and bool(await jobs.get(job_id))
    except NotFound:
        return False


async def _is_being_made(asset: Asset, jobs: JobStore) -> bool:
    page = await jobs.page(statuses=LIVE, kinds={JobKind.PREPARE}, asset_id=asset.id, limit=1)
    return bool(page.items)


async def _newest_audio(candidates: list[ListedObject], laid: Laid, storage: Storage) -> Rendition | None:
    for item in candidates:
        try:
            sniffed = await sniff_object(item.key, storage)
        except (InvalidKey, NotFound):
            continue  # no name of ours, or gone since it was listed
        if sniffed is not None:
            return Rendition(
                key=item.key,
                content_type=sniffed.content_type,
                size=item.size,
                etag=item.etag,
                duration=sniffed.duration,
                peaks=await _peaks_of(item, laid, storage),
            )
    return None


async def _peaks_of(item: ListedObject, laid: Laid, storage: Storage) -> str | None:
    key = peaks_key(item.key)
    return await peaks_at(key, storage) if any(other.key == key for other in laid.objects) else None


async def _keep(laid: Laid, asset: Asset | None, found: Mapping[Variant, Rendition], assets: AssetStore) -> None:
    if asset is not None:
        renditions = {**asset.renditions, **found}
        return await assets.replace(replace(asset, renditions=renditions, version=asset.version + 1))
    try:
        return await assets.add(_asset_of(laid, found))
    except AlreadyExists:  # somebody was faster
        raise Conflict(laid.asset_id) from None


def _asset_of(laid: Laid, found: Mapping[Variant, Rendition]) -> Asset:
    """Return the new asset: as old as its first variant's object, and made the same each time."""
    shown = found.get(Variant.ORIGINAL) or found[Variant.PREPARED]
    object_ = next(item for item in laid.objects if item.key == shown.key)
    return Asset(id=laid.asset_id, name=_name_of(laid.asset_id, found), created=object_.modified, renditions=dict(found))


def _name_of(asset_id: str, found: Mapping[Variant, Rendition]) -> str:
    """Return what stands behind `original` in the file's name; the id where that is nothing, or a token of our own."""
    original = found.get(Variant.ORIGINAL)
    file = PurePosixPath(original.key.rpartition("/")[2]) if original else PurePosixPath()
    told = file.stem.removeprefix(Variant.ORIGINAL).lstrip("-_. ")
    return clean_name(f"{told}{file.suffix}" if told and not _OWN_TOKEN.fullmatch(told) else asset_id)


def _name(item: ListedObject) -> str:
    return item.key.rpartition("/")[2]
