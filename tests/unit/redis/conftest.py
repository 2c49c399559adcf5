"""A place of the test's own in the run's Redis."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from adapters.redis.client import Server
from tests.contracts.stores import prefix_of
from tests.services.running import Served


@pytest.fixture
async def server(service: Callable[[str], Served], tmp_path: Path) -> AsyncIterator[Server]:
    async with await Server.open(service("redis").url, prefix_of(tmp_path)) as opened:
        yield opened
