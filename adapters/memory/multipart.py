"""Parts in memory, joined in a storage in memory."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from itertools import count
from urllib.parse import quote, urlencode

from adapters.memory.storage import MemoryStorage
from ports.errors import Altered, NotFound
from ports.links import Link, Part
from ports.storage import StoredObject, checked_key


class MemoryMultipart:
    """A Multipart that forgets everything with its process. `send` does what a request by a link does elsewhere."""

    def __init__(self, storage: MemoryStorage) -> None:
        self._storage = storage
        self._sessions: dict[tuple[str, str], dict[int, bytes]] = {}
        self._finished: dict[tuple[str, str], StoredObject] = {}
        self._types: dict[str, str] = {}
        self._serial = count(1)

    async def begin(self, key: str, content_type: str, part_size: int) -> str:  # noqa: ARG002 - parts are kept apart
        """Open a session to send the object in parts, and return its name."""
        session = f"session-{next(self._serial)}"
        self._sessions[checked_key(key), session] = {}
        self._types[session] = content_type
        return session

    def part(self, key: str, session: str, number: int, length: int, *, expires_at: datetime) -> Link:
        """Make a link to send one part of exactly `length` bytes."""
        query = urlencode({"session": session, "part": number, "length": length, "expires": expires_at.timestamp()})
        return Link(url=f"/{quote(checked_key(key))}?{query}", method="PUT", expires_at=expires_at)

    async def parts(self, key: str, session: str) -> Sequence[Part]:
        """Return the parts that are there, by their numbers. Raise NotFound if there is no such session (any more)."""
        return [Part(number, len(content)) for number, content in sorted(self._at(key, session).items())]

    async def finish(self, key: str, session: str, parts: Sequence[Part]) -> StoredObject:
        """Join the parts, these and no others; the session ends."""
        if (finished := self._finished.get((checked_key(key), session))) is not None:
            return finished
        if list(parts) != await self.parts(key, session):
            raise Altered(key)
        content = b"".join(self._at(key, session)[part.number] for part in parts)
        stored = await self._storage.put(key, _once(content), self._types[session])
        self._finished[key, session] = stored
        del self._sessions[key, session]
        return stored

    async def abort(self, key: str, session: str | None) -> None:
        """Drop the parts and end the session, or all of the key."""
        for begun in [begun for begun in self._sessions if begun[0] == checked_key(key) and session in {None, begun[1]}]:
            del self._sessions[begun]

    def send(self, key: str, session: str, number: int, content: bytes) -> None:
        """Take a part. Raise NotFound if there is no such session (any more)."""
        self._at(key, session)[number] = content

    def _at(self, key: str, session: str) -> dict[int, bytes]:
        if (kept := self._sessions.get((checked_key(key), session))) is None:
            raise NotFound(session)
        return kept


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content
