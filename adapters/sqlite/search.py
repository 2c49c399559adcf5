"""Assets by the beginning of their names, newest first."""
# ruff: noqa: S608 - what is put together here are names of our own, never values

import sqlite3
from collections.abc import Callable, Iterable

from adapters.sqlite.records import Row, place
from ports.assets import folded
from ports.paging import Cursor

MANY = 10_000
"""From so many assets on, it is quicker to go through all by their date, until a page is full, than to sort those of a name."""

_SPAN = "deleted = 0 AND folded >= ? AND folded < ?"
_LAST, _AFTER_SURROGATES = "\U0010ffff", 0xE000


def named(prefix: str, after: Cursor | None, limit: int) -> Callable[[sqlite3.Connection], Iterable[Row]]:
    """Return what lists the rows of assets whose names begin with `prefix`, `limit` at most, from behind `after`.

    Both ways read nothing but an index until they know which assets they are: bodies are large.
    """
    beginning = folded(prefix)
    span = (beginning, _beyond(beginning))

    def rows(connection: sqlite3.Connection) -> Iterable[Row]:
        index = "assets_by_date" if _are_many(connection, span) else "assets_named"
        return connection.execute(_newest(index), (*span, *place(after), limit))

    return rows


def _are_many(connection: sqlite3.Connection, span: tuple[str, str | bytes]) -> bool:
    counted = f"SELECT count(*) FROM (SELECT 1 FROM assets INDEXED BY assets_named WHERE {_SPAN} LIMIT {MANY})"
    [found] = connection.execute(counted, span).fetchone()
    return bool(found == MANY)


def _newest(index: str) -> str:
    order = "ORDER BY created DESC, id DESC"
    found = f"SELECT created, id FROM assets INDEXED BY {index} WHERE {_SPAN} AND (created, id) < (?, ?) {order} LIMIT ?"
    return f"SELECT body, version, due, id FROM ({found}) JOIN assets USING (id, created) {order}"


def _beyond(beginning: str) -> str | bytes:
    """Return what is behind everything that begins so, and before all else. Behind all text is a blob."""
    stem = beginning.rstrip(_LAST)
    if not stem:
        return b""
    following = ord(stem[-1]) + 1
    return stem[:-1] + chr(_AFTER_SURROGATES if following == 0xD800 else following)
