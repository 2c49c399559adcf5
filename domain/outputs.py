"""What a job owes, looked for in storage: a worker's word for it is not enough."""

from collections.abc import AsyncIterator
from contextlib import suppress

from msgspec import Struct

from domain.attempts import newest
from domain.errors import OutputsMissing
from domain.layout import CONTENT_TYPES, is_ticketed, laid_by_hand, output_keys, peaks_key
from domain.sniffing import HEAD, Sniffed, sniff
from ports.assets import Rendition
from ports.audio import Format
from ports.errors import NotFound
from ports.jobs import Job
from ports.storage import ListedObject, Storage
from ports.work import Output

LARGEST_PEAKS = 16 * 2**20


class Outputs(Struct, frozen=True, kw_only=True):
    """What a job left in storage: its prepared audio, and the key of the peaks of the original, if it made any."""

    prepared: Rendition
    original_peaks: str | None = None


async def find_outputs(job: Job, original: str | None, *, named: bool, largest: int, storage: Storage) -> Outputs:
    """Return the outputs of the job's newest attempt; `original` is the key of what it prepares, None if that is gone.

    Where the report named no attempt, prepared audio that a worker laid in the user's own place is good too, in any format.
    Raise OutputsMissing if what is owed is absent, larger than `largest` bytes, or not of the promised format.
    """
    last = newest(job)
    keys = output_keys(job, last.number if last else 1, original or "")
    try:
        audio = await _promised(job, keys[Output.PREPARED], largest, storage)
    except NotFound:
        if named:
            raise OutputsMissing("The prepared audio is not in storage", [Output.PREPARED]) from None
        audio = await _laid(job, largest, storage)
    prepared = await _with_peaks(job, audio, storage)
    original_peaks = await peaks_at(keys[Output.ORIGINAL_PEAKS], storage) if original else None
    return Outputs(prepared=prepared, original_peaks=original_peaks)


async def _promised(job: Job, key: str, largest: int, storage: Storage) -> tuple[ListedObject, Sniffed]:
    found = await storage.stat(key)
    sniffed = await _sniff(found, largest, storage)
    if sniffed is None or job.recipe is None or not _is_of(sniffed, job.recipe.format):
        raise OutputsMissing("The prepared audio is not of the promised format", [Output.PREPARED])
    return found, sniffed


async def _laid(job: Job, largest: int, storage: Storage) -> tuple[ListedObject, Sniffed]:
    """Find the newest audio that was put where a worker puts it that knows only the webhook."""
    found = [item async for item in storage.list(laid_by_hand(job.asset_id or "")) if not is_ticketed(item.key)]
    for candidate in sorted(found, key=lambda item: item.modified, reverse=True):
        with suppress(NotFound):  # gone since it was listed
            sniffed = await _sniff(candidate, largest, storage)
            if sniffed is not None:
                return candidate, sniffed
    raise OutputsMissing("The prepared audio is not in storage", [Output.PREPARED])


async def _sniff(found: ListedObject, largest: int, storage: Storage) -> Sniffed | None:
    sniffed = await sniff_object(found.key, storage)
    if sniffed is not None and found.size > largest:
        raise OutputsMissing(f"The prepared audio is larger than {largest} bytes", [Output.PREPARED])
    return sniffed


def _is_of(sniffed: Sniffed, promised: Format) -> bool:
    """Compare by type; Opus is told from other audio in Ogg by its ending."""
    right_codec = promised is not Format.OPUS or sniffed.extension == Format.OPUS
    return sniffed.content_type == CONTENT_TYPES[promised] and right_codec


async def _with_peaks(job: Job, audio: tuple[ListedObject, Sniffed], storage: Storage) -> Rendition:
    found, sniffed = audio
    return Rendition(
        key=found.key,
        content_type=sniffed.content_type,
        size=found.size,
        etag=found.etag,
        duration=sniffed.duration,
        peaks=await peaks_at(peaks_key(found.key), storage),
        job_id=job.id,
        job_created=job.created,
    )


async def sniff_object(key: str, storage: Storage) -> Sniffed | None:
    """Say what audio the object's first bytes hold, None if it is something else. Raise NotFound if there is no object."""
    return sniff(await _head(storage.read(key, 0, HEAD)))


async def peaks_at(key: str, storage: Storage) -> str | None:
    """Return the key if peaks lie there: a JSON object, as far as its first byte can tell."""
    try:
        found = await storage.stat(key)
        begin = await _head(storage.read(key, 0, 1))
    except NotFound:
        return None
    return key if begin == b"{" and found.size <= LARGEST_PEAKS else None


async def _head(chunks: AsyncIterator[bytes]) -> bytes:
    return b"".join([chunk async for chunk in chunks])
