"""What the harnesses of the stores need of the run."""

from collections.abc import Callable

import pytest

from tests.contracts import stores
from tests.services.running import Served


@pytest.fixture(scope="session", autouse=True)
def services(service: Callable[[str], Served]) -> None:
    stores.SERVICES.append(service)
