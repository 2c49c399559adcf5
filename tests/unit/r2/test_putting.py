"""Puts whose answers are lost, sent again by the client: they know their own work from another's."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters.r2.bucket import Bucket
from adapters.r2.client import new_client
from adapters.r2.sessions import underway
from adapters.r2.storage import R2Storage
from ports.errors import AlreadyExists, Unavailable
from tests.services.buckets import account_of, run_folder
from tests.services.running import served

pytestmark = pytest.mark.anyio
LARGE = b"0123456789abcdef" * 400_000


async def body(content: bytes) -> AsyncIterator[bytes]:
    yield content


@pytest.fixture
def forgetful(bucket: Bucket, tmp_path: Path) -> Iterator[Bucket]:
    """Give a bucket whose client loses the answer to the request that stores an object, and sends that again."""
    client, lost = new_client(account_of(served("s3", run_folder(tmp_path)))), set[str]()

    def lose(response: Any, operation: Any, **_: Any) -> int | None:
        if response is None or operation.name in lost or operation.name not in {"PutObject", "CompleteMultipartUpload"}:
            return None
        lost.add(operation.name)
        return 0

    client.meta.events.register("needs-retry.s3", lose)  # type: ignore[arg-type]  # what it returns is when to try again
    yield Bucket(client=client, name=bucket.name, prefix="p/")
    assert lost


@pytest.mark.parametrize("content", [b"small", LARGE], ids=["whole", "in parts"])
async def test_a_put_whose_answer_was_lost_knows_its_own_object(forgetful: Bucket, content: bytes) -> None:
    storage = R2Storage(forgetful)
    stored = await storage.put("a.mp3", body(content), "audio/mpeg")
    assert stored == await storage.stat("a.mp3")
    assert b"".join([chunk async for chunk in storage.read("a.mp3")]) == content
    with pytest.raises(AlreadyExists):
        await storage.put("a.mp3", body(content), "audio/mpeg")
    await storage.close()


async def test_a_put_in_parts_that_fails_leaves_no_parts(bucket: Bucket, storage: R2Storage) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield LARGE
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await storage.put("a.mp3", broken(), "audio/mpeg")
    await storage.put("a.mp3", body(b"first"), "audio/mpeg")
    with pytest.raises(AlreadyExists):
        await storage.put("a.mp3", body(LARGE), "audio/mpeg")
    assert list(underway(bucket, "")) == []


async def test_a_put_whose_parts_somebody_drops_is_out_of_reach(bucket: Bucket, storage: R2Storage) -> None:
    async def dropped() -> AsyncIterator[bytes]:
        yield LARGE
        for name, upload, _ in underway(bucket, ""):
            bucket.client.abort_multipart_upload(Bucket=bucket.name, Key=name, UploadId=upload)
        yield LARGE

    with pytest.raises(Unavailable):
        await storage.put("a.mp3", dropped(), "audio/mpeg")
