"""The browser that there is, and the page that is built."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial

import pytest

from entrypoints.web import page as served
from tests.browser.visiting import Visit, browser, visiting


@pytest.fixture(scope="session")
def chromium() -> str:
    """Give the path of Chromium. In CI it must be there."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None and not os.environ.get("CI"):
        pytest.skip("no Chromium here to browse with")
    assert found, "CI needs Chromium"
    return found


@pytest.fixture(scope="module")  # no longer: Playwright has an event loop of its own, and other modules' tests want theirs
def visit(chromium: str) -> Iterator[Callable[..., AbstractContextManager[Visit]]]:
    """Give a function that opens the page of a server, `visit(url)`. In CI the page must have been built."""
    if not served.is_built() and not os.environ.get("CI"):
        pytest.skip("the page is not built: `make page` builds it where there is Node")
    assert served.is_built(), "CI needs the page: `make page`"
    with browser(chromium) as started:
        yield partial(visiting, started)
