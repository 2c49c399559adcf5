"""What the system refuses reaches the caller in the words of the ports, and a storage out of order says so."""

import asyncio
import errno
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.local import objects, partials
from adapters.local.faults import translated
from adapters.local.storage import LocalStorage
from ports.errors import InvalidKey, NotFound, OutOfSpace, Unavailable
from tests.unit.local.inspecting import names, open_files

pytestmark = pytest.mark.anyio

FULL = """
import asyncio, os, resource, sys
from pathlib import Path
from adapters.local.storage import LocalStorage
from ports.errors import OutOfSpace

async def body(count):
    for _ in range(count):
        yield b"x" * 2**20

async def fill(root):
    storage = LocalStorage(root)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_500_000, 2_500_000))
    try:
        await storage.put("folder/large.mp3", body(5), "audio/mpeg")
    except OutOfSpace:
        print("out of space", os.listdir(root / ".partial"), [stored async for stored in storage.list("")])
    await storage.put("folder/small.mp3", body(2), "audio/mpeg")
    print([stored.key async for stored in storage.list("")])

asyncio.run(fill(Path(sys.argv[1])))
"""


async def body() -> AsyncIterator[bytes]:
    yield b"bytes"


async def test_a_disk_that_fills_up_half_way_leaves_nothing(tmp_path: Path) -> None:
    done = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", FULL, str(tmp_path)], check=True, capture_output=True, text=True
    )
    assert done.stdout.splitlines() == ["out of space [] []", "['folder/small.mp3']"]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (errno.ENOSPC, OutOfSpace),
        (errno.EDQUOT, OutOfSpace),
        (errno.EIO, Unavailable),
        (errno.ESTALE, Unavailable),
        (errno.EROFS, Unavailable),
        (errno.EACCES, Unavailable),
        (errno.EMFILE, Unavailable),
        (errno.ENOTSUP, Unavailable),
        (errno.ENOENT, NotFound),
        (errno.ENOTDIR, NotFound),
        (errno.ELOOP, InvalidKey),
        (errno.EBADF, OSError),
    ],
)
def test_what_the_system_refuses_is_said_in_the_words_of_the_ports(code: int, expected: type[Exception]) -> None:
    with pytest.raises(expected), translated("a.mp3"):
        raise OSError(code, os.strerror(code))


@pytest.mark.parametrize("step", ["begin", "extend", "publish"])
async def test_a_disk_that_is_full_at_any_step_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "full")

    storage = LocalStorage(tmp_path)
    await storage.put("before.mp3", body(), "audio/mpeg")
    with monkeypatch.context() as patch:
        patch.setattr(partials, step, full)
        with pytest.raises(OutOfSpace):
            await storage.put("a.mp3", body(), "audio/mpeg")
    assert names(tmp_path / ".partial") == []
    await storage.put("a.mp3", body(), "audio/mpeg")


async def test_a_disk_that_breaks_while_it_is_read_is_unavailable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise OSError(errno.EIO, "broken")

    storage = LocalStorage(tmp_path)
    await storage.put("a.mp3", body(), "audio/mpeg")
    monkeypatch.setattr(objects, "folders", broken)
    with pytest.raises(Unavailable):
        await storage.stat("a.mp3")


async def test_a_folder_that_can_be_written_is_ready(tmp_path: Path) -> None:
    storage = LocalStorage(tmp_path)
    assert storage.name == "storage"
    await storage.check()
    assert names(tmp_path / ".partial") == []


@pytest.mark.parametrize("obstacle", ["root", "root/.partial"])
async def test_a_folder_that_can_not_be_written_is_not_ready(tmp_path: Path, obstacle: str) -> None:
    (tmp_path / obstacle).parent.mkdir(exist_ok=True)
    (tmp_path / obstacle).write_bytes(b"a file where a folder should be")
    with pytest.raises(Unavailable):
        await LocalStorage(tmp_path / "root").check()


async def test_a_full_disk_is_not_ready(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(partials, "extend", full)
    with pytest.raises(OutOfSpace):
        await LocalStorage(tmp_path).check()
    assert names(tmp_path / ".partial") == []


@pytest.mark.parametrize("code", [errno.EPERM, errno.ENOTSUP, errno.ENOSYS])
async def test_a_file_system_without_links_is_not_ready(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "link", unknown)
    with pytest.raises(Unavailable):
        await LocalStorage(tmp_path).check()
    assert names(tmp_path / ".partial") == []


async def test_opening_gives_a_descriptor_and_what_was_true_of_the_object_then(tmp_path: Path) -> None:
    storage = LocalStorage(tmp_path)
    stored = await storage.put("a.mp3", body(), "audio/mpeg")
    opened = await storage.open("a.mp3")
    await storage.remove("a.mp3")
    assert opened.object == stored
    assert os.read(opened.descriptor, 100) == b"bytes"
    os.close(opened.descriptor)
    with pytest.raises(NotFound):
        await storage.open("a.mp3")


async def test_opening_that_is_cancelled_leaves_nothing_open(tmp_path: Path) -> None:
    storage = LocalStorage(tmp_path)
    await storage.put("a.mp3", body(), "audio/mpeg")
    before = open_files()
    for steps in range(100):
        opening = asyncio.create_task(storage.open("a.mp3"))
        for _ in range(steps):
            await asyncio.sleep(0)
        opening.cancel()
        for opened in await asyncio.gather(opening, return_exceptions=True):
            if not isinstance(opened, BaseException):
                os.close(opened.descriptor)
    assert open_files() == before
