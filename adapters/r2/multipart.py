"""Objects that others send to a bucket in parts, by links."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from botocore.exceptions import ClientError

from adapters.r2 import sessions
from adapters.r2.bucket import Bucket
from adapters.r2.faults import code_of
from adapters.r2.links import R2Links
from adapters.r2.threads import Threads
from ports.errors import AlreadyExists, Altered, NotFound
from ports.links import Link, Part
from ports.storage import StoredObject, checked_key

THREADS = 8
_ALTERED = {"InvalidPart", "InvalidPartOrder", "EntityTooSmall"}


class R2Multipart:
    """Takes parts as S3 does: at least 5 MiB each but the last, and R2 wants these of one size; 10,000 at most."""

    def __init__(self, bucket: Bucket, links: R2Links) -> None:
        self._bucket = bucket
        self._links = links
        self._threads = Threads("storage-parts", THREADS)

    async def begin(self, key: str, content_type: str, part_size: int) -> str:  # noqa: ARG002 - S3 learns it from the parts
        """Open a session to send the object in parts, and return its name."""
        checked_key(key)
        return await self._threads.run(key, lambda: sessions.begin(self._bucket, key, content_type))

    def part(self, key: str, session: str, number: int, length: int, *, expires_at: datetime) -> Link:
        """Make a link to send one part of exactly `length` bytes."""
        promised = {"UploadId": sessions.upload_of(session), "PartNumber": number, "ContentLength": length}
        return self._links.signed("upload_part", self._bucket.at(key), promised, {}, expires_at)

    async def parts(self, key: str, session: str) -> Sequence[Part]:
        """Return the parts that are there, by their numbers. Raise NotFound if there is no such session (any more)."""
        checked_key(key)
        return [one.part for one in await self._threads.run(session, lambda: sessions.arrived(self._bucket, key, session))]

    async def finish(self, key: str, session: str, parts: Sequence[Part]) -> StoredObject:
        """Join the parts. Finishing again returns what came of it the first time."""
        checked_key(key)
        return await self._threads.run(key, lambda: self._finish(key, session, parts))

    async def abort(self, key: str, session: str | None) -> None:
        """Drop the parts and end the session; None stands for every session that was begun for the key."""
        checked_key(key)
        with suppress(NotFound):
            await self._threads.run(key, lambda: self._abort(key, session))

    async def close(self) -> None:
        """Finish what was begun, and let go of the threads."""
        await self._threads.close()

    def _abort(self, key: str, session: str | None) -> None:
        if session is None:
            sessions.drop_all(self._bucket, key)
        else:
            sessions.drop(self._bucket, key, session)

    def _finish(self, key: str, session: str, parts: Sequence[Part]) -> StoredObject:
        try:
            there = sessions.arrived(self._bucket, key, session)
        except NotFound as gone:
            return self._finished(key, session, gone)
        if not parts or [one.part for one in there] != list(parts):
            raise Altered(key)
        try:
            return sessions.join(self._bucket, key, session, there)
        except ClientError as error:
            if code_of(error) in _ALTERED:
                raise Altered(key) from error
            raise

    def _finished(self, key: str, session: str, gone: NotFound) -> StoredObject:
        try:
            return sessions.outcome(self._bucket, key, session)
        except (AlreadyExists, NotFound):
            raise gone from None
