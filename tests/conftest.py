"""What every test may ask for."""

import gc
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from tests.services.running import Served, served

settings.register_profile("ci", derandomize=True, deadline=None)
if os.environ.get("CI"):
    settings.load_profile("ci")  # a change is judged by its own mistakes: chance goes looking on people's machines

gc.set_threshold(50_000, 20, 50)  # hundreds of applications are made and dropped: to look less often saves a sixth of their time


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Served]:
    """Give a function that returns the run's real server of a kind: `redis`, `redis-cluster`, `s3`."""
    base = tmp_path_factory.getbasetemp()
    folder = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    return lambda kind: served(kind, folder)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say which servers served."""
    folder: Path = config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]  # there is no public way from here
    told = [f"{path.stem}: {json.loads(path.read_text())['by']}" for path in sorted(folder.glob("*.json"))]
    if told:
        terminalreporter.write_line(f"real servers: {', '.join(told)}")
