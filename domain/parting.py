"""How a direct upload is cut into parts, which of them are there, and the links by which the others are sent."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from msgspec import Struct

from domain.errors import UploadNotFound
from ports.errors import NotFound
from ports.links import Link, Links, Multipart, Part
from ports.storage import Storage
from ports.uploads import Upload, UploadState

MOST_PARTS = 1_000
"""S3 takes ten times as many; whoever lists them then has to turn pages."""

LARGEST_UPLOAD = MOST_PARTS * 5 * 2**30
"""What fits into so many of S3's largest parts."""

LINKED_AT_ONCE = 100
"""How many links an answer has at most: to sign one for S3 takes most of a millisecond."""

_MIB = 2**20


class Way(Struct, frozen=True):
    """How the bytes from `offset` on are sent."""

    part: Part
    offset: int
    link: Link


def part_size_of(size: int, usual: int) -> int | None:
    """Return the bytes of each part but the last, None where one request sends it all.

    They are the usual ones, or as many whole MiB as it takes to have no more than 1,000 parts.
    """
    if size <= usual:
        return None
    if size <= usual * MOST_PARTS:
        return usual
    least = -(-size // MOST_PARTS)
    return -(-least // _MIB) * _MIB


def planned(upload: Upload) -> list[Part]:
    """Return all parts of an upload: one where one request sends it all."""
    size = upload.part_size or upload.size
    starts = range(0, upload.size, size)
    return [Part(number, min(size, upload.size - start)) for number, start in enumerate(starts, 1)]


async def parts_there(upload: Upload, storage: Storage, multipart: Multipart) -> Sequence[Part]:
    """Return the parts that have arrived. Raise UploadNotFound if nothing is known of them any more."""
    if upload.state is UploadState.COMPLETE:
        return planned(upload)
    if upload.session is not None:
        with suppress(NotFound):  # it was joined, by one who got no further or did not like what it was
            return await multipart.parts(upload.key, upload.session)
    whole = await _whole(upload, storage)
    if upload.part_size is not None and not whole:
        raise UploadNotFound
    return whole


def missing(upload: Upload, there: Sequence[Part]) -> list[Part]:
    """Return the parts that have not arrived as they should."""
    return [part for part in planned(upload) if part not in set(there)]


def ways_to_send(upload: Upload, there: Sequence[Part], *, links: Links, multipart: Multipart, now: datetime) -> list[Way]:
    """Return how the next of the missing parts are sent, a hundred at most; none once the time for that is over."""
    if upload.expires <= now:
        return []
    size = upload.part_size or upload.size
    lacking = missing(upload, there)[:LINKED_AT_ONCE]
    return [Way(part, (part.number - 1) * size, _link(upload, part, links, multipart)) for part in lacking]


def _link(upload: Upload, part: Part, links: Links, multipart: Multipart) -> Link:
    if upload.session is None:
        return links.put(upload.key, content_type=upload.content_type, expires_at=upload.expires, length=part.size)
    return multipart.part(upload.key, upload.session, part.number, part.size, expires_at=upload.expires)


async def _whole(upload: Upload, storage: Storage) -> list[Part]:
    try:
        await storage.stat(upload.key)
    except NotFound:
        return []
    return planned(upload)
