"""Folders for work in progress."""

import asyncio
import fcntl
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest

from entrypoints.scratch import scratch_folder, sweep
from tests.unit.local.inspecting import names, open_files

pytestmark = pytest.mark.anyio

DIES_AT_WORK = """
import asyncio, os, signal, sys, pathlib
from entrypoints.scratch import scratch_folder

async def work():
    async with scratch_folder(pathlib.Path(sys.argv[1])):
        os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(work())
"""


async def use(root: Path, at_work: asyncio.Event) -> None:
    async with scratch_folder(root) as folder:
        (folder / "half.mp3").write_bytes(b"...")
        at_work.set()
        await asyncio.Event().wait()


async def test_a_folder_is_gone_with_everything_in_it_when_its_work_ends(tmp_path: Path) -> None:
    async with scratch_folder(tmp_path / "scratch") as folder:
        (folder / "half.mp3").write_bytes(b"...")
    assert names(tmp_path / "scratch") == []


async def test_a_folder_is_gone_when_its_work_fails(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="work"):
        async with scratch_folder(tmp_path):
            raise ValueError("work failed")
    assert names(tmp_path) == []


async def test_a_folder_is_gone_when_its_work_is_cancelled_however_often(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loop, remove = asyncio.get_running_loop(), shutil.rmtree
    at_work, removing, go_on = asyncio.Event(), asyncio.Event(), threading.Event()

    def remove_slowly(path: Path, *, ignore_errors: bool) -> None:
        loop.call_soon_threadsafe(removing.set)
        go_on.wait()
        remove(path, ignore_errors=ignore_errors)

    monkeypatch.setattr(shutil, "rmtree", remove_slowly)
    using = asyncio.ensure_future(use(tmp_path, at_work))
    await at_work.wait()
    using.cancel()
    await removing.wait()
    for _ in range(3):
        using.cancel()
        await asyncio.sleep(0)
    assert not using.done()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await using
    assert names(tmp_path) == []


async def test_a_folder_is_gone_when_its_work_is_cancelled_while_it_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop, make = asyncio.get_running_loop(), tempfile.mkdtemp
    making, go_on = asyncio.Event(), threading.Event()

    def make_slowly(*, dir: Path) -> str:  # noqa: A002 - as the standard library calls it
        loop.call_soon_threadsafe(making.set)
        go_on.wait()
        return make(dir=dir)

    monkeypatch.setattr(tempfile, "mkdtemp", make_slowly)
    using = asyncio.ensure_future(use(tmp_path, asyncio.Event()))
    await making.wait()
    using.cancel()
    await asyncio.sleep(0)
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await using
    assert names(tmp_path) == []


async def test_where_no_folder_can_be_made_the_work_learns_why(tmp_path: Path) -> None:
    (tmp_path / "scratch").write_bytes(b"a file where a folder should be")
    with pytest.raises(FileExistsError):
        async with scratch_folder(tmp_path / "scratch"):
            pytest.fail("there is no folder to work in")


async def test_a_sweep_leaves_the_folders_of_the_living(tmp_path: Path) -> None:
    async with scratch_folder(tmp_path) as folder:
        sweep(tmp_path)
        assert folder.is_dir()


async def test_a_folder_that_is_swept_before_it_was_locked_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock = fcntl.flock
    swept: list[int] = []

    def lock_late(descriptor: int, operation: int) -> None:
        if not swept:
            swept.append(descriptor)
            sweep(tmp_path)
        lock(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", lock_late)
    async with scratch_folder(tmp_path) as folder:
        assert swept
        assert names(tmp_path) == [folder.name]
        sweep(tmp_path)
        assert folder.is_dir()


async def test_a_folder_that_is_swept_before_it_was_opened_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make = tempfile.mkdtemp
    swept: list[str] = []

    def make_and_sweep(*, dir: Path) -> str:  # noqa: A002 - as the standard library calls it
        made = make(dir=dir)
        if not swept:
            swept.append(made)
            sweep(tmp_path)
        return made

    monkeypatch.setattr(tempfile, "mkdtemp", make_and_sweep)
    async with scratch_folder(tmp_path) as folder:
        assert swept
        assert names(tmp_path) == [folder.name]


def test_a_sweep_removes_the_folders_of_the_dead(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", DIES_AT_WORK, str(tmp_path)], check=False, cwd=Path(__file__).parents[3])
    assert len(names(tmp_path)) == 1
    sweep(tmp_path)
    assert names(tmp_path) == []


def test_a_sweep_removes_a_folder_whose_process_died_before_it_was_locked(tmp_path: Path) -> None:
    tempfile.mkdtemp(dir=tmp_path)
    sweep(tmp_path)
    assert names(tmp_path) == []


def test_a_sweep_leaves_nothing_open_and_passes_by_what_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "a file").write_bytes(b"...")
    tempfile.mkdtemp(dir=tmp_path)
    before = open_files()
    sweep(tmp_path)
    assert open_files() == before
    assert names(tmp_path) == ["a file"]


def test_a_sweep_where_nothing_ever_was_is_fine(tmp_path: Path) -> None:
    sweep(tmp_path / "nowhere")
