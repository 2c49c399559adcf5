"""What was sent straight to storage is joined, and believed once it is what was announced, and audio."""

import hashlib
from collections.abc import AsyncIterator

from domain.errors import NotAsAnnounced, UploadIncomplete, UploadNotFound
from domain.house import House
from domain.judging import judged
from domain.parting import missing, parts_there, planned
from domain.sniffing import HEAD
from ports.assets import Rendition
from ports.errors import Altered, NotFound
from ports.storage import StoredObject
from ports.uploads import Upload


async def verified(upload: Upload, house: House) -> Rendition:
    """Return what arrived, as what it is. The head is judged before all the rest is read.

    Raise UploadIncomplete, UploadNotFound if it was given up meanwhile; NotAsAnnounced, NotAudio or OutsideLimits.
    """
    try:
        return await _described(upload, await _joined(upload, house), house)
    except NotFound:
        raise UploadNotFound from None


async def _described(upload: Upload, stored: StoredObject, house: House) -> Rendition:
    if stored.size != upload.size:
        raise NotAsAnnounced(f"The upload has {stored.size} bytes; {upload.size} were announced")
    head = b"".join([chunk async for chunk in house.storage.read(upload.key, 0, HEAD)])
    sniffed = judged(head, house.policy.limits)
    if upload.sha256 is not None and await _sha256(house.storage.read(upload.key)) != upload.sha256:
        raise NotAsAnnounced("The upload does not have the SHA-256 that was announced")
    return Rendition(
        key=upload.key,
        content_type=sniffed.content_type,
        size=stored.size,
        etag=stored.etag,
        duration=sniffed.duration,
        sha256=upload.sha256,
    )


async def _joined(upload: Upload, house: House) -> StoredObject:
    """Return the object that the parts become. Nobody can change it by a link any more. Raise UploadIncomplete and NotFound."""
    lacking = missing(upload, await parts_there(upload, house.storage, house.multipart))
    if lacking:
        raise UploadIncomplete([part.number for part in lacking])
    try:
        if upload.session is None:
            return await house.storage.stat(upload.key)
        return await house.multipart.finish(upload.key, upload.session, planned(upload))
    except Altered:
        raise UploadIncomplete([]) from None


async def _sha256(chunks: AsyncIterator[bytes]) -> str:
    digest = hashlib.sha256()
    async for chunk in chunks:
        digest.update(chunk)
    return digest.hexdigest()
