"""SQLite's errors in the words of the ports."""

import sqlite3

from ports.errors import OutOfSpace, Unavailable

STORE = "The store"
_OUT_OF_REACH = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_READONLY,
    }
)


def translated(error: Exception) -> Exception:
    """Return what `error` means at a port, caused by it; `error` itself where it means nothing there."""
    meaning: Exception
    if _code(error) == sqlite3.SQLITE_FULL or getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_IOERR_SHMSIZE:
        meaning = OutOfSpace(STORE)
    elif _code(error) in _OUT_OF_REACH:
        meaning = Unavailable(STORE)
    else:
        return error
    meaning.__cause__ = error
    return meaning


def is_busy(error: sqlite3.Error) -> bool:
    """Tell whether another connection was in the way: the same statement may succeed in a moment."""
    return _code(error) == sqlite3.SQLITE_BUSY


def _code(error: Exception) -> int | None:
    # The extended codes say more in their upper bytes. Errors of the Python module itself carry no code.
    extended = getattr(error, "sqlite_errorcode", None)
    return None if extended is None else extended & 0xFF
