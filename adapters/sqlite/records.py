"""Tables of versioned structs: JSON in `body`, and columns for what is asked for.

Of `version` and `due` the columns are the truth: a record that is taken changes in nothing else, and its body stays as it was.
"""
# ruff: noqa: S608 - what is put together here are names and conditions of our own code, never values

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Generic, NamedTuple, TypeAlias, TypeVar

import msgspec

from adapters.sqlite.database import Database
from ports.assets import Asset
from ports.errors import AlreadyExists, Conflict, NotFound
from ports.jobs import Job
from ports.paging import Cursor, Page
from ports.uploads import Upload

T = TypeVar("T", Job, Asset, Upload)
Columns: TypeAlias = Mapping[str, str | int | None]
Row: TypeAlias = Sequence[Any]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_BEFORE_ALL = (2**63 - 1, "")
_ROW = "body, version, due, id"


class Condition(NamedTuple):
    """What rows must meet, by an index that has them in the order that is wanted; `values` fill the question marks."""

    sql: str
    values: tuple[str | int, ...]


_NEVER = Condition("FALSE", ())


class Records(Generic[T]):
    """The records of one table. `columns` returns those that its kind of record has beside the usual ones."""

    def __init__(self, database: Database, table: str, kind: type[T], columns: Callable[[T], Columns]) -> None:
        self._database = database
        self._table = table
        self._select = f"SELECT {_ROW} FROM {table}"
        self._decoder: msgspec.json.Decoder[T] = msgspec.json.Decoder(kind)
        self._columns: Callable[[T], Columns] = columns

    async def get(self, record_id: object) -> T:
        """Return the record. Raise NotFound if there is none."""
        return await self._database.read(partial(self._kept, record_id=record_id))

    async def add(self, record: T) -> None:
        """Keep a new record. Raise AlreadyExists if an unequal one has its id."""
        row = self._row(record)
        marks = ", ".join(f":{name}" for name in row)
        statement = f"INSERT INTO {self._table} ({', '.join(row)}) VALUES ({marks}) ON CONFLICT (id) DO NOTHING"

        def insert(connection: sqlite3.Connection) -> None:
            added = connection.execute(statement, row).rowcount
            if not added and not self._keeps(connection, record):
                raise AlreadyExists(record.id)

        await self._database.write(insert)

    async def replace(self, record: T) -> None:
        """Keep `record` over the version before it. Raise Conflict if that is not the one kept, NotFound if there is none."""
        row = self._row(record)

        def update(connection: sqlite3.Connection) -> None:
            kept = self._columns_kept(connection, row)
            if kept["version"] == record.version - 1:
                self._change(connection, row, kept)
            elif not self._keeps(connection, record):
                raise Conflict(record.id)

        await self._database.write(update)

    async def remove(self, record_id: object) -> None:
        """Forget the record, if it is there."""
        statement = f"DELETE FROM {self._table} WHERE id = ?"
        await self._database.write(lambda connection: connection.execute(statement, [str(record_id)]).rowcount)

    async def take(self, conditions: Sequence[Condition], now: datetime, until: datetime, request_id: str) -> T | None:
        """Give the request the record it has taken already, or else the most overdue one that meets a condition.

        It is decoded after the commit: one that can't be has had its turn, and does not keep those behind it from theirs.
        """
        overdue = self._overdue(conditions, now)

        def look(connection: sqlite3.Connection) -> bool:
            return bool(self._taken_by(connection, request_id) or connection.execute(*overdue).fetchone())

        def take(connection: sqlite3.Connection) -> Row | None:
            if held := self._taken_by(connection, request_id):
                return held
            row = connection.execute(*overdue).fetchone()
            return self._take(connection, row[0], until, request_id) if row else None

        # Most looks find nothing: they need not wait for those who write.
        if not await self._database.read(look):
            return None
        taken = await self._database.write(take)
        return None if taken is None else self._decoded(taken)

    async def due(self, conditions: Sequence[Condition], now: datetime, limit: int) -> list[T]:
        """Return the most overdue records that meet a condition, without taking them."""
        statement = self._overdue(conditions, now, _ROW, limit)

        def select(connection: sqlite3.Connection) -> list[T]:
            return [self._decoded(row) for row in connection.execute(*statement)]

        return await self._database.read(select)

    async def page(self, conditions: Sequence[Condition], after: Cursor | None, limit: int) -> Page[T]:
        """List the records that meet a condition, newest first, from behind `after`."""
        statement = self._newest(conditions, after, limit + 1)
        return await self.listed(lambda connection: connection.execute(*statement), limit)

    async def listed(self, rows: Callable[[sqlite3.Connection], Iterable[Row]], limit: int) -> Page[T]:
        """Make a page of what `rows` returns, newest first: more than `limit` of them say that it is not the last."""

        def select(connection: sqlite3.Connection) -> list[T]:
            return [self._decoded(row) for row in rows(connection)]

        found = await self._database.read(select)
        items = tuple(found[:limit])
        return Page(items, Cursor(items[-1].created, str(items[-1].id)) if items and len(found) > limit else None)

    def _row(self, record: T) -> Columns:
        due: datetime | None = record.due
        return {
            "id": str(record.id),
            "version": record.version,
            "created": microseconds(record.created),
            "due": None if due is None else microseconds(due),
            "body": msgspec.json.encode(record).decode(),
            **self._columns(record),
        }

    def _columns_kept(self, connection: sqlite3.Connection, row: Columns) -> Columns:
        names = [name for name in row if name != "body"]
        kept = connection.execute(f"SELECT {', '.join(names)} FROM {self._table} WHERE id = ?", [row["id"]]).fetchone()
        if kept is None:
            raise NotFound(row["id"])
        return dict(zip(names, kept, strict=True))

    def _change(self, connection: sqlite3.Connection, row: Columns, kept: Columns) -> None:
        # SQLite rewrites an index for every column that is set, changed or not: set what differs.
        changed = [name for name in row if name not in kept or row[name] != kept[name]]
        values = ", ".join(f"{name} = :{name}" for name in changed)
        connection.execute(f"UPDATE {self._table} SET {values}, taken = NULL WHERE id = :id", row)

    def _decoded(self, row: Row) -> T:
        body, version, due, record_id, *_ = row
        try:
            record = self._decoder.decode(body)
        except msgspec.MsgspecError as error:
            error.add_note(f"This is the body of {record_id} in the table {self._table}")
            raise
        return msgspec.structs.replace(record, version=version, due=None if due is None else moment(due))

    def _kept(self, connection: sqlite3.Connection, record_id: object) -> T:
        row: Row | None = connection.execute(f"{self._select} WHERE id = ?", [str(record_id)]).fetchone()
        if row is None:
            raise NotFound(record_id)
        return self._decoded(row)

    def _keeps(self, connection: sqlite3.Connection, record: T) -> bool:
        # What has been to JSON and back may differ from what has not: a tuple in `params` is a list then.
        return self._kept(connection, record.id) == self._decoder.decode(msgspec.json.encode(record))

    def _taken_by(self, connection: sqlite3.Connection, request_id: str) -> Row | None:
        row: Row | None = connection.execute(f"{self._select} WHERE taken = ?", [request_id]).fetchone()
        return row

    def _take(self, connection: sqlite3.Connection, record_id: str, until: datetime, request_id: str) -> Row:
        change = f"UPDATE {self._table} SET version = version + 1, due = ?, taken = ? WHERE id = ? RETURNING {_ROW}"
        row: Row
        [row] = connection.execute(change, [microseconds(until), request_id, record_id]).fetchall()
        return row

    def _overdue(self, conditions: Sequence[Condition], now: datetime, columns: str = "id, due", limit: int = 1) -> Condition:
        each = f"SELECT {columns} FROM {self._table} WHERE due <= ? AND"
        return _union(each, (microseconds(now),), conditions, f"ORDER BY due, id LIMIT {limit}")

    def _newest(self, conditions: Sequence[Condition], after: Cursor | None, limit: int) -> Condition:
        each = f"SELECT {_ROW}, created FROM {self._table} WHERE (created, id) < (?, ?) AND"
        return _union(each, place(after), conditions, f"ORDER BY created DESC, id DESC LIMIT {limit}")


def place(cursor: Cursor | None) -> tuple[int, str]:
    """Return what a cursor stands behind, as the columns have it."""
    return (microseconds(cursor.created), cursor.id) if cursor else _BEFORE_ALL


def microseconds(time: datetime) -> int:
    """Return the time as the columns keep it: whole microseconds since 1970, UTC."""
    return (time - _EPOCH) // _MICROSECOND


def moment(column: int) -> datetime:
    """Return the time that a column keeps."""
    return _EPOCH + column * _MICROSECOND


def _union(each: str, values: tuple[str | int, ...], conditions: Sequence[Condition], order: str) -> Condition:
    # One SELECT a condition, merged by SQLite as it goes: with `IN` it would read all rows and sort them.
    conditions = conditions or [_NEVER]
    selects = " UNION ALL ".join(f"{each} {condition.sql}" for condition in conditions)
    filled = tuple(value for condition in conditions for value in (*values, *condition.values))
    return Condition(f"{selects} {order}", filled)
