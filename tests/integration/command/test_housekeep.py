"""`greenroom housekeep`: a round by hand, and what it would do."""

import asyncio
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from adapters.local.links import LocalLinks
from adapters.local.multipart import LocalMultipart
from adapters.local.storage import LocalStorage
from adapters.sqlite.assets import SqliteAssetStore
from adapters.sqlite.database import Database
from adapters.sqlite.jobs import SqliteJobStore
from adapters.sqlite.uploads import SqliteUploadStore
from domain.events import Started
from domain.jobs import advance
from entrypoints.clock import utc_now
from ports.assets import Retired
from ports.jobs import JobKind, JobStatus
from tests.contracts.stores import made_asset, made_job
from tests.contracts.uploads.test_upload_store import made_upload
from tests.integration.command.test_command import greenroom
from tests.unit.domain.makers import SECOND, in_chunks

KEY = "audio/assets/song/prepared-x.mp3"
SENT = "audio/assets/sent/original-01234567.wav"
DUE = {
    "attempts lost": 1,
    "jobs purged": 1,
    "deleted assets swept": 1,
    "retired objects removed": 1,
    "abandoned uploads swept": 1,
    "abandoned files removed": 2,
}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a folder in whose data there is something of much to do, and no server."""
    data = tmp_path / "data"
    data.mkdir()
    asyncio.run(furnish(data))
    (data / "storage" / ".partial" / "left").write_bytes(b"half")
    (data / "scratch" / "left").mkdir(parents=True)
    return tmp_path


async def furnish(data: Path) -> None:
    now = utc_now() - 60 * SECOND
    old = now - 31 * 24 * 3600 * SECOND
    async with await Database.open(data / "greenroom.db") as database:
        jobs, assets, uploads = SqliteJobStore(database), SqliteAssetStore(database), SqliteUploadStore(database)
        started = Started(worker="w", lease=now, renewal=SECOND, deadline=now)
        await jobs.add(advance(made_job(kind=JobKind.RENDER), started, now))
        await jobs.add(made_job(kind=JobKind.RENDER, status=JobStatus.FAILED, settled=True, ended=old, due=now))
        await assets.add(made_asset(id="song", retired=(Retired(KEY, now),), due=now))
        await assets.add(made_asset(id="gone", deleted=now, due=now))
        await uploads.add(made_upload(key=SENT, due=now, part_size=5))
    storage = LocalStorage(data / "storage")
    await storage.prepare()
    await storage.put(KEY, in_chunks(b"x"), "audio/mpeg")
    multipart = LocalMultipart(data / "storage", LocalLinks([]))
    await multipart.begin(SENT, "audio/wav", 5)
    await multipart.close()
    await storage.close()


def contents(home: Path) -> tuple[list[str], set[Path]]:
    """Return every row of the database, and every file and folder beside it."""
    with closing(sqlite3.connect(home / "data" / "greenroom.db")) as database:
        rows = list(database.iterdump())
    return rows, {path for path in home.rglob("*") if not path.name.startswith("greenroom.db")}


def test_a_dry_run_says_what_would_be_done_and_changes_nothing(home: Path) -> None:
    before = contents(home)
    told = greenroom("housekeep", "--dry-run", "--json", folder=home)
    assert told.returncode == 0, told.stderr
    foreseen = json.loads(told.stdout)
    deeds = [each["deed"] for each in foreseen]
    assert {deed: deeds.count(deed) for deed in deeds} == DUE
    assert [each["key"] for each in foreseen if each["key"]] == [KEY, SENT]
    shown = greenroom("housekeep", "--dry-run", folder=home).stdout
    assert all(deed in shown for deed in DUE)
    assert contents(home) == before


def test_a_round_does_it_and_says_what_it_was(home: Path) -> None:
    told = greenroom("housekeep", "--json", folder=home)
    assert told.returncode == 0, told.stderr
    assert json.loads(told.stdout) == DUE
    _, left = contents(home)
    assert not [path for path in left if path.name in {"left", "prepared-x.mp3", "data"} and path.parent.name != home.name]
    assert "There was nothing to do" in greenroom("housekeep", folder=home).stdout
    assert "There is nothing to do" in greenroom("housekeep", "--dry-run", folder=home).stdout


def test_a_round_is_shown_to_people_as_a_table(home: Path) -> None:
    shown = greenroom("housekeep", folder=home).stdout
    assert "attempts lost" in shown
    assert "times" in shown


@pytest.mark.parametrize("more", [[], ["--dry-run"]])
def test_where_no_server_ever_ran_it_says_so_and_makes_nothing(tmp_path: Path, more: list[str]) -> None:
    told = greenroom("housekeep", *more, folder=tmp_path)
    assert told.returncode == 1
    assert "There is no database at" in told.stderr
    assert list(tmp_path.iterdir()) == []
