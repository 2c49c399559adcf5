"""A Valkey for each test, and a place in it."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from adapters.redis.client import Server
from tests.contracts.stores import Stores, redis_stores
from tests.integration.redis.process import Valkey, running_valkey


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[Valkey]:
    with running_valkey(tmp_path / "valkey") as running:
        yield running


@pytest.fixture
async def server(valkey: Valkey) -> AsyncIterator[Server]:
    async with await Server.open(valkey.url, answers_within=0.6) as opened:
        yield opened


@pytest.fixture
def stores(server: Server) -> Stores:
    return redis_stores(server)
