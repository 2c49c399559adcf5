"""A direct upload becomes an asset: verified, decided once, and then shown, whatever crashed in between."""

from contextlib import suppress
from datetime import datetime
from uuid import UUID, uuid5

from msgspec.structs import replace

from domain.deciding import decide_again
from domain.errors import AssetNotFound
from domain.house import House
from domain.library import find_asset
from domain.ordering import Order, order_job
from domain.policy import HELD_FOR, REMEMBERED, TAKEN_FOR
from domain.uploading import find_upload, quiet_from
from domain.verifying import verified
from ports.assets import Asset, Rendition, Variant
from ports.errors import AlreadyExists, NotFound
from ports.jobs import Job
from ports.uploads import Upload, UploadState


async def complete_upload(upload_id: str, *, house: House, now: datetime) -> tuple[Asset, Job | None]:
    """Return the asset of an upload whose bytes are all there, and the job that prepares it. Again, it returns the same.

    Raise UploadNotFound; UploadIncomplete; NotAsAnnounced, NotAudio or OutsideLimits if what arrived is refused, which it is each
    time; AssetNotFound if the asset was deleted since.
    """
    upload = await _held(upload_id, house, now)
    if upload.state is UploadState.OPEN:
        upload = await _decided(upload_id, await verified(upload, house), house, now)
    if not upload.settled:
        await settle_upload(upload, house, now)
    return await find_asset(upload.id, house.assets), await _job_of(upload, house)


async def settle_upload(upload: Upload, house: House, now: datetime) -> None:
    """Let there be the asset of a complete upload, and its job, then mark the upload as settled. Doing it again changes nothing.

    Bytes that are gone say that the asset was there and was deleted: it is not made again.
    """
    with suppress(NotFound):
        await house.storage.stat(upload.key)
        await _show(upload, house)
        await _order(upload, house)

    async def mark() -> None:
        current = await find_upload(upload.id, house.uploads)
        if not current.settled:
            due = max(now + REMEMBERED, quiet_from(current))
            await house.uploads.replace(replace(current, version=current.version + 1, settled=True, due=due))

    await decide_again(mark, "The upload store")


def job_id_of(upload: Upload) -> UUID:
    """Return the id of the job that prepares an upload."""
    return uuid5(UUID(upload.id), "prepare")


async def _held(upload_id: str, house: House, now: datetime) -> Upload:
    """Return the upload, which no housekeeper touches for the time that it takes to complete it."""

    async def hold() -> Upload:
        upload = await find_upload(upload_id, house.uploads)
        if upload.state is not UploadState.OPEN or upload.due >= now + HELD_FOR:
            return upload
        held = replace(upload, version=upload.version + 1, due=now + HELD_FOR)
        await house.uploads.replace(held)
        return held

    return await decide_again(hold, "The upload store")


async def _decided(upload_id: str, original: Rendition, house: House, now: datetime) -> Upload:
    """Return the upload as complete. This is the decision: it can't be given up any more, and a housekeeper settles it."""

    async def decide() -> Upload:
        upload = await find_upload(upload_id, house.uploads)
        if upload.state is UploadState.COMPLETE:
            return upload
        complete = replace(
            upload,
            version=upload.version + 1,
            state=UploadState.COMPLETE,
            original=original,
            completed=now,
            due=now + TAKEN_FOR,
        )
        await house.uploads.replace(complete)
        return complete

    return await decide_again(decide, "The upload store")


async def _show(upload: Upload, house: House) -> None:
    """Let there be the asset. Raise NotFound if its bytes are gone: it was deleted while we were about to make it."""
    try:
        await house.assets.add(_asset_of(upload))
    except AlreadyExists:
        return  # and has changed since: renamed, prepared, deleted
    try:
        await house.storage.stat(upload.key)
    except NotFound:
        await house.assets.remove(upload.id)
        raise


async def _order(upload: Upload, house: House) -> None:
    if upload.recipe is None:
        return
    with suppress(AssetNotFound):
        await order_job(
            Order(recipe=upload.recipe),
            upload.id,
            new_id=job_id_of(upload),
            jobs=house.jobs,
            assets=house.assets,
            policy=house.policy,
            now=upload.completed or upload.created,
            traceparent=upload.traceparent,
        )


def _asset_of(upload: Upload) -> Asset:
    original = {} if upload.original is None else {Variant.ORIGINAL: upload.original}
    return Asset(id=upload.id, name=upload.name, created=upload.created, ref=upload.ref, renditions=original)


async def _job_of(upload: Upload, house: House) -> Job | None:
    try:
        return None if upload.recipe is None else await house.jobs.get(job_id_of(upload))
    except NotFound:
        return None  # it was a while ago, and is forgotten
