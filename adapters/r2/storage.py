"""Objects in a bucket of R2, or of any other S3 server."""

from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator
from contextlib import aclosing, suppress
from datetime import datetime, timedelta
from functools import partial

from adapters.r2 import incoming, putting, sessions
from adapters.r2.bucket import Bucket
from adapters.r2.client import READERS, WRITERS
from adapters.r2.faults import STORAGE
from adapters.r2.listing import begins_keys, page_of
from adapters.r2.pieces import Piece, pieces
from adapters.r2.reading import Reading
from adapters.r2.sessions import Arrived
from adapters.r2.threads import Threads
from ports.errors import NotFound, Unavailable
from ports.storage import ListedObject, StoredObject

SMALLEST_PIECE = 5 * 2**20
MOST_PIECES = 10_000
ABANDONED_AFTER = timedelta(days=8)
"""The longest link is good for seven days: what is older was left by somebody who will not come back to it."""


class R2Storage:
    """Keeps objects in a bucket: a key is the name, behind the bucket's prefix.

    Bodies go there in pieces of `piece` bytes, of which one is in memory: 5 MiB at least, and as many as 10,000 make the largest
    object. Servers list in the order of the keys; one that goes folder by folder (SeaweedFS) is put right within a page of 1,000.
    """

    name = STORAGE

    def __init__(self, bucket: Bucket, piece: int = SMALLEST_PIECE) -> None:
        self._bucket = bucket
        self._piece = piece
        self._readers = Threads("storage-reader", READERS)
        self._writers = Threads("storage-writer", WRITERS)

    async def put(self, key: str, body: AsyncIterable[bytes], content_type: str) -> StoredObject:
        """Send the bytes of `body`: what fits in a piece in one request, else in a session of parts that is joined at the end."""
        self._bucket.at(key)
        async with aclosing(pieces(body, self._piece)) as coming:
            first = await anext(coming)
            if first.last:
                return await self._writers.run(key, lambda: putting.put(self._bucket, key, first.body, content_type))
            return await self._put_in_parts(key, first, coming, content_type)

    async def stat(self, key: str) -> StoredObject:
        """Say what is known of the object. Raise NotFound if there is none."""
        self._bucket.at(key)
        return await self._readers.run(key, lambda: incoming.settled(self._bucket, key))

    async def read(self, key: str, start: int = 0, length: int | None = None) -> AsyncGenerator[bytes, None]:
        """Yield `length` bytes from `start`, or all that follow. Raise NotFound if there is no such object."""
        reading = Reading(self._bucket, key, start, length)
        try:
            while chunk := await self._readers.run(key, reading.step):
                yield chunk
        finally:
            reading.close()

    async def remove(self, key: str) -> None:
        """Remove the object."""
        place = self._bucket.at(key)
        await self._writers.run(key, lambda: incoming.forget(self._bucket, key))
        await self._writers.run(key, lambda: self._bucket.client.delete_object(**place))

    async def list(self, prefix: str) -> AsyncIterator[ListedObject]:
        """Yield the objects whose keys start with `prefix`."""
        token, more = None, begins_keys(prefix)
        while more:
            page = await self._readers.run(prefix, partial(page_of, self._bucket, prefix, token))
            for listed in page.objects:
                yield listed
            token, more = page.next, page.next is not None

    async def sweep(self, now: datetime, *, remove: bool = True) -> int:
        """Remove what was begun eight days ago and never finished, and return how many things it were. Safe at any time.

        Without `remove` they are only counted.
        """
        before = now - ABANDONED_AFTER
        left = await self._writers.run("", lambda: sessions.drop_older(self._bucket, before, remove=remove))
        return left + await self._writers.run("", lambda: incoming.forget_older(self._bucket, before, remove=remove))

    async def check(self) -> None:
        """Ask for the bucket. Raise Unavailable if it is not there, or not for us."""
        try:
            await self._readers.run("", lambda: self._bucket.client.head_bucket(Bucket=self._bucket.name))
        except NotFound as error:
            raise Unavailable(STORAGE) from error

    async def close(self) -> None:
        """Finish what was begun, and let go of the threads."""
        await self._writers.close()
        await self._readers.close()

    async def _put_in_parts(self, key: str, first: Piece, coming: AsyncIterator[Piece], content_type: str) -> StoredObject:
        begin, drop = partial(sessions.begin, self._bucket, key, content_type), partial(sessions.drop, self._bucket, key)
        session = await self._writers.run(key, begin, undo=drop)
        try:
            sent = [await self._send(key, session, 1, first)]
            async for piece in coming:
                sent.append(await self._send(key, session, len(sent) + 1, piece))
            return await self._writers.run(key, lambda: sessions.join(self._bucket, key, session, sent))
        except BaseException:
            with suppress(Unavailable):  # then a sweep drops it: what the sender has to say is not hidden by that
                await self._writers.run(key, lambda: drop(session))
            raise

    async def _send(self, key: str, session: str, number: int, piece: Piece) -> Arrived:
        return await self._writers.run(key, lambda: sessions.send(self._bucket, key, session, number, piece.body))
