"""The takers of parts under contract, one after the other."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.contracts.multipart.harness import HARNESSES, Harness, Joined


@pytest.fixture(params=HARNESSES, ids=lambda harness: harness.name)
def harness(request: pytest.FixtureRequest) -> Harness:
    assert isinstance(request.param, Harness)
    return request.param


@pytest.fixture
async def reopen(harness: Harness, tmp_path: Path) -> AsyncIterator[Callable[[], Joined]]:
    async with harness.opened(tmp_path) as opened:
        yield opened


@pytest.fixture
def joined(reopen: Callable[[], Joined]) -> Joined:
    return reopen()
