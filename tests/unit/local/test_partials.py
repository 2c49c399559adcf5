"""Files on their way: what is left of writers that die, and what sweeping does to writers that live."""

import asyncio
import fcntl
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.local import partials
from adapters.local.storage import LocalStorage
from ports.errors import AlreadyExists, NotFound
from tests.unit.local.gates import Gate
from tests.unit.local.inspecting import names, open_files

pytestmark = pytest.mark.anyio

WRITER = """
import asyncio, sys
from pathlib import Path
from adapters.local.storage import LocalStorage

async def body():
    for number in range(3):
        yield b"x" * 2**20
    print("writing", flush=True)
    await asyncio.sleep(60)

asyncio.run(LocalStorage(Path(sys.argv[1])).put("folder/a.mp3", body(), "audio/mpeg"))
"""


async def body(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


def left(root: Path) -> list[str]:
    return names(root / ".partial")


def writer(root: Path) -> "subprocess.Popen[bytes]":
    process = subprocess.Popen([sys.executable, "-c", WRITER, str(root)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"writing\n"
    return process


async def test_a_writer_killed_half_way_leaves_a_partial_file_that_a_sweep_removes(tmp_path: Path) -> None:
    storage = LocalStorage(tmp_path)
    with writer(tmp_path) as process:
        assert await storage.sweep() == 0, "it lives, and holds its lock"
        assert len(left(tmp_path)) == 1
        process.send_signal(signal.SIGKILL)
    assert [stored.key async for stored in storage.list("")] == []
    assert await storage.sweep() == 1
    assert left(tmp_path) == []
    await storage.put("folder/a.mp3", body(b"again"), "audio/mpeg")


async def test_nothing_partial_stays_after_a_put(tmp_path: Path) -> None:
    storage = LocalStorage(tmp_path)
    await storage.put("a.mp3", body(b"first"), "audio/mpeg")
    with pytest.raises(AlreadyExists):
        await storage.put("a.mp3", body(b"second"), "audio/mpeg")
    assert left(tmp_path) == []
    assert (tmp_path / "a.mp3").stat().st_nlink == 1


async def test_a_put_of_a_taken_key_does_not_ask_for_the_body(tmp_path: Path) -> None:
    async def unwanted() -> AsyncIterator[bytes]:
        pytest.fail("the body was read")
        yield b""

    storage = LocalStorage(tmp_path)
    await storage.put("a.mp3", body(b"first"), "audio/mpeg")
    with pytest.raises(AlreadyExists):
        await storage.put("a.mp3", unwanted(), "audio/mpeg")


@pytest.mark.parametrize(
    ("step", "kept"),
    [("refuse_taken", []), ("begin", []), ("extend", []), ("publish", ["a.mp3"]), ("discard", ["a.mp3"])],
)
async def test_a_put_that_is_cancelled_at_any_step_leaves_no_partial_file_and_no_descriptor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, kept: list[str]
) -> None:
    storage, gate, before = LocalStorage(tmp_path), Gate(), open_files()
    monkeypatch.setattr(partials, step, gate.before(getattr(partials, step)))
    putting = asyncio.create_task(storage.put("a.mp3", body(b"x" * 2**20, b"y"), "audio/mpeg"))
    await gate.reached.wait()
    putting.cancel()
    await asyncio.sleep(0)
    gate.open()
    with pytest.raises(asyncio.CancelledError):
        await putting
    assert left(tmp_path) == []
    assert open_files() == before
    assert [stored.key async for stored in storage.list("")] == kept


async def test_sweeping_all_the_time_harms_no_put(tmp_path: Path) -> None:
    storage, sweeper = LocalStorage(tmp_path), LocalStorage(tmp_path)

    async def sweep_on() -> None:
        while True:
            await sweeper.sweep()

    sweeping = asyncio.create_task(sweep_on())
    await asyncio.gather(*(storage.put(f"{number}.mp3", body(b"a", b"b"), "audio/mpeg") for number in range(100)))
    sweeping.cancel()
    assert len([stored async for stored in storage.list("")]) == 100


def test_a_file_swept_before_it_was_locked_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock = fcntl.flock
    swept: list[int] = []

    def lock_late(descriptor: int, operation: int) -> None:
        if not swept:
            swept.append(descriptor)
            assert partials.sweep(tmp_path) == 1
        lock(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", lock_late)
    partial = partials.begin(tmp_path)
    assert left(tmp_path) == [partial.name]
    partials.discard(tmp_path, partial)


async def test_folders_left_empty_go_with_their_last_object(tmp_path: Path) -> None:
    storage = LocalStorage(tmp_path)
    await storage.put("a/b/c/1.mp3", body(b"x"), "audio/mpeg")
    await storage.put("a/2.mp3", body(b"x"), "audio/mpeg")
    await storage.remove("a/b/c/1.mp3")
    assert names(tmp_path / "a") == ["2.mp3"]
    await storage.remove("a/2.mp3")
    assert names(tmp_path) == [".partial"]


async def test_puts_and_removals_in_one_folder_do_not_disturb_each_other(tmp_path: Path) -> None:
    storage = LocalStorage(tmp_path)

    async def come_and_go(number: int) -> None:
        for _ in range(15):
            await storage.put(f"a/b/{number}.mp3", body(b"x"), "audio/mpeg")
            await storage.remove(f"a/b/{number}.mp3")

    await asyncio.gather(*(come_and_go(number) for number in range(6)))
    with pytest.raises(NotFound):
        await storage.stat("a/b/0.mp3")
    assert names(tmp_path) == [".partial"]
