"""Writing transactions: waiting for one, and carrying out many changes in one."""

import contextlib
import random
import sqlite3
import time
from collections.abc import Callable, Sequence

from adapters.sqlite.calls import Call
from adapters.sqlite.errors import is_busy

PATIENCE = 5.0
"""Seconds that a connection waits for those of other processes."""


def begin(connection: sqlite3.Connection) -> None:
    """Begin to write, once no other connection does.

    SQLite's own waiting looks up to 100 ms apart, and so misses the short gaps that a busy process leaves.
    """
    insist(lambda: connection.execute("BEGIN IMMEDIATE"))


def insist(statement: Callable[[], object]) -> None:
    """Run `statement` until no other connection is in its way, or patience is over."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            statement()
        except sqlite3.OperationalError as error:
            if not is_busy(error) or time.monotonic() > deadline:
                raise
        else:
            return
        time.sleep(random.uniform(0.0005, 0.0015))  # noqa: S311 - so that processes don't look in step


def commit_together(connection: sqlite3.Connection, changes: Sequence[Call]) -> None:
    """Carry out the changes in one transaction: each succeeds or fails alone, but if the commit fails, all do."""
    try:
        begin(connection)
        for change in changes:
            _carry_out(connection, change)
        connection.execute("COMMIT")
    except Exception as error:  # noqa: BLE001 - it belongs to all who wait
        for change in changes:
            change.fail(error)
        with contextlib.suppress(sqlite3.Error):
            connection.rollback()


def _carry_out(connection: sqlite3.Connection, change: Call) -> None:
    connection.execute("SAVEPOINT change")
    change.run(connection)
    if change.error is not None:
        # Some errors (a full disk, say) end the whole transaction, and with it the changes before this one.
        if not connection.in_transaction:
            raise change.error
        connection.execute("ROLLBACK TO change")
    connection.execute("RELEASE change")
