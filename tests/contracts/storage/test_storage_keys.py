"""Which keys a storage takes: every odd one that `checked_key` lets through, and no other."""

import pytest

from ports.errors import InvalidKey
from ports.storage import Storage
from tests.contracts.storage.bodies import body, joined, keys
from tests.contracts.storage.harness import Harness

pytestmark = pytest.mark.anyio

REFUSED = [
    "",
    "/",
    "//",
    ".",
    "..",
    "/a",
    "a/",
    "a//b",
    "./a",
    "../a",
    "a/..",
    "a/../b",
    "a/./b",
    "a/.hidden",
    ".hidden",
    ".partial/a",
    "/etc/passwd",
    "../../../../etc/passwd",
    "a\\b",
    "..\\a",
    "C:\\a",
    "a\0b",
    "a\nb",
    "a\rb",
    "a\tb",
    "a\x1fb",
    "a\x7fb",
    "a\udc80b",
    "a" * 256,
    "é" * 128,
    "/".join(["a" * 255] * 4) + "/b",
]

TAKEN = [
    "a",
    "a b.mp3",
    " a",
    "a ",
    "a.",
    "a..b",
    "a...mp3",
    "~a",
    "-rf",
    "a%2Fb",
    "%2e%2e",
    "a?b#c&d=e+f",
    "a:b;c,d",
    "a'b\"c`d",
    "$(a)",
    "*",
    "|a",
    "<a>",
    "CON",
    "é",
    "e\u0301",
    "日本語/音声.mp3",
    "🎧.mp3",
    "\u202ea",
    "\ufeffa",
    "a" * 255,
    "é" * 127,
    "/".join(["a" * 255] * 4),
    "/".join("a" * 512),
]


@pytest.mark.parametrize("key", REFUSED, ids=ascii)
async def test_every_method_raises_invalid_key(storage: Storage, key: str) -> None:
    with pytest.raises(InvalidKey):
        await storage.put(key, body(b"x"), "audio/mpeg")
    with pytest.raises(InvalidKey):
        await storage.stat(key)
    with pytest.raises(InvalidKey):
        await anext(storage.read(key))
    with pytest.raises(InvalidKey):
        await storage.remove(key)
    assert await keys(storage) == []


@pytest.mark.parametrize("key", TAKEN, ids=ascii)
async def test_odd_keys_are_kept_as_they_are(storage: Storage, harness: Harness, key: str) -> None:
    if len(key.encode()) > harness.longest:
        with pytest.raises(InvalidKey):
            await storage.stat(key)
        return
    await storage.put(key, body(key.encode()), "audio/mpeg")
    assert (await storage.stat(key)).key == key
    assert await joined(storage.read(key)) == key.encode()
    assert await keys(storage) == [key]
    await storage.remove(key)
    assert await keys(storage) == []


async def test_keys_that_differ_are_different_objects(storage: Storage) -> None:
    alike = ["a", "A", "é", "e\u0301", "a ", "b/a", "b%2Fa"]
    for key in alike:
        await storage.put(key, body(key.encode()), "audio/mpeg")
    assert [await joined(storage.read(key)) for key in alike] == [key.encode() for key in alike]
