"""Reading over connections that break, and objects that change meanwhile."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.r2.bucket import Bucket
from adapters.r2.client import Account
from adapters.r2.reading import Reading
from adapters.r2.storage import R2Storage
from ports.errors import Unavailable
from tests.services.buckets import run_folder
from tests.services.running import served
from tests.unit.r2.wire import breaking, bucket_at, listening

pytestmark = pytest.mark.anyio
CONTENT = bytes(range(256)) * 8192


async def body(content: bytes = CONTENT) -> AsyncIterator[bytes]:
    yield content


async def broken_reading(  # noqa: PLR0917  (read as a line)
    bucket: Bucket, tmp_path: Path, times: int, start: int = 0, length: int | None = None, after: int = 700_000
) -> bytes:
    """Read by a line whose first connections break when so many bytes have come."""
    real = served("s3", run_folder(tmp_path))
    with listening(breaking(int(real.url.rpartition(":")[2]), after, times)) as url:
        account = Account(endpoint=url, region="us-east-1", key_id=real.key, secret=real.secret)
        reader = R2Storage(bucket_at(account, bucket.name))
        try:
            return b"".join([chunk async for chunk in reader.read("a.mp3", start, length)])
        finally:
            await reader.close()


@pytest.mark.parametrize(("start", "length"), [(0, None), (5, None), (5, 1_500_000)])
async def test_a_connection_that_breaks_is_taken_up_where_it_broke(
    bucket: Bucket, storage: R2Storage, tmp_path: Path, start: int, length: int | None
) -> None:
    await storage.put("a.mp3", body(), "audio/mpeg")
    end = None if length is None else start + length
    assert await broken_reading(bucket, tmp_path, 2, start, length) == CONTENT[start:end]


async def test_a_connection_that_breaks_again_and_again_is_given_up(bucket: Bucket, storage: R2Storage, tmp_path: Path) -> None:
    await storage.put("a.mp3", body(), "audio/mpeg")
    with pytest.raises(Unavailable):
        await broken_reading(bucket, tmp_path, 100, after=1_000)


async def test_bytes_of_two_objects_never_mix(bucket: Bucket, storage: R2Storage) -> None:
    await storage.put("a.mp3", body(), "audio/mpeg")
    reading = Reading(bucket, "a.mp3", 0, None)
    assert reading.step()
    reading.close()
    await storage.remove("a.mp3")
    await storage.put("a.mp3", body(CONTENT[::-1]), "audio/mpeg")
    with pytest.raises(Unavailable):
        reading.step()
