"""Pages of other origins, and what the server of a storage lets them do with its links."""

from collections.abc import Sequence
from typing import Protocol


class Pages(Protocol):
    """Lets pages read and write by links, where that is the storage's own to decide. Raise Unavailable as it does.

    An origin is written as browsers do (RFC 6454): `https://app.example.com`.
    """

    async def lacking(self, origin: str) -> Sequence[str]:
        """Say what pages of this origin may not do, in words such as `PUT` or `see ETag`; nothing if all is well."""
        ...

    async def allow(self, origins: Sequence[str]) -> None:
        """Let pages of these origins do all that a page needs. What others may do stays as it is."""
        ...
