"""How SQLite finds assets by the beginning of their names: by an index alone, whether few names begin so or many."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from adapters.sqlite import schema, search
from adapters.sqlite.assets import SqliteAssetStore
from adapters.sqlite.database import Database
from adapters.sqlite.schema import migrate
from ports.paging import Cursor
from tests.contracts.stores import NOW, SECOND, made_asset
from tests.unit.sqlite.test_plans import Observed

pytestmark = pytest.mark.anyio

CURSOR = Cursor(NOW + 30 * SECOND, "x")


@pytest.fixture
def observed() -> Iterator[Observed]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        migrate(connection)
        yield Observed(connection)


@pytest.mark.parametrize("after", [None, CURSOR])
@pytest.mark.parametrize(
    ("many", "index"),
    [
        (1_000, "assets_named (deleted=? AND folded>? AND folded<?)"),
        (1, "assets_by_date (deleted=? AND (created,id)<(?,?))"),
    ],
)
async def test_only_the_assets_of_a_page_are_read_from_the_table(
    observed: Observed, monkeypatch: pytest.MonkeyPatch, many: int, index: str, after: Cursor | None
) -> None:
    monkeypatch.setattr(search, "MANY", many)
    assets = SqliteAssetStore(observed)
    await assets.add(made_asset(name="talk.wav"))
    observed.statements.clear()
    await assets.page(prefix="talk", after=after)
    plans = [plan for plan in observed.plans() if " assets " in plan]
    assert plans == [
        "SEARCH assets USING COVERING INDEX assets_named (deleted=? AND folded>? AND folded<?)",
        f"SEARCH assets USING COVERING INDEX {index}",
        "SEARCH assets USING INDEX sqlite_autoindex_assets_1 (id=?)",
    ]


async def test_few_and_many_are_found_alike(observed: Observed, monkeypatch: pytest.MonkeyPatch) -> None:
    assets = SqliteAssetStore(observed)
    for number in range(60):
        deleted = NOW if number % 7 == 0 else None
        await assets.add(
            made_asset(name=f"{'talk' if number % 3 else 'song'}.wav", created=NOW + number // 2 * SECOND, deleted=deleted)
        )
    for after in (None, Cursor(NOW + 20 * SECOND, "5")):
        few = await assets.page(prefix="talk", after=after, limit=7)
        with monkeypatch.context() as patch:
            patch.setattr(search, "MANY", 1)
            assert await assets.page(prefix="talk", after=after, limit=7) == few
        assert len(few.items) == 7


async def test_an_asset_of_a_process_that_did_not_know_the_column_is_found_once_the_file_is_opened_again(tmp_path: Path) -> None:
    path = tmp_path / "greenroom.db"
    async with await Database.open(path) as database:
        for name in ("Talk.wav", "talk 2.wav"):
            await SqliteAssetStore(database).add(made_asset(name=name, created=NOW, deleted=None))
    with closing(sqlite3.connect(path)) as older, older:
        older.execute("UPDATE assets SET folded = '' WHERE body LIKE '%Talk.wav%'")
    async with await Database.open(path) as database:
        page = await SqliteAssetStore(database).page(prefix="talk")
    assert {asset.name for asset in page.items} == {"Talk.wav", "talk 2.wav"}


def test_others_may_write_while_the_names_of_many_assets_are_folded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "FOLDED_AT_ONCE", 2)
    with closing(sqlite3.connect(tmp_path / "greenroom.db", isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        migrate(connection)
        rows = [(str(number), f'{{"name": "TALK {number}"}}') for number in range(5)]
        connection.executemany("INSERT INTO assets (id, version, created, body, deleted) VALUES (?, 0, 0, ?, 0)", rows)
        with closing(sqlite3.connect(tmp_path / "greenroom.db", isolation_level=None, timeout=0)) as other:
            written = list[str]()

            def write(statement: str) -> None:
                if statement.startswith("BEGIN"):
                    other.execute("UPDATE assets SET version = version + 1")
                    written.append(statement)

            connection.set_trace_callback(write)
            migrate(connection)
        assert len(written) == 3
        assert connection.execute("SELECT id, folded FROM assets ORDER BY id").fetchall() == [(n, f"talk {n}") for n in "01234"]
