"""An upload becomes an asset: judged by its first bytes, stored whole or not at all."""

import hashlib
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import suppress
from datetime import datetime
from typing import Protocol
from uuid import UUID

from msgspec.structs import replace

from domain.errors import AssetNotFound
from domain.judging import judged
from domain.layout import original_key
from domain.names import clean_name
from domain.policy import ARRIVES_WITHIN, Policy
from domain.sniffing import HEAD, Sniffed
from ports.assets import Asset, AssetStore, Rendition, Retired, Variant
from ports.errors import Conflict, NotFound
from ports.storage import Storage, StoredObject


class Digest(Protocol):
    """A hash that is fed piece by piece."""

    def update(self, data: bytes, /) -> None:
        """Take in more bytes."""
        ...


async def take_in(
    body: AsyncIterable[bytes],
    name: str,
    *,
    ref: str | None = None,
    new_id: UUID,
    assets: AssetStore,
    storage: Storage,
    policy: Policy,
    now: datetime,
) -> Asset:
    """Store an upload and return its asset. The first 64 KiB decide whether it is audio at all.

    A record that is marked as deleted stands before the first byte is stored, so that a crash leaves nothing that is not swept.
    Raise NotAudio if the upload is empty or no audio, OutsideLimits if its header is outside the limits, AssetNotFound if it
    took longer than a day; errors of `body` go through. Then nothing stays.
    """
    chunks = aiter(body)
    head = await _head(chunks)
    sniffed = judged(head, policy.limits)
    arriving = replace(_arriving(new_id, clean_name(name), sniffed, now), ref=ref)
    await assets.add(arriving)
    digest = hashlib.sha256()
    stored = await _stored(arriving, _digested(head, chunks, digest), sniffed, assets, storage)
    asset = _arrived(arriving, stored, sniffed, digest.hexdigest())
    try:
        await assets.replace(asset)
    except (Conflict, NotFound):
        if not await _is_shown(asset.id, assets):  # it took so long that its record was swept
            await storage.remove(stored.key)
            raise AssetNotFound from None
    return asset


async def _is_shown(asset_id: str, assets: AssetStore) -> bool:
    """Say whether its record shows its bytes: it was kept, its answer was lost, and somebody has changed it since."""
    try:
        return Variant.ORIGINAL in (await assets.get(asset_id)).renditions
    except NotFound:
        return False


async def _stored(
    arriving: Asset, body: AsyncIterator[bytes], sniffed: Sniffed, assets: AssetStore, storage: Storage
) -> StoredObject:
    key = arriving.retired[0].key
    try:
        return await storage.put(key, body, sniffed.content_type)
    except BaseException:
        with suppress(BaseException):  # what went wrong first counts, and what stays now is swept with its record
            await storage.remove(key)
            await assets.remove(arriving.id)
        raise


async def _head(chunks: AsyncIterator[bytes]) -> bytes:
    head = bytearray()
    while len(head) < HEAD and (chunk := await anext(chunks, None)) is not None:
        head += chunk
    return bytes(head)


def _arriving(asset_id: UUID, name: str, sniffed: Sniffed, now: datetime) -> Asset:
    """Return the record of an upload under way: nobody sees it, and its object goes with it if it never arrives."""
    key = original_key(str(asset_id), asset_id.hex[:8], sniffed.extension)
    until = now + ARRIVES_WITHIN
    return Asset(id=str(asset_id), name=name, created=now, deleted=now, due=until, retired=(Retired(key, until),))


async def _digested(head: bytes, rest: AsyncIterator[bytes], digest: Digest) -> AsyncIterator[bytes]:
    digest.update(head)
    yield head
    async for chunk in rest:
        digest.update(chunk)
        yield chunk


def _arrived(arriving: Asset, stored: StoredObject, sniffed: Sniffed, sha256: str) -> Asset:
    original = Rendition(
        key=stored.key,
        content_type=sniffed.content_type,
        size=stored.size,
        etag=stored.etag,
        duration=sniffed.duration,
        sha256=sha256,
    )
    return replace(
        arriving, version=arriving.version + 1, renditions={Variant.ORIGINAL: original}, deleted=None, due=None, retired=()
    )
