"""A running application, called without a network: on the embedded default, or on what `--on` says."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from litestar import Litestar

from entrypoints.settings import Settings, load_settings
from entrypoints.web.app import create_app, lifespan_of
from tests.integration.redis.process import running_valkey
from tests.integration.worker.proxy import running_proxy
from tests.services.running import Served
from tests.web import breakable
from tests.web.calls import SECRET, Api
from tests.web.places import environment_of
from tests.web.shared import borrowed

Serve = Callable[..., Awaitable[Api]]
READS_LOGS = {"caplog", "capsys", "capfd"}


@pytest.fixture
def on_a_folder(combination: str) -> None:
    """Run a test that is about the local folder itself where that is the storage."""
    if not combination.endswith("+local"):
        pytest.skip("is about the local folder")


@pytest.fixture
def store(combination: str, tmp_path: Path) -> Iterator[breakable.Store]:
    """Give a store of the test's own: applications with its settings are on it."""
    if combination.startswith("sqlite+"):
        yield breakable.SqliteFile()
        return
    with running_valkey(tmp_path / "valkey") as valkey:
        yield breakable.OwnValkey(valkey)


@pytest.fixture
def objects(combination: str, service: Callable[[str], Served]) -> Iterator[breakable.Objects]:
    """Give a storage of the test's own: applications with its settings are on it."""
    if combination.endswith("+local"):
        yield breakable.Folder()
        return
    with running_proxy() as proxy:
        yield breakable.BucketBehindProxy(environment_of("sqlite+s3", service), proxy)


@pytest.fixture
async def serve(
    request: pytest.FixtureRequest, tmp_path: Path, combination: str, service: Callable[[str], Served]
) -> AsyncIterator[Serve]:
    """Give a function that starts an application with these environment variables; it ends with the test.

    A test that reads the log has one of its own: an application remembers whom it has warned of.
    """
    place = environment_of(combination, service)
    reads_logs = not READS_LOGS.isdisjoint(request.fixturenames)
    async with AsyncExitStack() as stack:

        async def start(peer: str = "127.0.0.1", **environment: str) -> Api:
            settings = _settings(tmp_path, {**place, **environment})
            kind = {**environment, "on": combination}
            app = create_app(settings) if reads_logs else stack.enter_context(borrowed(kind, settings))
            await stack.enter_async_context(lifespan_of(settings)(app))
            client = await stack.enter_async_context(_client(app, peer, settings))
            return Api(client=client, parts=app.state.parts, data=settings.data_dir)

        yield start


@pytest.fixture
async def api(serve: Serve) -> Api:
    """Give an application with a webhook secret, whose jobs wait for a report."""
    return await serve()


def _client(app: Litestar, peer: str, settings: Settings) -> httpx.AsyncClient:
    """Return a client to the application, whose links to a bucket lead there."""
    transport = httpx.ASGITransport(cast(Any, app), client=(peer, 12345), raise_app_exceptions=False)
    there = httpx.AsyncHTTPTransport(verify=False)  # certificates take longer to load than all the rest
    bucket = {settings.aws_endpoint_url: there} if settings.aws_endpoint_url else {}
    return httpx.AsyncClient(transport=transport, mounts=bucket, base_url="http://127.0.0.1:8000", timeout=30)


def _settings(folder: Path, environment: dict[str, str]) -> Settings:
    defaults = {
        "INTERNAL_WEBHOOK_SECRET": SECRET,
        "GREENROOM_DATA_DIR": str(folder / "data"),
        "GREENROOM_DISPATCH": "pull",
    }
    return load_settings(defaults | environment, folder / "no.env")
