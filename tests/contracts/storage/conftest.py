"""The storages under contract, one after the other."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from ports.storage import Storage
from tests.contracts.storage.harness import HARNESSES, Harness


@pytest.fixture(params=HARNESSES, ids=lambda harness: harness.name)
def harness(request: pytest.FixtureRequest) -> Harness:
    assert isinstance(request.param, Harness)
    return request.param


@pytest.fixture
async def reopen(harness: Harness, tmp_path: Path) -> AsyncIterator[Callable[[], Storage]]:
    async with harness.opened(tmp_path) as opened:
        yield opened


@pytest.fixture
def storage(reopen: Callable[[], Storage]) -> Storage:
    return reopen()
