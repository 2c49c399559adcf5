"""Many changes in one transaction: each alone where it fails, all together where the commit does."""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from adapters.sqlite import transactions
from adapters.sqlite.calls import Call
from adapters.sqlite.transactions import begin, commit_together
from ports.errors import Conflict

pytestmark = pytest.mark.anyio


class Unwilling(sqlite3.Connection):
    """A connection whose commits fail while `unwilling`."""

    unwilling = False

    def execute(self, statement: str, *values: Any) -> sqlite3.Cursor:
        if statement == "COMMIT" and self.unwilling:
            raise sqlite3.OperationalError("disk I/O error")
        return super().execute(statement, *values)


def opened(path: Path, factory: type[sqlite3.Connection] = sqlite3.Connection) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, timeout=0, factory=factory)
    connection.execute("CREATE TABLE IF NOT EXISTS numbers (number INTEGER UNIQUE)")
    return connection


def adding(number: int) -> Call:
    return call(lambda connection: connection.execute("INSERT INTO numbers VALUES (?)", [number]).rowcount)


def call(function: Callable[[sqlite3.Connection], Any]) -> Call:
    return Call(function, asyncio.get_running_loop().create_future())


def numbers(connection: sqlite3.Connection) -> list[int]:
    return [number for (number,) in connection.execute("SELECT number FROM numbers ORDER BY number")]


async def test_a_change_that_fails_leaves_nothing_behind_and_the_others_alone(tmp_path: Path) -> None:
    def add_then_fail(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO numbers VALUES (2)")
        raise Conflict("2")

    changes = [adding(1), call(add_then_fail), adding(1), adding(3)]
    with closing(opened(tmp_path / "a.db")) as connection:
        commit_together(connection, changes)
        assert numbers(connection) == [1, 3]
    assert [type(change.error) for change in changes] == [type(None), Conflict, sqlite3.IntegrityError, type(None)]


async def test_all_fail_if_the_commit_does_and_nothing_was_changed(tmp_path: Path) -> None:
    changes = [adding(1), adding(2)]
    with closing(opened(tmp_path / "a.db", Unwilling)) as connection:
        assert isinstance(connection, Unwilling)
        connection.unwilling = True
        commit_together(connection, changes)
        assert numbers(connection) == []
        assert [str(change.error) for change in changes] == ["disk I/O error"] * 2
        connection.unwilling = False
        commit_together(connection, [adding(3)])
        assert numbers(connection) == [3]


async def test_all_fail_if_a_change_ends_the_transaction(tmp_path: Path) -> None:
    changes = [adding(1), call(lambda connection: connection.execute("INSERT OR ROLLBACK INTO numbers VALUES (1)")), adding(2)]
    with closing(opened(tmp_path / "a.db")) as connection:
        commit_together(connection, changes)
        assert numbers(connection) == []
    assert {type(change.error) for change in changes} == {sqlite3.IntegrityError}


async def test_beginning_gives_up_when_patience_is_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transactions, "PATIENCE", 0.05)
    with closing(opened(tmp_path / "a.db")) as one, closing(opened(tmp_path / "a.db")) as other:
        begin(one)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            begin(other)
        one.execute("COMMIT")
        begin(other)
