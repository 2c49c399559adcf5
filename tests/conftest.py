"""What every test may ask for."""

import gc
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import settings

from tests.services.asked import set_aside
from tests.services.frugal import be_frugal
from tests.services.own import leave
from tests.services.running import NotServed, Served, served
from tests.web.places import COMBINATIONS

settings.register_profile("ci", derandomize=True, deadline=None)
if os.environ.get("CI"):
    settings.load_profile("ci")  # a change is judged by its own mistakes: chance goes looking on people's machines

set_aside()

gc.set_threshold(50_000, 20, 50)  # hundreds of applications are made and dropped: to look less often saves a sixth of their time

be_frugal()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the tests that ask HTTP alone run on other stores and storages too."""
    parser.addoption("--on", choices=COMBINATIONS, default=COMBINATIONS[0], help="what the servers of such tests are on")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def combination(request: pytest.FixtureRequest) -> str:
    """Give the store and the storage that servers are on in tests which ask HTTP alone."""
    return str(request.config.getoption("--on"))


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Served]:
    """Give a function that returns the run's real server of a kind: `redis`, `redis-cluster`, `s3`. Without one, tests fail."""
    base = tmp_path_factory.getbasetemp()
    folder = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base

    def serve(kind: str) -> Served:
        try:
            return served(kind, folder)
        except NotServed as error:
            pytest.fail(str(error), pytrace=False)

    return serve


def pytest_collection_finish() -> None:
    """Let the garbage collector look no longer at the thousands of tests there are, which stay to the end."""
    gc.collect()
    gc.freeze()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Leave servers that others use too as they were."""
    for kind, server in _told(session.config):
        if server.shared:
            leave(kind, server)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say which servers served."""
    told = [f"{kind}: {server.by}" for kind, server in _told(config)]
    if told:
        terminalreporter.write_line(f"real servers: {', '.join(told)}")


def _told(config: pytest.Config) -> Iterator[tuple[str, Served]]:
    """Yield the servers of the run, by kind."""
    base: Path = config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]  # there is no public way from here
    folder = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    for path in sorted(folder.glob("*.json")):
        yield path.stem, msgspec.json.decode(path.read_bytes(), type=Served)
