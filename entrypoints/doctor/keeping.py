"""The store and the storage: do they open, and do they do what is asked of them."""

from collections.abc import AsyncIterator
from uuid import uuid4

from entrypoints.doctor.findings import Finding, good, trouble, warning
from entrypoints.parts import Kept, Objects
from ports.errors import OutOfSpace, Unavailable

CONTENT = b"0123456789"


async def examine_store(kept: Kept) -> list[Finding]:
    """Say whether the store can be read and changed, and what is promised of what it keeps."""
    try:
        await kept.check.check()
    except (Unavailable, OutOfSpace) as error:
        return [trouble("store", f"{error}: is the server there that its URL names, and may it be written?")]
    promised = [] if kept.promise is None else [(warning if kept.promise.weak else good)("store", kept.promise.sentence)]
    return [good("store", "It can be read and changed"), *promised]


async def examine_storage(objects: Objects) -> list[Finding]:
    """Say whether an object can be written, read in part, and removed."""
    key = f"greenroom-doctor/{uuid4()}.txt"
    try:
        await objects.check.check()
        await objects.storage.put(key, _body(), "text/plain")
        part = b"".join([chunk async for chunk in objects.storage.read(key, 2, 3)])
        await objects.storage.remove(key)
    except (Unavailable, OutOfSpace) as error:
        return [trouble("storage", f"{error}: do its credentials allow to write, read and remove objects?")]
    if part != CONTENT[2:5]:
        return [trouble("storage", "It does not give back the part of an object that was asked for: players could not seek")]
    return [good("storage", "Objects are written, read in parts, and removed")]


async def _body() -> AsyncIterator[bytes]:
    yield CONTENT
