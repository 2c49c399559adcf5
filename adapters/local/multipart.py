"""Objects of a folder, sent in parts."""

import asyncio
from collections.abc import AsyncIterable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from adapters.local import joining, sending, sessions
from adapters.local.links import LocalLinks
from adapters.local.sending import Hand
from adapters.local.threads import Threads
from ports.errors import Altered, NotFound, Unavailable
from ports.links import Link, Part, PartOf
from ports.storage import StoredObject, checked_key

WRITERS = 8
"""Threads that write parts."""

PATIENCE = 10.0
"""Seconds for which a part waits for one who is sending it too."""

_BATCH = 1024 * 1024
_LOOK_EVERY = 0.05


class LocalMultipart:
    """A Multipart below the folder `root`, and the PartWriter behind its links.

    A connection may break unseen: whoever sends the part again waits for a while, until the first is given up or has ended.
    """

    def __init__(self, root: Path, links: LocalLinks) -> None:
        self._root = root
        self._links = links
        self._threads = Threads("storage-parts", WRITERS)

    async def begin(self, key: str, content_type: str, part_size: int) -> str:  # noqa: ARG002 - the key's ending says the type
        """Open a session to send the object in parts, and return its name."""
        return await self._threads.run(key, sessions.begin, self._root, checked_key(key), part_size)

    def part(self, key: str, session: str, number: int, length: int, *, expires_at: datetime) -> Link:
        """Make a link to send one part of exactly `length` bytes."""
        return self._links.part(key, PartOf(session, number), length, expires_at)

    async def parts(self, key: str, session: str) -> Sequence[Part]:
        """Return the parts that are there, by their numbers. Raise NotFound if there is no such session (any more)."""
        return await self._threads.run(key, sessions.arrived, self._root, checked_key(key), session)

    async def finish(self, key: str, session: str, parts: Sequence[Part]) -> StoredObject:
        """Join the parts, these and no others, and return what came of it, also of doing it before."""
        with suppress(NotFound):
            return await self._threads.run(key, joining.join, self._root, checked_key(key), session, parts)
        return await self._threads.run(key, joining.outcome, self._root, key, session)

    async def abort(self, key: str, session: str | None) -> None:
        """Drop the parts and end the session, or all of the key."""
        await self._threads.run(key, sessions.end, self._root, checked_key(key), session)

    async def write(self, key: str, part: PartOf, length: int, body: AsyncIterable[bytes]) -> str:
        """Store a part of `length` bytes, durably, and return its ETag."""
        hand = await self._taken(checked_key(key), part)
        try:
            if await self._fill(key, hand, length, body) != length:
                raise Altered(key)
            return await self._threads.run(key, sending.let_count, hand, length)
        finally:
            await self._threads.run(key, sending.put_down, hand)

    async def close(self) -> None:
        """Finish what was begun, and let go of the threads."""
        await self._threads.close()

    async def _taken(self, key: str, part: PartOf) -> Hand:
        try:
            async with asyncio.timeout(PATIENCE):
                while True:
                    hand = await self._threads.run(key, sending.take, self._root, key, part, undo=_put_down)
                    if hand is not None:
                        return hand
                    await asyncio.sleep(_LOOK_EVERY)
        except TimeoutError:
            raise Unavailable("A part that another is sending", retry_after=1) from None

    async def _fill(self, key: str, hand: Hand, length: int, body: AsyncIterable[bytes]) -> int:
        """Write the body in its place and return its length, beyond `length` without having read it all."""
        batch: list[bytes] = []
        size = written = 0
        async for chunk in body:
            batch.append(chunk)
            size += len(chunk)
            if size > length:
                return size
            if size - written >= _BATCH:
                await self._threads.run(key, sending.write, hand, written, b"".join(batch))
                batch, written = [], size
        await self._threads.run(key, sending.write, hand, written, b"".join(batch))
        return size


def _put_down(hand: Hand | None) -> None:
    if hand is not None:
        sending.put_down(hand)
