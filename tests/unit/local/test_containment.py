"""Nothing that was planted below the root leads outside of it, or stops us."""

import os
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.local.storage import LocalStorage
from ports.errors import AlreadyExists, InvalidKey, NotFound
from tests.unit.local.inspecting import names

pytestmark = pytest.mark.anyio


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.mp3").write_bytes(b"secret")
    (tmp_path / "root" / "folder").mkdir(parents=True)
    return tmp_path / "root"


@pytest.fixture
def storage(root: Path) -> LocalStorage:
    return LocalStorage(root)


async def body() -> AsyncIterator[bytes]:
    yield b"bytes"


async def refused(storage: LocalStorage, key: str) -> None:
    with pytest.raises(InvalidKey):
        await storage.stat(key)
    with pytest.raises(InvalidKey):
        await storage.open(key)
    with pytest.raises(InvalidKey):
        await anext(storage.read(key))
    with pytest.raises(InvalidKey):
        await storage.put(key, body(), "audio/mpeg")
    with pytest.raises(InvalidKey):
        await storage.remove(key)
    assert [stored.key async for stored in storage.list("")] == []
    assert [stored.key async for stored in storage.list(key)] == []


@pytest.mark.parametrize(
    "target", ["../../outside/secret.mp3", "../../outside/absent.mp3", "../../outside", "link.mp3", "/dev/zero"]
)
async def test_an_object_that_is_a_symbolic_link_is_refused(storage: LocalStorage, root: Path, target: str) -> None:
    (root / "folder" / "link.mp3").symlink_to(target)
    await refused(storage, "folder/link.mp3")
    assert (root / "folder" / "link.mp3").is_symlink()
    assert names(root.parent / "outside") == ["secret.mp3"]


@pytest.mark.parametrize("target", ["../outside", "folder", ".", "/", "absent"])
@pytest.mark.parametrize("key", ["link/secret.mp3", "link/deeper/secret.mp3"])
async def test_a_symbolic_link_on_the_way_is_refused(storage: LocalStorage, root: Path, target: str, key: str) -> None:
    (root / "link").symlink_to(target)
    await refused(storage, key)
    assert (root.parent / "outside" / "secret.mp3").read_bytes() == b"secret"


async def test_the_root_itself_may_be_a_symbolic_link(root: Path) -> None:
    (root.parent / "alias").symlink_to(root)
    storage = LocalStorage(root.parent / "alias")
    await storage.put("a.mp3", body(), "audio/mpeg")
    assert (root / "a.mp3").read_bytes() == b"bytes"


async def test_a_fifo_a_socket_and_a_folder_are_no_objects(storage: LocalStorage, root: Path) -> None:
    os.mkfifo(root / "fifo")
    os.mknod(root / "socket", stat.S_IFSOCK)
    for key in ("fifo", "socket", "folder"):
        with pytest.raises(NotFound):
            await storage.stat(key)
        with pytest.raises(NotFound):
            await storage.open(key)
        with pytest.raises(AlreadyExists):
            await storage.put(key, body(), "audio/mpeg")
        await storage.remove(key)
    assert [stored.key async for stored in storage.list("")] == []
    assert names(root) == [".partial", "fifo", "folder", "socket"]


async def test_of_a_key_on_another_s_way_the_second_counts_as_taken(storage: LocalStorage) -> None:
    await storage.put("a", body(), "audio/mpeg")
    with pytest.raises(AlreadyExists):
        await storage.put("a/b", body(), "audio/mpeg")
    await storage.put("c/d", body(), "audio/mpeg")
    with pytest.raises(AlreadyExists):
        await storage.put("c", body(), "audio/mpeg")
    assert [stored.key async for stored in storage.list("")] == ["a", "c/d"]


async def test_names_that_are_no_keys_are_not_listed(storage: LocalStorage, root: Path) -> None:
    (root / ".hidden").write_bytes(b"x")
    (root / "folder" / ".hidden").write_bytes(b"x")
    (root / ".git").mkdir()
    (root / ".git" / "a.mp3").write_bytes(b"x")
    (root / "back\\slash").write_bytes(b"x")
    (root / os.fsdecode(b"not\xffutf8")).write_bytes(b"x")
    assert [stored.key async for stored in storage.list("")] == []
