"""What every test may ask for."""

import os

import pytest
from hypothesis import settings

settings.register_profile("ci", derandomize=True, deadline=None)
if os.environ.get("CI"):
    settings.load_profile("ci")  # a change is judged by its own mistakes: chance goes looking on people's machines


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
