"""Upload stores, by every harness."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ports.uploads import UploadStore
from tests.contracts.stores import HARNESSES, Harness


@pytest.fixture(params=HARNESSES, ids=lambda harness: harness.name)
def harness(request: pytest.FixtureRequest) -> Harness:
    chosen: Harness = request.param
    return chosen


@pytest.fixture
async def uploads(harness: Harness, tmp_path: Path) -> AsyncIterator[UploadStore]:
    async with harness.open(tmp_path) as stores:
        yield stores.uploads
