"""What every test may ask for."""

import gc
import os

import pytest
from hypothesis import settings

settings.register_profile("ci", derandomize=True, deadline=None)
if os.environ.get("CI"):
    settings.load_profile("ci")  # a change is judged by its own mistakes: chance goes looking on people's machines

gc.set_threshold(50_000, 20, 50)  # hundreds of applications are made and dropped: to look less often saves a sixth of their time


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
