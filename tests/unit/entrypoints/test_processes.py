"""What a process that serves makes of itself. Several of them are tried in tests/integration/server."""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

from entrypoints.processes import SEARCH_EVERY, serving
from entrypoints.settings import load_settings

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    threshold = gc.get_threshold()
    yield
    gc.set_threshold(*threshold)
    gc.unfreeze()


async def test_what_is_there_from_the_start_is_searched_no_more_once_it_serves(tmp_path: Path) -> None:
    app = serving(load_settings({"GREENROOM_DATA_DIR": str(tmp_path / "data")}, tmp_path / "no.env"))
    before = gc.get_freeze_count()
    async with app.lifespan():
        assert gc.get_freeze_count() > before + 10_000
        assert gc.get_threshold()[0] == SEARCH_EVERY
