"""The makers of links under contract, one after the other."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.contracts.links.harness import HARNESSES, Harness, Linked


@pytest.fixture(params=HARNESSES, ids=lambda harness: harness.name)
def harness(request: pytest.FixtureRequest) -> Harness:
    assert isinstance(request.param, Harness)
    return request.param


@pytest.fixture
async def linked(harness: Harness, tmp_path: Path) -> AsyncIterator[Linked]:
    async with harness.opened(tmp_path) as opened:
        yield opened
