"""Job feeds beside the job stores that they tell of, by every harness."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.contracts.stores import HARNESSES, Harness, Stores


@pytest.fixture(params=HARNESSES, ids=lambda harness: harness.name)
def harness(request: pytest.FixtureRequest) -> Harness:
    chosen: Harness = request.param
    return chosen


@pytest.fixture
async def stores(harness: Harness, tmp_path: Path) -> AsyncIterator[Stores]:
    async with harness.open(tmp_path) as opened:
        yield opened
