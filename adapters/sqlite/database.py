"""One SQLite file: the connections to it, and how to ask for reads and changes."""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from adapters.sqlite.calls import Call, Desk
from adapters.sqlite.errors import translated
from adapters.sqlite.schema import migrate
from adapters.sqlite.transactions import PATIENCE, commit_together, insist

T = TypeVar("T")
_READERS = 2


class Database:
    """A SQLite file, opened for one event loop. Other processes may have it open too.

    Changes run in one thread, all that wait in one transaction, and each is answered after the commit (which is synced to the
    disk). Reads run in threads of their own and see what was committed. `next_commit` is an event for those who wait for a
    change of this process: each is set once, and then there is another. It is also a Check: `store`.
    """

    name = "store"

    def __init__(self, writer: sqlite3.Connection, readers: Sequence[sqlite3.Connection]) -> None:
        self.next_commit = asyncio.Event()
        self._changes = Desk("sqlite-writer", commit_together, [writer], self._committed)
        self._reads = Desk("sqlite-reader", _read_each, readers)

    @classmethod
    async def open(cls, path: Path) -> Self:
        """Open the file, made where there is none, and bring its tables up to date.

        Raise Unavailable if it can't be opened (its folder must exist), NewerSchema if a newer Greenroom has changed it.
        """
        try:
            writer, *readers = await asyncio.to_thread(_connections, path)
        except sqlite3.Error as error:
            raise translated(error) from error
        return cls(writer, readers)

    async def read(self, query: Callable[[sqlite3.Connection], T]) -> T:
        """Return what `query` returns. Raise Unavailable if the file can't be read or too many queries wait."""
        return await self._reads.ask(query)

    async def write(self, change: Callable[[sqlite3.Connection], T]) -> T:
        """Return what `change` returns, once what it did is durable; what it raises, with nothing done.

        Raise Unavailable if the file can't be written or too many changes wait, OutOfSpace if its disk is full. A caller that
        is cancelled while it waits does not know whether the change was made.
        """
        return await self._changes.ask(change)

    async def check(self) -> None:
        """Return if the file can be read and changed. Raise Unavailable if not, OutOfSpace if its disk is full."""
        await self.read(lambda connection: connection.execute("SELECT 1 FROM jobs LIMIT 1").fetchone())
        # It is 0 already, and is written nevertheless: nothing but a change shows that there is room for one.
        await self.write(lambda connection: connection.execute("PRAGMA user_version = 0").rowcount)

    async def close(self) -> None:
        """Finish what waits, and let go of the file."""
        await self._changes.close()
        await self._reads.close()

    def _committed(self) -> None:
        self.next_commit.set()
        self.next_commit = asyncio.Event()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.close()


def _connections(path: Path) -> list[sqlite3.Connection]:
    with ExitStack() as unfinished:
        connections = [unfinished.enter_context(closing(_connect(path))) for _ in range(1 + _READERS)]
        writer, *readers = connections
        migrate(writer)
        # The writer waits in its own way: see `begin`.
        writer.execute("PRAGMA busy_timeout = 0")
        for reader in readers:
            reader.execute("PRAGMA query_only = ON")
        unfinished.pop_all()
        return connections


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
    try:
        # Going over to WAL fails at once, however long the time-out, while another process does the same.
        insist(lambda: connection.execute("PRAGMA journal_mode = WAL"))
        connection.execute("PRAGMA synchronous = FULL")
        # On a Mac, syncing alone leaves the data in the drive's cache. Elsewhere this means nothing.
        connection.execute("PRAGMA fullfsync = ON")
        connection.execute("PRAGMA foreign_keys = OFF")
    except BaseException:
        connection.close()
        raise
    return connection


def _read_each(connection: sqlite3.Connection, reads: Sequence[Call]) -> None:
    for read in reads:
        read.run(connection)
