"""An upload becomes an asset and a job."""

import hashlib
import unicodedata
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import suppress
from datetime import datetime
from typing import Protocol
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from domain.errors import AssetNotFound, NotAudio, NothingToPrepare, OutsideLimits
from domain.layout import original_key
from domain.library import find_asset
from domain.policy import ARRIVES_WITHIN, Policy
from domain.sniffing import HEAD, Sniffed, sniff
from ports.assets import Asset, AssetStore, Rendition, Retired, Variant
from ports.audio import Limits, Recipe
from ports.errors import Conflict, NotFound
from ports.jobs import Job, JobKind, JobStore
from ports.storage import Storage, StoredObject

LONGEST_NAME = 200
NAMELESS = "Untitled"


class Digest(Protocol):
    """A hash that is fed piece by piece."""

    def update(self, data: bytes, /) -> None:
        """Take in more bytes."""
        ...


class Order(Struct, frozen=True, kw_only=True):
    """A new job as it is asked for: to prepare by a recipe (the default one where none is named), or to render from params."""

    kind: JobKind = JobKind.PREPARE
    recipe: Recipe | None = None
    params: dict[str, object] | None = None


async def take_in(
    body: AsyncIterable[bytes], name: str, *, new_id: UUID, assets: AssetStore, storage: Storage, policy: Policy, now: datetime
) -> Asset:
    """Store an upload and return its asset. The first 64 KiB decide whether it is audio at all.

    A record that is marked as deleted stands before the first byte is stored, so that a crash leaves nothing that is not swept.
    Raise NotAudio if the upload is empty or no audio, OutsideLimits if its header is outside the limits, AssetNotFound if it
    took longer than a day; errors of `body` go through. Then nothing stays.
    """
    chunks = aiter(body)
    head = await _head(chunks)
    sniffed = _judged(head, policy.limits)
    key = original_key(str(new_id), new_id.hex[-8:], sniffed.extension)
    arriving = _arriving(str(new_id), clean_name(name), key, now)
    await assets.add(arriving)
    try:
        digest = hashlib.sha256()
        stored = await storage.put(key, _digested(head, chunks, digest), sniffed.content_type)
    except BaseException:
        with suppress(BaseException):  # what went wrong first counts, and what stays now is swept with its record
            await storage.remove(key)
            await assets.remove(arriving.id)
        raise
    asset = _arrived(arriving, stored, sniffed, digest.hexdigest())
    try:
        await assets.replace(asset)
    except (Conflict, NotFound):  # it took so long that its record was swept
        await storage.remove(key)
        raise AssetNotFound from None
    return asset


async def order_job(
    order: Order, asset_id: str | None, *, new_id: UUID, jobs: JobStore, assets: AssetStore, policy: Policy, now: datetime
) -> Job:
    """Queue a new job and return it. Raise AssetNotFound, or NothingToPrepare if it is to prepare what has no original."""
    asset = await find_asset(asset_id, assets) if asset_id is not None else None
    prepares = order.kind is JobKind.PREPARE
    if prepares and (asset is None or Variant.ORIGINAL not in asset.renditions):
        raise NothingToPrepare
    job = Job(
        id=new_id,
        kind=order.kind,
        created=now,
        due=now,
        asset_id=asset_id,
        recipe=(order.recipe or Recipe()) if prepares else None,
        params=order.params,
        max_attempts=policy.max_attempts,
    )
    await jobs.add(job)
    return job


def clean_name(name: str) -> str:
    """Return the name that an upload is shown by: no folders, no control characters, 200 characters at most."""
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    shown = "".join(letter for letter in unicodedata.normalize("NFC", last) if _is_shown(letter))
    return shown.strip()[:LONGEST_NAME].rstrip() or NAMELESS


def _is_shown(letter: str) -> bool:
    """Tell what has a place in a line from what steers it: controls, marks of direction, breaks of lines and paragraphs."""
    category = unicodedata.category(letter)
    return category[0] != "C" and category not in {"Zl", "Zp"}


async def _head(chunks: AsyncIterator[bytes]) -> bytes:
    head = bytearray()
    while len(head) < HEAD and (chunk := await anext(chunks, None)) is not None:
        head += chunk
    return bytes(head)


def _judged(head: bytes, limits: Limits) -> Sniffed:
    if not head:
        raise NotAudio("The upload is empty")
    sniffed = sniff(head)
    if sniffed is None:
        raise NotAudio("This is not an audio file of a kind that can be prepared")
    _refuse_outside(sniffed, limits)
    return sniffed


def _refuse_outside(sniffed: Sniffed, limits: Limits) -> None:
    rate, channels, duration = sniffed.sample_rate, sniffed.channels, sniffed.duration
    longest = limits.duration.total_seconds()
    if rate is not None and not limits.min_sample_rate <= rate <= limits.max_sample_rate:
        allowed = f"{limits.min_sample_rate} to {limits.max_sample_rate} Hz"
        raise OutsideLimits(f"The audio has a sample rate of {rate} Hz; {allowed} can be prepared")
    if channels is not None and not 1 <= channels <= limits.channels:
        raise OutsideLimits(f"The audio has {channels} channels; 1 to {limits.channels} can be prepared")
    if duration is not None and duration > longest:
        raise OutsideLimits(f"The audio is {duration / 3600:.1f} hours long; at most {longest / 3600:g} can be prepared")
    if rate and channels and duration and rate * channels * duration * 4 > limits.decoded_bytes:
        raise OutsideLimits("The audio is too large once it is decoded")


def _arriving(asset_id: str, name: str, key: str, now: datetime) -> Asset:
    until = now + ARRIVES_WITHIN
    return Asset(id=asset_id, name=name, created=now, deleted=now, due=until, retired=(Retired(key, until),))


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
