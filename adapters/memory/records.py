"""Versioned structs in a dictionary, and who has taken which."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Generic, TypeVar

import msgspec

from ports.assets import Asset
from ports.errors import AlreadyExists, Conflict, NotFound
from ports.jobs import Job
from ports.paging import Cursor, Page
from ports.uploads import Upload

T = TypeVar("T", Job, Asset, Upload)


class MemoryRecords(Generic[T]):
    """The records of one store, kept as JSON: what a caller holds and what is kept never share a mutable part.

    `changed` is told the id of each that is added, replaced or removed; taking one is no change.
    """

    def __init__(self, kind: type[T], changed: Callable[[str], None] = lambda _: None) -> None:
        self._changed = changed
        self._decoder: msgspec.json.Decoder[T] = msgspec.json.Decoder(kind)
        self._kept: dict[str, bytes] = {}
        self._taken: dict[str, str] = {}

    def get(self, record_id: object) -> T:
        """Return the record. Raise NotFound if there is none."""
        if (body := self._kept.get(str(record_id))) is None:
            raise NotFound(record_id)
        return self._decoder.decode(body)

    def add(self, record: T) -> None:
        """Keep a new record. Raise AlreadyExists if an unequal one has its id."""
        if str(record.id) not in self._kept:
            self._change(record)
        elif not self._is_kept(record):
            raise AlreadyExists(record.id)

    def replace(self, record: T) -> None:
        """Keep `record` over the version before it. Raise Conflict if that is not the one kept, NotFound if there is none."""
        if self.get(record.id).version == record.version - 1:
            self._change(record)
        elif not self._is_kept(record):
            raise Conflict(record.id)

    def remove(self, record_id: object) -> None:
        """Forget the record, if it is there."""
        self._taken.pop(str(record_id), None)
        if self._kept.pop(str(record_id), None) is not None:
            self._changed(str(record_id))

    def take(self, due: Callable[[T], bool], until: datetime, request_id: str) -> T | None:
        """Give the request the record it has taken already, or else the most overdue of those that `due` accepts."""
        if (held := self._taken_by(request_id)) is not None:
            return held
        if (found := min(filter(due, self._all()), key=_urgency, default=None)) is None:
            return None
        taken = msgspec.structs.replace(found, due=until, version=found.version + 1)
        self._keep(taken)
        self._taken[str(taken.id)] = request_id
        return taken

    def due(self, due: Callable[[T], bool], limit: int) -> list[T]:
        """Return the records that `due` accepts, the most overdue first."""
        return sorted(filter(due, self._all()), key=_urgency)[:limit]

    def page(self, shown: Callable[[T], bool], after: Cursor | None, limit: int) -> Page[T]:
        """List the records that `shown` accepts, newest first, from behind `after`."""
        rows = sorted(filter(shown, self._all()), key=_place, reverse=True)
        rest = [row for row in rows if after is None or _place(row) < (after.created, after.id)]
        items = tuple(rest[:limit])
        return Page(items, Cursor(*_place(items[-1])) if items and len(rest) > limit else None)

    def _all(self) -> Iterator[T]:
        return (self.get(record_id) for record_id in self._kept)

    def _change(self, record: T) -> None:
        self._keep(record)
        self._changed(str(record.id))

    def _keep(self, record: T) -> None:
        self._kept[str(record.id)] = msgspec.json.encode(record)
        self._taken.pop(str(record.id), None)

    def _is_kept(self, record: T) -> bool:
        return self.get(record.id) == self._decoder.decode(msgspec.json.encode(record))

    def _taken_by(self, request_id: str) -> T | None:
        return next((self.get(kept) for kept, taker in self._taken.items() if taker == request_id), None)


def _place(record: Job | Asset | Upload) -> tuple[datetime, str]:
    return record.created, str(record.id)


def _urgency(record: Job | Asset | Upload) -> tuple[datetime | None, str]:
    return record.due, str(record.id)
