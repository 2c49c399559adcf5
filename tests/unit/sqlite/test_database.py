"""The database: how it is opened, how it answers, and what its errors mean."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from threading import Event

import pytest

from adapters.sqlite import calls, transactions
from adapters.sqlite.database import Database
from adapters.sqlite.schema import NewerSchema
from ports.errors import Conflict, OutOfSpace, Unavailable

pytestmark = pytest.mark.anyio


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with await Database.open(tmp_path / "greenroom.db") as opened:
        yield opened


def pragma(name: str) -> str:
    return f"SELECT * FROM pragma_{name}"


def add_note(connection: sqlite3.Connection, note: str = "note") -> int:
    connection.execute("CREATE TABLE IF NOT EXISTS notes (note TEXT)")
    return connection.execute("INSERT INTO notes VALUES (?)", [note]).rowcount


def notes(connection: sqlite3.Connection) -> list[str]:
    return [note for (note,) in connection.execute("SELECT note FROM notes ORDER BY rowid")]


async def test_a_commit_is_synced_to_the_disk(database: Database) -> None:
    assert await database.write(lambda connection: connection.execute(pragma("synchronous")).fetchone()) == (2,)
    assert await database.write(lambda connection: connection.execute(pragma("journal_mode")).fetchone()) == ("wal",)


async def test_a_change_is_answered_after_the_commit(database: Database, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "greenroom.db")) as other:
        for number in range(20):
            await database.write(add_note)
            assert len(notes(other)) == number + 1


async def test_changes_that_wait_share_one_commit(database: Database) -> None:
    statements: list[str] = []
    begun, go_on = Event(), Event()

    def hold_up(connection: sqlite3.Connection) -> None:
        connection.set_trace_callback(statements.append)
        begun.set()
        go_on.wait()

    held = asyncio.ensure_future(database.write(hold_up))
    await asyncio.to_thread(begun.wait)
    waiting = [asyncio.ensure_future(database.write(add_note)) for _ in range(64)]
    await asyncio.sleep(0)
    go_on.set()
    await asyncio.gather(held, *waiting)
    assert statements.count("COMMIT") == 2
    await database.write(lambda connection: connection.set_trace_callback(None))


async def test_a_change_that_raises_leaves_the_others_of_its_commit(database: Database) -> None:
    def refuse(connection: sqlite3.Connection) -> None:
        add_note(connection, "refused")
        raise Conflict("note")

    changes = [database.write(add_note), database.write(refuse), database.write(add_note)]
    outcomes = await asyncio.gather(*changes, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [int, Conflict, int]
    assert await database.read(notes) == ["note", "note"]


async def test_a_caller_that_stops_waiting_loses_nobody_elses_change(database: Database) -> None:
    go_on = Event()
    held = asyncio.ensure_future(database.write(lambda _connection: go_on.wait()))
    waiting = [asyncio.ensure_future(database.write(add_note)) for _ in range(10)]
    await asyncio.sleep(0)
    for impatient in (held, *waiting[::2]):
        impatient.cancel()
    go_on.set()
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    assert outcomes[1::2] == [1] * 5
    assert await database.write(add_note) == 1


async def test_closing_finishes_what_waits(tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "greenroom.db")
    waiting = [asyncio.ensure_future(database.write(add_note)) for _ in range(500)]
    await asyncio.sleep(0)
    await database.close()
    await database.close()
    assert await asyncio.gather(*waiting) == [1] * 500
    with closing(sqlite3.connect(tmp_path / "greenroom.db")) as after:
        assert len(notes(after)) == 500


async def test_when_too_many_changes_wait_another_is_refused_at_once(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "_MOST_WAITING", 5)
    begun, go_on = Event(), Event()

    def hold_up(connection: sqlite3.Connection) -> int:
        begun.set()
        go_on.wait()
        return add_note(connection)

    held = asyncio.ensure_future(database.write(hold_up))
    await asyncio.to_thread(begun.wait)
    waiting = [asyncio.ensure_future(database.write(add_note)) for _ in range(5)]
    await asyncio.sleep(0)
    with pytest.raises(Unavailable):
        await database.write(add_note)
    go_on.set()
    assert await asyncio.gather(held, *waiting) == [1] * 6
    assert await database.write(add_note) == 1


async def test_a_closed_database_is_unavailable(tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "greenroom.db")
    await database.close()
    with pytest.raises(Unavailable):
        await database.write(add_note)
    with pytest.raises(Unavailable):
        await database.check()


async def test_reads_can_not_write(database: Database) -> None:
    with pytest.raises(Unavailable) as refused:
        await database.read(add_note)
    assert "readonly" in str(refused.value.__cause__)


async def test_a_file_that_can_not_be_opened_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        await Database.open(tmp_path / "nowhere" / "greenroom.db")


async def test_a_file_that_is_no_database_is_a_loud_error(tmp_path: Path) -> None:
    (tmp_path / "greenroom.db").write_bytes(b"no database, but long enough to look at" * 200)
    with pytest.raises(sqlite3.DatabaseError, match="not a database"):
        await Database.open(tmp_path / "greenroom.db")


async def test_a_file_that_another_process_keeps_locked_is_unavailable(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transactions, "PATIENCE", 0.05)
    with closing(sqlite3.connect(tmp_path / "greenroom.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable):
            await database.write(add_note)
        with pytest.raises(Unavailable):
            await database.check()
        other.execute("ROLLBACK")
    assert await database.write(add_note) == 1


async def test_a_mistake_in_a_statement_is_a_loud_error(database: Database) -> None:
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        await database.read(lambda connection: connection.execute("SELECT * FROM nowhere"))


async def test_a_full_disk_is_out_of_space_and_nothing_changes_until_there_is_room(database: Database) -> None:
    await database.write(add_note)
    await database.write(lambda connection: connection.execute("PRAGMA max_page_count = 1"))
    changes = [database.write(lambda connection: add_note(connection, "x" * 100_000)) for _ in range(5)]
    outcomes = await asyncio.gather(*changes, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [OutOfSpace] * 5
    assert await database.read(notes) == ["note"]
    await database.write(lambda connection: connection.execute("PRAGMA max_page_count = 4294967294"))
    assert await database.write(lambda connection: add_note(connection, "x" * 100_000)) == 1


async def test_a_newer_schema_is_refused_in_a_sentence(tmp_path: Path) -> None:
    async with await Database.open(tmp_path / "greenroom.db") as database:
        await database.write(
            lambda connection: connection.execute(
                "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('greenroom', 'time_travel', '')"
            )
        )
    with pytest.raises(NewerSchema, match=r"newer version of Greenroom .*time_travel.*: upgrade this one"):
        await Database.open(tmp_path / "greenroom.db")


async def test_many_open_a_new_file_at_once(tmp_path: Path) -> None:
    opened = await asyncio.gather(*(Database.open(tmp_path / "greenroom.db") for _ in range(8)))
    for database in opened:
        await database.check()
        await database.close()


async def test_the_check_changes_the_file_as_any_change_would(database: Database, tmp_path: Path) -> None:
    def changes(connection: sqlite3.Connection) -> int:
        [(number,)] = connection.execute("PRAGMA data_version").fetchall()
        return int(number)

    with closing(sqlite3.connect(tmp_path / "greenroom.db")) as other:
        before = changes(other)
        await database.check()
        assert changes(other) > before


async def test_the_check_is_called_store(database: Database) -> None:
    await database.check()
    assert database.name == "store"
