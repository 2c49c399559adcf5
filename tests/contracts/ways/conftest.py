"""The ways of a worker under contract, one after the other."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.contracts.ways.harness import WAYS, Server, Way, running_application


@pytest.fixture(params=WAYS, ids=lambda way: way.name)
def way(request: pytest.FixtureRequest) -> Way:
    assert isinstance(request.param, Way)
    return request.param


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with running_application(tmp_path) as server:
        yield server


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "work").mkdir()
    return tmp_path / "work"
