"""A running application, called without a network: on the embedded default, or on what `--on` says."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from entrypoints.settings import Settings, load_settings
from entrypoints.web.app import create_app
from tests.services.running import Served
from tests.web.calls import SECRET, Api
from tests.web.places import environment_of

Serve = Callable[..., Awaitable[Api]]


@pytest.fixture
def combination(request: pytest.FixtureRequest) -> str:
    """Give the store and the storage that the applications are on."""
    return str(request.config.getoption("--on"))


@pytest.fixture
def on_sqlite(combination: str) -> None:
    """Run a test that is about SQLite itself where that is the store."""
    if not combination.startswith("sqlite+"):
        pytest.skip("is about SQLite")


@pytest.fixture
def on_a_folder(combination: str) -> None:
    """Run a test that is about the local folder itself where that is the storage."""
    if not combination.endswith("+local"):
        pytest.skip("is about the local folder")


@pytest.fixture
async def serve(tmp_path: Path, combination: str, service: Callable[[str], Served]) -> AsyncIterator[Serve]:
    """Give a function that starts an application with these environment variables; it ends with the test."""
    place = environment_of(combination, service)
    async with AsyncExitStack() as stack:

        async def start(peer: str = "127.0.0.1", **environment: str) -> Api:
            settings = _settings(tmp_path, {**place, **environment})
            app = create_app(settings)
            await stack.enter_async_context(app.lifespan())
            transport = httpx.ASGITransport(cast(Any, app), client=(peer, 12345), raise_app_exceptions=False)
            client = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000")
            await stack.enter_async_context(client)
            return Api(client=client, parts=app.state.parts, data=settings.data_dir)

        yield start


@pytest.fixture
async def api(serve: Serve) -> Api:
    """Give an application with a webhook secret, whose jobs wait for a report."""
    return await serve()


def _settings(folder: Path, environment: dict[str, str]) -> Settings:
    defaults = {
        "INTERNAL_WEBHOOK_SECRET": SECRET,
        "GREENROOM_DATA_DIR": str(folder / "data"),
        "GREENROOM_DISPATCH": "pull",
    }
    return load_settings(defaults | environment, folder / "no.env")
