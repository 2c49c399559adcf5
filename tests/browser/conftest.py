"""The browser that there is."""

import os
import shutil

import pytest


@pytest.fixture
def chromium() -> str:
    """Give the path of Chromium. In CI it must be there."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None and not os.environ.get("CI"):
        pytest.skip("no Chromium here to browse with")
    assert found, "CI needs Chromium"
    return found
