"""Assets, their renditions, and the store that keeps them."""

import unicodedata
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from msgspec import Struct, field

from ports.audio import Figures
from ports.paging import Cursor, Page


class Variant(StrEnum):
    """A name a listener may ask for."""

    ORIGINAL = "original"
    PREPARED = "prepared"


class Rendition(Struct, frozen=True, kw_only=True, rename="camel"):
    """The stored object behind a variant. Immutable: another rendition has another key.

    `size` is bytes, `duration` seconds or None where nobody has measured it, `sha256` hex or None where the bytes did not
    pass through us, `etag` the storage's own, with its quotes. `peaks` is the key of its waveform peaks. A rendition that a job
    made says which, and when that job was created: the later-created job's rendition stays. Its `figures` are those that its
    worker stated, None unless all of them are known: jobs are purged in their time, renditions are not.
    """

    key: str
    content_type: str
    size: int
    etag: str
    duration: float | None = None
    sha256: str | None = None
    peaks: str | None = None
    figures: Figures | None = None
    job_id: UUID | None = None
    job_created: datetime | None = None


class Retired(Struct, frozen=True):
    """A stored object that no variant shows any more. It goes when the longest link to it has expired."""

    key: str
    until: datetime


class Asset(Struct, frozen=True, kw_only=True, rename="camel"):
    """One piece of audio that a user owns.

    `due` is when a housekeeper should look at it next (retired objects, deleting), None when never.
    From `deleted` on it does not exist for anybody but the housekeeper.
    """

    id: str
    name: str
    created: datetime
    ref: str | None = None
    version: int = 0
    renditions: dict[Variant, Rendition] = field(default_factory=dict[Variant, Rendition])
    retired: tuple[Retired, ...] = ()
    deleted: datetime | None = None
    due: datetime | None = None


def folded(name: str) -> str:
    """Return a name as it is searched for: without differences of case, or of how its letters are composed (Unicode, NFKC)."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


class AssetStore(Protocol):
    """Keeps assets. Every change is durable when the call returns.

    Every method raises Unavailable if the store can't be reached, and every change raises OutOfSpace if its disk is full;
    then nothing was changed. Times are aware and in UTC, kept to the microsecond.
    """

    async def get(self, asset_id: str) -> Asset:
        """Return the asset, a deleted one too. Raise NotFound if there is none."""
        ...

    async def add(self, asset: Asset) -> None:
        """Keep a new asset. Adding an equal asset again succeeds; raise AlreadyExists if another has its id."""
        ...

    async def replace(self, asset: Asset) -> None:
        """Store `asset`, of version n + 1, over version n.

        Raise Conflict if the version kept is another, and NotFound if there is no such asset. Storing the version that is kept
        again, with equal content, succeeds.
        """
        ...

    async def take_due(self, now: datetime, until: datetime, request_id: str) -> Asset | None:
        """Hand out the most overdue asset: due at `now` or before. None if there is none.

        Its due time moves to `until` and its version rises by one, nothing else changes: a taker that dies leaves the asset as
        it was. No asset is handed out twice before `until`. The same `request_id` again gets the same asset again, for as long as
        nothing else has changed it; a request that found nothing leaves no trace.
        """
        ...

    async def page(self, *, prefix: str = "", after: Cursor | None = None, limit: int = 50) -> Page[Asset]:
        """List the assets that are not deleted, newest first, `limit` at most.

        Of names, only those that begin with `prefix`, both `folded`.
        """
        ...

    async def remove(self, asset_id: str) -> None:
        """Forget the asset. Forgetting one that is not there succeeds."""
        ...
