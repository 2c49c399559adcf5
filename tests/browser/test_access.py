"""A server that wants a key, in a real browser: it is asked for, kept for the tab alone, and sent nowhere else."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TypeAlias

from playwright.sync_api import expect

from tests.browser.visiting import Visit
from tests.integration.server.process import running_server

Visiting: TypeAlias = Callable[..., AbstractContextManager[Visit]]
KEY = "the key of this test"


def test_the_page_asks_for_a_key_until_it_is_right_and_keeps_it_for_the_tab(tmp_path: Path, visit: Visiting) -> None:
    with running_server(tmp_path, GREENROOM_API_KEYS=KEY) as server, visit(server.url) as there:
        page = there.page
        page.goto("/")
        question = page.get_by_role("dialog", name="This server wants a key")
        there.picture("key")
        question.get_by_label("API key").fill("another")
        question.get_by_role("button", name="Go on").click()
        expect(question.get_by_text("The server does not know this key.")).to_be_visible()
        question.get_by_label("API key").fill(KEY)
        question.get_by_role("button", name="Go on").click()
        expect(question).to_be_hidden()
        expect(page.get_by_role("button", name="Drop audio here")).to_be_visible()
        there.until("performance.getEntriesByType('resource').some((entry) => entry.name.endsWith('/api/events'))")
        assert KEY not in page.evaluate("JSON.stringify(localStorage) + document.cookie + location.href")
        page.reload()
        expect(page.get_by_role("button", name="Drop audio here")).to_be_visible()
        page.get_by_role("button", name="Forget key").click()
        expect(question).to_be_visible()
        assert all("401" in complaint for complaint in there.complaints)
