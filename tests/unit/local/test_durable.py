"""What is synced before somebody relies on it: files, and every folder in the one above."""

import errno
import fcntl
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from adapters.local import durable
from adapters.local.storage import LocalStorage

pytestmark = pytest.mark.anyio

FULL = 51
"""What F_FULLFSYNC is on a Mac."""


async def body() -> AsyncIterator[bytes]:
    yield b"bytes"


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Give a list of what is synced, in order."""
    paths: list[Path] = []
    sync = os.fsync

    def note(descriptor: int) -> None:
        paths.append(Path(f"/proc/self/fd/{descriptor}").readlink())
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    return paths


@pytest.fixture
def offer(monkeypatch: pytest.MonkeyPatch) -> Callable[[int | None], list[int]]:
    """Give a function that has this machine offer F_FULLFSYNC as a Mac does, which fails by a code, and lists its calls."""

    def offered(code: int | None) -> list[int]:
        calls: list[int] = []

        def answer(_: int, operation: int) -> None:
            calls.append(operation)
            if code is not None:
                raise OSError(code, os.strerror(code))

        monkeypatch.setattr(fcntl, "F_FULLFSYNC", FULL, raising=False)
        monkeypatch.setattr(fcntl, "fcntl", answer)
        return calls

    return offered


async def test_the_folders_that_are_made_on_the_way_to_an_object_are_each_synced_in_the_one_above(
    tmp_path: Path, synced: list[Path]
) -> None:
    root = tmp_path / "data" / "storage"
    storage = LocalStorage(root)
    await storage.prepare()
    await storage.put("a/b/c.mp3", body(), "audio/mpeg")
    assert {tmp_path, tmp_path / "data", root, root / "a", root / "a" / "b"} <= set(synced)


async def test_a_file_is_synced_before_it_has_its_key_and_its_folder_afterwards(tmp_path: Path, synced: list[Path]) -> None:
    await LocalStorage(tmp_path).put("a.mp3", body(), "audio/mpeg")
    first, *_, last = synced
    assert first.parent == tmp_path / ".partial"
    assert last == tmp_path


def test_a_folder_that_is_there_is_not_synced_again(tmp_path: Path, synced: list[Path]) -> None:
    durable.make_folder(tmp_path)
    assert synced == []


def test_a_file_where_a_folder_should_be_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(NotADirectoryError):
            durable.make_folder(folder)


def test_where_the_drive_has_a_cache_of_its_own_that_is_emptied_too(
    tmp_path: Path, synced: list[Path], offer: Callable[[int | None], list[int]]
) -> None:
    calls = offer(None)
    durable.make_folder(tmp_path / "made")
    assert (calls, synced) == ([FULL], [])


def test_a_file_system_that_can_not_do_that_is_synced_as_usual(
    tmp_path: Path, synced: list[Path], offer: Callable[[int | None], list[int]]
) -> None:
    offer(errno.ENOTSUP)
    durable.make_folder(tmp_path / "made")
    assert synced == [tmp_path]


def test_a_disk_that_fails_to_sync_is_an_error(tmp_path: Path, offer: Callable[[int | None], list[int]]) -> None:
    offer(errno.EIO)
    with pytest.raises(OSError, match="Input/output error"):
        durable.make_folder(tmp_path / "made")
