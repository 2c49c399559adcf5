"""A bucket on the run's real server."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from adapters.r2.bucket import Bucket
from adapters.r2.storage import R2Storage
from tests.services.buckets import empty_bucket


@pytest.fixture
def bucket(tmp_path: Path) -> Iterator[Bucket]:
    with empty_bucket(tmp_path) as place:
        yield place


@pytest.fixture
async def storage(bucket: Bucket) -> AsyncIterator[R2Storage]:
    opened = R2Storage(bucket)
    yield opened
    await opened.close()
