"""Direct uploads: bytes that go from a client straight to storage, and the store that remembers them meanwhile."""

from datetime import datetime
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from ports.assets import Rendition
from ports.audio import Recipe


class UploadState(StrEnum):
    """How far an upload has come: `complete` once its bytes were verified. The housekeeper alone knows an abandoned one."""

    OPEN = "open"
    COMPLETE = "complete"
    ABANDONED = "abandoned"


class Upload(Struct, frozen=True, kw_only=True, rename="camel"):
    """What a client has announced to send straight to storage: `size` bytes, to become the object `key`.

    Its id becomes that of the asset. `part_size` is the bytes of each part but the last, None where one request sends it all;
    then `session` is None too, else it is the storage's own name of the parts under way. `content_type` is what the bytes are
    stored as, whatever they turn out to be. `sha256` is hex, None where the client did not say. Links to send are good until
    `expires`. `recipe` is that of the job that follows, None where none does. `original` is what was verified, `completed` when;
    `settled` says that the asset and its job are there. `due` is when a housekeeper should look at it next.
    """

    id: str
    name: str
    key: str
    content_type: str
    size: int
    created: datetime
    expires: datetime
    due: datetime
    version: int = 0
    state: UploadState = UploadState.OPEN
    ref: str | None = None
    sha256: str | None = None
    part_size: int | None = None
    session: str | None = None
    recipe: Recipe | None = None
    original: Rendition | None = None
    completed: datetime | None = None
    settled: bool = False
    traceparent: str | None = None


class UploadStore(Protocol):
    """Keeps uploads. Every change is durable when the call returns.

    Every method raises Unavailable if the store can't be reached, and every change raises OutOfSpace if its disk is full;
    then nothing was changed. Times are aware and in UTC, kept to the microsecond.
    """

    async def get(self, upload_id: str) -> Upload:
        """Return the upload, an abandoned one too. Raise NotFound if there is none."""
        ...

    async def add(self, upload: Upload) -> None:
        """Keep a new upload. Adding an equal upload again succeeds; raise AlreadyExists if another has its id."""
        ...

    async def replace(self, upload: Upload) -> None:
        """Store `upload`, of version n + 1, over version n.

        Raise Conflict if the version kept is another, and NotFound if there is no such upload. Storing the version that is kept
        again, with equal content, succeeds.
        """
        ...

    async def take_due(self, now: datetime, until: datetime, request_id: str) -> Upload | None:
        """Hand out the most overdue upload: due at `now` or before. None if there is none.

        Its due time moves to `until` and its version rises by one, nothing else changes: a taker that dies leaves the upload as
        it was. No upload is handed out twice before `until`. The same `request_id` again gets the same upload again, for as long
        as nothing else has changed it; a request that found nothing leaves no trace.
        """
        ...

    async def remove(self, upload_id: str) -> None:
        """Forget the upload. Forgetting one that is not there succeeds."""
        ...
