"""Storage.put: whole or not at all."""

import asyncio
import errno
import tracemalloc
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ports.errors import AlreadyExists, NotFound
from ports.storage import Storage
from tests.contracts.storage.bodies import body, broken, joined, keys
from tests.contracts.storage.harness import Harness

pytestmark = pytest.mark.anyio
MIB = 1024 * 1024


@pytest.mark.parametrize(
    "chunks",
    [(), (b"",), (b"one",), (b"", b"a", b"", b"b"), (b"x",) * 5000, (b"big" * MIB, b"tail")],
    ids=["nothing", "an empty chunk", "one", "some empty", "many small", "large"],
)
async def test_put_stores_the_bytes_of_body(storage: Storage, chunks: tuple[bytes, ...]) -> None:
    stored = await storage.put("folder/a.mp3", body(*chunks), "audio/mpeg")
    assert await joined(storage.read("folder/a.mp3")) == b"".join(chunks)
    assert stored.size == len(b"".join(chunks))


async def test_put_returns_what_stat_says(storage: Storage) -> None:
    stored = await storage.put("a.mp3", body(b"bytes"), "audio/mpeg")
    assert stored == await storage.stat("a.mp3")
    assert stored.key == "a.mp3"
    assert abs(datetime.now(UTC) - stored.modified) < timedelta(minutes=1)


async def test_modified_is_in_utc(storage: Storage) -> None:
    assert (await storage.put("a.mp3", body(b"bytes"), "audio/mpeg")).modified.tzinfo is UTC


async def test_the_etag_is_strong_and_carries_its_quotes(storage: Storage) -> None:
    stored = await storage.put("a.mp3", body(b"bytes"), "audio/mpeg")
    assert stored.etag[0] == stored.etag[-1] == '"'
    assert len(stored.etag) > 2


async def test_other_bytes_under_the_same_key_have_another_etag(storage: Storage, harness: Harness, tmp_path: Path) -> None:
    await storage.put("a.mp3", body(b"bytes"), "audio/mpeg")
    harness.age(tmp_path, "a.mp3")
    first = await storage.stat("a.mp3")
    await storage.remove("a.mp3")
    assert (await storage.put("a.mp3", body(b"other"), "audio/mpeg")).etag != first.etag


@pytest.mark.parametrize(
    ("key", "given", "by_ending"),
    [
        ("a.mp3", "audio/x-special", "audio/mpeg"),
        ("a.OPUS", "audio/ogg; codecs=opus", "audio/ogg"),
        ("a.peaks.json", "application/json", "application/json"),
        ("a", "audio/flac", "application/octet-stream"),
        ("mp3/a", "audio/flac", "application/octet-stream"),
    ],
)
async def test_an_object_has_the_type_it_was_given_or_its_ending_s(
    storage: Storage, harness: Harness, key: str, given: str, by_ending: str
) -> None:
    await storage.put(key, body(b"x"), given)
    assert (await storage.stat(key)).content_type == (given if harness.keeps_type else by_ending)


async def test_put_raises_already_exists_if_the_key_is_taken(storage: Storage) -> None:
    first = await storage.put("a.mp3", body(b"first"), "audio/mpeg")
    with pytest.raises(AlreadyExists):
        await storage.put("a.mp3", body(b"second"), "audio/mpeg")
    assert await joined(storage.read("a.mp3")) == b"first"
    assert await storage.stat("a.mp3") == first


async def test_of_puts_that_race_one_wins(storage: Storage) -> None:
    contents = [bytes([number]) * 200_000 for number in range(8)]
    together = asyncio.Barrier(len(contents))

    async def met(content: bytes) -> AsyncIterator[bytes]:
        yield content[:100_000]
        await together.wait()
        yield content[100_000:]

    outcomes = await asyncio.gather(
        *(storage.put("new/folder/a.mp3", met(content), "audio/mpeg") for content in contents), return_exceptions=True
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["AlreadyExists"] * 7 + ["StoredObject"]
    assert await joined(storage.read("new/folder/a.mp3")) in contents


@pytest.mark.parametrize(
    "error",
    [RuntimeError("sender"), FileNotFoundError("sender"), OSError(errno.ENOSPC, "sender"), TimeoutError("sender"), NotFound("x")],
    ids=repr,
)
async def test_an_error_of_body_goes_through_and_nothing_stays(storage: Storage, error: Exception) -> None:
    with pytest.raises(type(error)) as raised:
        await storage.put("folder/a.mp3", broken(error, b"x" * 3 * MIB), "audio/mpeg")
    assert raised.value is error
    await assert_free(storage, "folder/a.mp3")


async def test_a_put_that_is_cancelled_leaves_nothing(storage: Storage) -> None:
    begun = asyncio.Event()

    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * MIB
            begun.set()
            await asyncio.sleep(0)

    putting = asyncio.create_task(storage.put("folder/a.mp3", endless(), "audio/mpeg"))
    await begun.wait()
    putting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await putting
    await assert_free(storage, "folder/a.mp3")


async def test_an_object_is_not_there_before_it_is_whole(storage: Storage) -> None:
    async def looked_at_meanwhile() -> AsyncIterator[bytes]:
        yield b"x" * 2 * MIB
        assert await keys(storage) == []
        with pytest.raises(NotFound):
            await storage.stat("folder/a.mp3")
        yield b"end"

    await storage.put("folder/a.mp3", looked_at_meanwhile(), "audio/mpeg")
    assert await keys(storage) == ["folder/a.mp3"]


async def test_bodies_are_never_all_held_in_memory(storage: Storage, harness: Harness) -> None:
    if not harness.streams:
        pytest.skip("keeps them in memory by its nature")

    async def fresh() -> AsyncIterator[bytes]:
        for number in range(512):
            yield bytes([number % 256]) * 65_536

    tracemalloc.start()
    try:
        await storage.put("a.mp3", fresh(), "audio/mpeg")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8 * MIB


async def test_what_was_put_is_there_for_the_next_instance(reopen: Callable[[], Storage], harness: Harness) -> None:
    if not harness.durable:
        pytest.skip("lives as long as its instance")
    stored = await reopen().put("folder/a.mp3", body(b"bytes"), "audio/mpeg")
    assert await reopen().stat("folder/a.mp3") == stored


async def assert_free(storage: Storage, key: str) -> None:
    assert await keys(storage) == []
    with pytest.raises(NotFound):
        await storage.stat(key)
    await storage.put(key, body(b"again"), "audio/mpeg")
    assert await joined(storage.read(key)) == b"again"
