"""Storage.stat, read, remove and list."""

import pytest

from ports.errors import NotFound
from ports.storage import Storage
from tests.contracts.storage.bodies import body, joined, keys
from tests.unit.local.inspecting import open_files, open_sockets

pytestmark = pytest.mark.anyio
CONTENT = bytes(range(256)) * 4096


async def test_stat_raises_not_found_if_there_is_none(storage: Storage) -> None:
    await storage.put("folder/a.mp3", body(b"x"), "audio/mpeg")
    for absent in ("a.mp3", "folder", "folder/b.mp3", "folder/a.mp3/b.mp3", "other/folder/a.mp3"):
        with pytest.raises(NotFound):
            await storage.stat(absent)


async def test_read_raises_not_found_at_the_first_step_if_there_is_none(storage: Storage) -> None:
    chunks = storage.read("a.mp3")
    with pytest.raises(NotFound):
        await anext(chunks)


@pytest.mark.parametrize(
    "start", [0, 1, 255, 256 * 1024 - 1, 256 * 1024, 700_000, len(CONTENT) - 1, len(CONTENT), len(CONTENT) + 9]
)
@pytest.mark.parametrize("length", [0, 1, 2, 65_536, 256 * 1024 + 1, 900_000, 2 * len(CONTENT), None])
async def test_read_yields_the_range_or_what_there_is_of_it(storage: Storage, start: int, length: int | None) -> None:
    await storage.put("a.mp3", body(CONTENT), "audio/mpeg")
    end = len(CONTENT) if length is None else start + length
    assert await joined(storage.read("a.mp3", start, length)) == CONTENT[start:end]


async def test_read_yields_chunks(storage: Storage) -> None:
    await storage.put("a.mp3", body(CONTENT), "audio/mpeg")
    sizes = [len(chunk) async for chunk in storage.read("a.mp3")]
    assert len(sizes) > 1
    assert min(sizes) > 0


@pytest.mark.parametrize("steps", [0, 1, 2])
async def test_stopping_early_leaves_nothing_open(storage: Storage, steps: int) -> None:
    await storage.put("a.mp3", body(CONTENT), "audio/mpeg")
    before, sockets_before = open_files(), open_sockets()
    for _ in range(20):
        chunks = storage.read("a.mp3")
        for _ in range(steps):
            await anext(chunks)
        await chunks.aclose()
    assert open_files() == before
    assert open_sockets() <= sockets_before  # one that waits to be used again may have been used up


async def test_remove_removes_the_object(storage: Storage) -> None:
    await storage.put("folder/a.mp3", body(b"first"), "audio/mpeg")
    await storage.put("folder/b.mp3", body(b"stays"), "audio/mpeg")
    await storage.remove("folder/a.mp3")
    assert await keys(storage) == ["folder/b.mp3"]
    with pytest.raises(NotFound):
        await storage.stat("folder/a.mp3")
    await storage.put("folder/a.mp3", body(b"second"), "audio/mpeg")
    assert await joined(storage.read("folder/a.mp3")) == b"second"


async def test_removing_one_that_is_not_there_succeeds(storage: Storage) -> None:
    await storage.put("folder/a.mp3", body(b"x"), "audio/mpeg")
    for absent in ("b.mp3", "folder", "folder/b.mp3", "folder/a.mp3/b.mp3"):
        await storage.remove(absent)
    assert await keys(storage) == ["folder/a.mp3"]


NAMES = ["a.mp3", "a/b.mp3", "a/b/c.mp3", "a0.mp3", "aa/b.mp3", "a-b/c.mp3", "b.mp3", "Z.mp3", "ä.mp3", "z/𝄞.mp3", "z/\uffee.mp3"]


@pytest.mark.parametrize(
    "prefix",
    ["", "a", "a/", "a/b", "a/b/", "a/b.mp3", "a/b.mp3x", "b", "z/", "ä", "none/", "/", "a//", "../", ".", "a/../", "\0"],
)
async def test_list_yields_the_keys_that_start_with_the_prefix_in_order(storage: Storage, prefix: str) -> None:
    for name in NAMES:
        await storage.put(name, body(name.encode()), "audio/mpeg")
    assert await keys(storage, prefix) == sorted(name for name in NAMES if name.startswith(prefix))


async def test_list_yields_what_stat_says_but_for_the_type(storage: Storage) -> None:
    await storage.put("folder/a.mp3", body(b"bytes"), "audio/mpeg")
    [listed] = [listed async for listed in storage.list("folder/")]
    found = await storage.stat("folder/a.mp3")
    assert (listed.key, listed.size, listed.etag, listed.modified) == (found.key, found.size, found.etag, found.modified)


async def test_objects_removed_while_a_list_is_read_do_no_harm(storage: Storage) -> None:
    for number in range(20):
        await storage.put(f"{number:02}/a.mp3", body(b"x"), "audio/mpeg")
    seen = []
    async for stored in storage.list(""):
        seen.append(stored.key)
        await storage.remove(stored.key)
        await storage.remove("15/a.mp3")
    assert set(seen) | {"15/a.mp3"} == {f"{number:02}/a.mp3" for number in range(20)}
    assert await keys(storage) == []
