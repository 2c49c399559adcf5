"""One SQLite file, several processes: nothing is handed out twice, nothing acknowledged is lost."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from uuid import UUID

import pytest

from adapters.sqlite.database import Database
from adapters.sqlite.jobs import SqliteJobStore
from ports.jobs import JobStatus
from tests.contracts.stores import made_job
from tests.integration.sqlite.process import NOW

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[3]
ACKNOWLEDGED = re.compile(r"^ack (\S+)$", re.MULTILINE)


def command(path: Path, task: str, together: int, count: int = 0) -> list[str]:
    return [sys.executable, "-m", "tests.integration.sqlite.process", str(path), task, str(together), str(count)]


@contextmanager
def running(arguments: list[str]) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        yield process


async def test_four_processes_take_each_job_once_and_none_finds_the_file_locked(tmp_path: Path) -> None:
    path = tmp_path / "greenroom.db"
    added = [made_job(created=NOW, due=NOW) for _ in range(400)]
    async with await Database.open(path) as database:
        jobs = SqliteJobStore(database)
        for job in added:
            await jobs.add(job)
        with ExitStack() as stack:
            takers = [stack.enter_context(running(command(path, "take", together=4))) for _ in range(4)]
            spoken = [taker.communicate(timeout=60) for taker in takers]
        assert [complaints for _, complaints in spoken] == [""] * 4
        taken = ACKNOWLEDGED.findall("".join(said for said, _ in spoken))
        assert sorted(taken) == sorted(str(job.id) for job in added)
        assert len((await jobs.page(statuses=[JobStatus.COMPLETE], limit=500)).items) == 400


async def test_four_processes_make_one_new_file_together(tmp_path: Path) -> None:
    path = tmp_path / "greenroom.db"
    with ExitStack() as stack:
        adders = [stack.enter_context(running(command(path, "add", together=8, count=25))) for _ in range(4)]
        spoken = [adder.communicate(timeout=60) for adder in adders]
    assert [complaints for _, complaints in spoken] == [""] * 4
    async with await Database.open(path) as database:
        kept = (await SqliteJobStore(database).page(limit=1000)).items
    assert sorted(str(job.id) for job in kept) == sorted(ACKNOWLEDGED.findall("".join(said for said, _ in spoken)))


@pytest.mark.parametrize("lines", [1, 500, 3000])
async def test_what_a_killed_process_acknowledged_is_kept(tmp_path: Path, lines: int) -> None:
    path = tmp_path / "greenroom.db"
    with running(command(path, "add", together=64, count=1_000_000)) as writer:
        assert writer.stdout is not None
        said = "".join(writer.stdout.readline() for _ in range(lines))
        writer.kill()
        said += writer.stdout.read()
    acknowledged = ACKNOWLEDGED.findall(said)
    assert len(acknowledged) >= lines
    async with await Database.open(path) as database:
        jobs = SqliteJobStore(database)
        for job_id in acknowledged:
            await jobs.get(UUID(job_id))


def test_the_disk_is_synced_between_each_change_and_its_acknowledgement(tmp_path: Path) -> None:
    if shutil.which("strace") is None:
        # Elsewhere, what the unit tests see must do: `synchronous` is FULL, and the answer comes after COMMIT.
        assert "CI" not in os.environ, "strace is missing"
        pytest.skip("strace is missing")
    log = tmp_path / "system-calls"
    traced = ["strace", "-f", "-y", "-e", "trace=pwrite64,write,fsync,fdatasync", "-o", str(log)]
    done = subprocess.run([*traced, *command(tmp_path / "greenroom.db", "add", 1, 20)], cwd=ROOT, check=True, capture_output=True)
    assert done.stdout.count(b"ack") == 20
    assert acknowledged_after_sync(log.read_text()) == [True] * 20


def acknowledged_after_sync(log: str) -> list[bool]:
    """Say of each acknowledgement in the log whether all that was written to the database by then had been synced."""
    answers, synced = [], False
    for call, file, rest in re.findall(r"^\d+ +(\w+)\(\d+<([^>]*)>(.*)$", log, re.MULTILINE):
        if "greenroom.db-wal" in file:
            synced = call in {"fsync", "fdatasync"}
        elif call == "write" and '"ack ' in rest:
            answers.append(synced)
            synced = False
    return answers
