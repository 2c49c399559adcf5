"""Versioned structs: their JSON in one hash, their heads in another, and sorted sets for what is asked for.

Of `version` and `due` the heads are the truth: a record that is taken changes in nothing else, and its body stays as it was. All
marks in a sorted set have the same score, and so are in the order of their bytes.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Any, Generic, TypeAlias, TypeVar

import msgspec

from adapters.redis.client import Server
from adapters.redis.feed import feed_keys
from adapters.redis.line import Words
from adapters.redis.times import moment, written
from ports.assets import Asset
from ports.errors import AlreadyExists, Conflict, NotFound
from ports.jobs import Job
from ports.paging import Cursor, Page
from ports.uploads import Upload

T = TypeVar("T", Job, Asset, Upload)
Row: TypeAlias = Sequence[bytes]
Marks: TypeAlias = Mapping[str, str | bytes]

_BEHIND_ALL = "~"


class Records(Generic[T]):
    """The records of one name. Each is due among those of its `group`, and stands in each of `indexes` under its mark.

    The changes of those that are `told` have a feed.
    """

    def __init__(
        self,
        server: Server,
        name: str,
        kind: type[T],
        *,
        indexes: Sequence[str] = (),
        marks: Callable[[T], Marks] = lambda _: {},
        group: Callable[[T], str] = lambda _: "",
        told: bool = False,
    ) -> None:
        self._server = server
        self._name = name
        self._decoder: msgspec.json.Decoder[T] = msgspec.json.Decoder(kind)
        self._marks: Callable[[T], Marks] = marks
        self._group: Callable[[T], str] = group
        self._indexes = {index: server.key(name, index) for index in indexes}
        self._kept = [server.key(name), server.key(name, "heads")]
        self._due = server.key(name, "due")
        self._takes = [*self._kept, server.key(name, "taken"), self._due]
        self._all = [*self._takes, *self._indexes.values(), *(feed_keys(server) if told else [])]

    async def get(self, record_id: object) -> T:
        """Return the record. Raise NotFound if there is none."""
        if found := await self.several([str(record_id)]):
            return found[0]
        raise NotFound(record_id)

    async def several(self, ids: Sequence[str]) -> list[T]:
        """Return those of the records that are there."""
        return self._decoded(await self._server.run("read", self._kept, ids))

    async def add(self, record: T) -> None:
        """Keep a new record. Raise AlreadyExists if an unequal one has its id."""
        if (kept := await self._change(record, "")) and not self._is(kept, record):
            raise AlreadyExists(record.id)

    async def replace(self, record: T) -> None:
        """Keep `record` over the version before it. Raise Conflict if that is not the one kept, NotFound if there is none."""
        kept = await self._change(record, str(record.version - 1))
        if kept is None:
            return
        if not kept:
            raise NotFound(record.id)
        if not self._is(kept, record):
            raise Conflict(record.id)

    async def remove(self, record_id: object) -> None:
        """Forget the record, if it is there."""
        await self._server.run("remove", self._all, [str(record_id)])

    async def take(self, groups: Sequence[str], now: datetime, until: datetime, request_id: str) -> T | None:
        """Give the request the record it has taken already, or else the most overdue one of the groups."""
        taken = await self._server.run("take", self._takes, [request_id, written(now), written(until), *groups])
        return None if taken is None else self._read(taken)

    async def due(self, groups: Sequence[str], now: datetime, limit: int) -> list[T]:
        """Return the most overdue records of the groups, without taking them."""
        return await self._list(self._due, "up", [(group, f"[{group}", f"({group}{written(now)}!") for group in groups], limit)

    async def page(self, index: str, groups: Sequence[str], after: Cursor | None, limit: int) -> Page[T]:
        """List the records that stand under the groups in an index, newest first, from behind `after`."""
        end = place(after)
        spans = [(group, f"[{group}", f"({group}{end}") for group in groups]
        found = await self._list(self._indexes[index], "down", spans, limit + 1)
        items = tuple(found[:limit])
        return Page(items, Cursor(items[-1].created, str(items[-1].id)) if items and len(found) > limit else None)

    async def _list(self, index: str, order: str, spans: Sequence[tuple[str, str, str]], limit: int) -> list[T]:
        if not spans:
            return []
        rows = await self._server.run("list", [*self._kept, index], [limit, order, *chain.from_iterable(spans)])
        return self._decoded(rows)

    async def _change(self, record: T, over: str) -> Row | None:
        """Return nothing once `record` is kept, or what is kept instead: empty if that is nothing."""
        due: datetime | None = record.due
        marks: Marks = self._marks(record)
        facts: Words = (str(record.id), over, record.version, written(due), self._group(record), msgspec.json.encode(record))
        kept: Row | None = await self._server.run("change", self._all, [*facts, *(marks[index] for index in self._indexes)])
        return kept

    def _is(self, kept: Row, record: T) -> bool:
        # What has been to JSON and back may differ from what has not: a tuple in `params` is a list then.
        return self._read(kept) == self._decoder.decode(msgspec.json.encode(record))

    def _decoded(self, rows: Sequence[Row]) -> list[T]:
        return [self._read(row) for row in rows]

    def _read(self, row: Row) -> T:
        record_id, version, due, body = row
        try:
            record = self._decoder.decode(body)
        except msgspec.MsgspecError as error:
            error.add_note(f"This is the body of {record_id.decode()} in the hash {self._name}")
            raise
        changed: dict[str, Any] = {"version": int(version), "due": moment(due)}
        return msgspec.structs.replace(record, **changed)


def mark(record: Job | Asset | Upload) -> str:
    """Return what a record stands under in the order of its creation."""
    return f"{written(record.created)} {record.id}"


def place(cursor: Cursor | None) -> str:
    """Return what a cursor stands behind, as the indexes have it."""
    return f"{written(cursor.created)} {cursor.id}" if cursor else _BEHIND_ALL
