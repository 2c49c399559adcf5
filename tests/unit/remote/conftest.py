"""What tests of the way to a server elsewhere ask for."""

from collections.abc import AsyncIterator

import httpx
import pytest

from adapters.remote.client import new_client


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with new_client("greenroom-test") as client:
        yield client
