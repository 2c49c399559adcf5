"""The store and the storage: do they open, and do they do what is asked of them."""

from collections.abc import AsyncIterator
from uuid import uuid4

from entrypoints.doctor.findings import Finding, good, trouble, warning
from entrypoints.parts import Kept, Objects
from ports.errors import NotFound, OutOfSpace, Unavailable
from ports.storage import Storage

CONTENT = b"0123456789"


async def examine_store(kept: Kept) -> list[Finding]:
    """Say whether the store can be read and changed, and what is promised of what it keeps."""
    try:
        await kept.check.check()
    except OutOfSpace as error:
        return [trouble("store", f"{error}: make room there, for nothing can be changed")]
    except Unavailable as error:
        return [trouble("store", f"{error}: is the server there that its URL names, and may it be written?")]
    promised = [] if kept.promise is None else [(warning if kept.promise.weak else good)("store", kept.promise.sentence)]
    return [good("store", "It can be read and changed"), *promised]


async def examine_storage(objects: Objects) -> list[Finding]:
    """Say whether an object can be written, read in part, and removed."""
    key = key_of_trial()
    try:
        await objects.check.check()
        part = await _part_of_what_is_written(objects.storage, key)
    except OutOfSpace as error:
        return [trouble("storage", f"{error}: make room there, for no upload can be kept")]
    except (Unavailable, NotFound) as error:
        return [trouble("storage", f"{error}: do its credentials allow to write, read and remove objects?")]
    if part != CONTENT[2:5]:
        return [trouble("storage", "It does not give back the part of an object that was asked for: players could not seek")]
    return [good("storage", "Objects are written, read in parts, and removed")]


def key_of_trial() -> str:
    """Return a key that no object has, for one that is written to be removed."""
    return f"greenroom-doctor/{uuid4()}.txt"


async def _part_of_what_is_written(storage: Storage, key: str) -> bytes:
    try:
        await storage.put(key, _body(), "text/plain")
        return b"".join([chunk async for chunk in storage.read(key, 2, 3)])
    finally:
        await storage.remove(key)


async def _body() -> AsyncIterator[bytes]:
    yield CONTENT
