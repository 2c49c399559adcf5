"""What SQLite's errors mean at a port."""

import sqlite3

import pytest

from adapters.sqlite.errors import translated
from ports.errors import OutOfSpace, Unavailable


def raised(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("as SQLite says")
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    "code",
    [
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_BUSY_SNAPSHOT,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_IOERR_FSYNC,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_READONLY_DBMOVED,
    ],
)
def test_a_file_out_of_reach_is_unavailable(code: int) -> None:
    error = raised(code)
    meaning = translated(error)
    assert isinstance(meaning, Unavailable)
    assert meaning.__cause__ is error


@pytest.mark.parametrize("code", [sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE])
def test_a_full_disk_is_out_of_space(code: int) -> None:
    assert isinstance(translated(raised(code)), OutOfSpace)


@pytest.mark.parametrize("error", [raised(sqlite3.SQLITE_CORRUPT), raised(sqlite3.SQLITE_MISUSE), KeyError("a mistake of ours")])
def test_any_other_error_stays_what_it_is(error: Exception) -> None:
    assert translated(error) is error
