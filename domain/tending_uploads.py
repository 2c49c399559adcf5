"""Tending due uploads: one that was never completed is swept, one that was is settled, and forgotten a day later."""

from datetime import datetime

from msgspec.structs import replace

from domain.completing import settle_upload
from domain.deeds import Deed, duty_of_upload
from domain.house import House
from domain.uploading import drop_parts, sweep_abandoned
from ports.errors import Conflict, NotFound
from ports.uploads import Upload, UploadState


async def tend_upload(upload: Upload, house: House, now: datetime) -> Deed | None:
    """Do what is due for an upload that was taken. Return what was done, None if nothing was: somebody was faster."""
    duty = duty_of_upload(upload)
    match duty:
        case Deed.COMPLETED:
            await settle_upload(upload, house, now)
        case Deed.FORGOTTEN:
            await _forget(upload, house)
        case _:
            return await _abandon(upload, house, now)
    return duty


async def _abandon(upload: Upload, house: House, now: datetime) -> Deed | None:
    marked = replace(upload, version=upload.version + 1, state=UploadState.ABANDONED)
    try:
        await house.uploads.replace(marked)
    except (Conflict, NotFound):
        return None  # it is being completed, or was given up
    await sweep_abandoned(marked, house, now)
    return Deed.ABANDONED


async def _forget(upload: Upload, house: House) -> None:
    """Forget the upload. If its asset is gone, whoever had a link may have sent the bytes once more: they go too."""
    await drop_parts(upload, house)
    try:
        await house.assets.get(upload.id)
    except NotFound:
        await house.storage.remove(upload.key)
    await house.uploads.remove(upload.id)
