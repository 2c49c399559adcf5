"""The database is upgraded while a process of the first version goes on with it: nobody is held up, nothing is lost."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from uuid import UUID

import pytest
from sqlite_utils import Database as Tables
from sqlite_utils import Migrations

from adapters.sqlite.assets import SqliteAssetStore
from adapters.sqlite.database import Database
from adapters.sqlite.feed import SqliteJobFeed
from adapters.sqlite.jobs import SqliteJobStore
from adapters.sqlite.schema import jobs_and_assets
from ports.jobs import JobStatus
from tests.contracts.stores import made_job

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[3]


class Older:
    """A process of the first version, and what it has said to be kept: the ids of jobs and assets."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.kept: list[tuple[str, str]] = []

    def go_on(self, rounds: int) -> None:
        """Wait until it has written so often once more."""
        assert self.process.stdout is not None
        for _ in range(rounds):
            _, job, asset = self.process.stdout.readline().split()
            self.kept.append((job, asset))

    def stop(self) -> str:
        """Let it end, and return what it complained of."""
        assert self.process.stdin
        assert self.process.stdout
        assert self.process.stderr
        self.process.stdin.close()
        self.kept += [(job, asset) for _, job, asset in map(str.split, self.process.stdout)]
        return self.process.stderr.read()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give a database as the first version made it."""
    first = Migrations("greenroom")
    first()(jobs_and_assets)
    with closing(sqlite3.connect(tmp_path / "greenroom.db", isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        first.apply(Tables(connection))
    return tmp_path / "greenroom.db"


@contextmanager
def older(path: Path) -> Iterator[Older]:
    command = [sys.executable, "-m", "tests.integration.sqlite.older", str(path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
        yield Older(process)


async def test_a_process_of_the_first_version_goes_on_while_another_upgrades_the_database(path: Path) -> None:
    with ExitStack() as stack:
        processes = [stack.enter_context(older(path)) for _ in range(2)]
        for process in processes:
            process.go_on(20)
        async with await Database.open(path) as database:
            jobs = SqliteJobStore(database)
            added = [made_job() for _ in range(50)]
            for job in added:
                await jobs.add(job)
                await jobs.get(UUID(processes[0].kept[0][0]))
            for process in processes:
                process.go_on(20)
        assert [process.stop() for process in processes] == ["", ""]
    kept = [pair for process in processes for pair in process.kept]
    assert len(kept) >= 80
    await assert_kept(path, kept, added=[job.id for job in added])


async def assert_kept(path: Path, kept: list[tuple[str, str]], added: list[UUID]) -> None:
    """Fail unless everything that was acknowledged is there, and to be found."""
    async with await Database.open(path) as database:
        jobs, assets = SqliteJobStore(database), SqliteAssetStore(database)
        for job, asset in kept:
            assert (await jobs.get(UUID(job))).status is JobStatus.COMPLETE
            assert [found.id for found in (await assets.page(prefix=f"old {asset}")).items] == [asset]
        for job_id in added:
            await jobs.get(job_id)
        assert len((await jobs.page(limit=10_000)).items) == len(kept) + len(added)


async def test_what_a_process_of_the_first_version_changes_is_news_at_once(path: Path) -> None:
    async with await Database.open(path) as database:
        with older(path) as process:
            process.go_on(5)
            assert process.stop() == ""
        changed = {change.job_id for change in await SqliteJobFeed(database).since(0)}
    assert {UUID(job) for job, _ in process.kept} == changed
