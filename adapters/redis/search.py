"""Assets by the beginning of their names, newest first."""

from adapters.redis.client import Server
from adapters.redis.records import Marks, mark, place
from adapters.redis.times import moment
from ports.assets import Asset, folded
from ports.paging import Cursor

NAME = "assets"
INDEXES = ("listed", "named")

MANY = 1_000
"""From so many assets on, it is quicker to go through all by their date, until a page is full, than to sort those of a name."""

AT_ONCE = 1_000
"""Marks that are looked at in one step: nobody else's command waits for longer than that takes."""

_BEFORE_ID, _BEHIND_ID, _BEHIND_NAME = b" ", b"\0", b"\xff"


def marks(asset: Asset) -> Marks:
    """Return what an asset stands under, deleted ones under nothing: by date with the name, and by name with the date."""
    if asset.deleted is not None:
        return dict.fromkeys(INDEXES, b"")
    name, date = folded(asset.name).encode(), mark(asset).encode()
    return {"listed": date + _BEHIND_ID + name, "named": name + _BEHIND_NAME + date}


class Search:
    """Finds which assets have names that begin so, by their marks alone: bodies are large."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._listed, self._named = (server.key(NAME, index) for index in INDEXES)

    async def newest(self, prefix: str, after: Cursor | None, limit: int) -> list[Cursor]:
        """Return where the newest ones stand that are behind `after`, as many as are wanted if there are so many."""
        start = folded(prefix).encode()
        # No text has the byte 255: the marks of all names that begin so are before two of them.
        span = (b"[" + start, b"(" + start + _BEHIND_NAME * 2)
        if await self._server.read("ZLEXCOUNT", self._named, *span) < MANY:
            found = await self._of_name(span, place(after).encode())
        else:
            found = await self._by_date(start, place(after).encode(), limit)
        return [_cursor(date) for date in found[:limit]]

    async def _of_name(self, span: tuple[bytes, bytes], end: bytes) -> list[bytes]:
        marks = await self._server.read("ZRANGE", self._named, *span, "BYLEX")
        dates = (each.rpartition(_BEHIND_NAME)[2] for each in marks)
        return sorted((date for date in dates if date < end), reverse=True)

    async def _by_date(self, start: bytes, end: bytes, limit: int) -> list[bytes]:
        found: list[bytes] = []
        while len(found) < limit:
            marks = await self._server.read("ZRANGE", self._listed, b"(" + end, "-", "BYLEX", "REV", "LIMIT", 0, AT_ONCE)
            if not marks:
                break
            end = marks[-1]
            pairs = (each.split(_BEHIND_ID, 1) for each in marks)
            found += [date for date, name in pairs if name.startswith(start)]
        return found


def _cursor(date: bytes) -> Cursor:
    created, _, asset_id = date.partition(_BEFORE_ID)
    time = moment(created)
    assert time is not None  # noqa: S101 - every asset was created some time
    return Cursor(time, asset_id.decode())
