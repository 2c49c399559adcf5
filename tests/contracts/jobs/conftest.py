"""Job stores, by every harness."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ports.jobs import JobStore
from tests.contracts.stores import HARNESSES, Harness


@pytest.fixture(params=HARNESSES, ids=lambda harness: harness.name)
def harness(request: pytest.FixtureRequest) -> Harness:
    chosen: Harness = request.param
    return chosen


@pytest.fixture
async def jobs(harness: Harness, tmp_path: Path) -> AsyncIterator[JobStore]:
    async with harness.open(tmp_path) as stores:
        yield stores.jobs
