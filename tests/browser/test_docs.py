"""A real browser shows the page of the API: nothing comes from elsewhere, its own policy refuses nothing, calls can be tried."""

from pathlib import Path

from tests.browser.chromium import Page, browsing
from tests.integration.server.process import running_server

UPLOAD = "document.querySelector('#operations-assets-uploadAsset')"
LIST = "document.querySelector('#operations-assets-listAssets')"


def test_the_page_shows_the_calls_and_asks_nobody_else(tmp_path: Path, chromium: str) -> None:
    with running_server(tmp_path) as server, browsing(chromium, tmp_path / "profile") as page:
        page.open(f"{server.url}/docs")
        page.wait_for(UPLOAD)
        try_out(page)
        assert page.value("document.querySelector('form').hidden")
        assert not [url for url in page.requested() if not url.startswith((server.url, "data:"))]
        assert page.complaints() == []


def test_the_page_asks_for_a_key_where_the_server_wants_one(tmp_path: Path, chromium: str) -> None:
    with (
        running_server(tmp_path, GREENROOM_API_KEYS="the key of this test") as server,
        browsing(chromium, tmp_path / "profile") as page,
    ):
        page.open(f"{server.url}/docs")
        page.wait_for("document.querySelector('form:not([hidden])')")
        enter(page, "another key")
        page.wait_for("document.querySelector('[role=alert]').textContent.includes('does not know this key')")
        enter(page, "the key of this test")
        page.wait_for(UPLOAD)
        try_out(page)
        assert "the key of this test" not in page.value("JSON.stringify(localStorage) + document.cookie")
        assert not [url for url in page.requested() if not url.startswith((server.url, "data:"))]
        assert all("401 (Unauthorized)" in complaint and complaint.endswith("/schema") for complaint in page.complaints())


def enter(page: Page, key: str) -> None:
    """Put a key into the page's form."""
    page.value(f"document.forms[0].key.value = '{key}'; document.forms[0].requestSubmit()")


def try_out(page: Page) -> None:
    """List the assets in the page, as a person does."""
    page.value(f"{LIST}.querySelector('.opblock-summary-control').click()")
    page.wait_for(f"{LIST}.querySelector('.try-out__btn')")
    page.value(f"{LIST}.querySelector('.try-out__btn').click()")
    page.wait_for(f"{LIST}.querySelector('.execute')")
    page.value(f"{LIST}.querySelector('.execute').click()")
    page.wait_for(f"{LIST}.querySelector('.live-responses-table .response .response-col_status')?.textContent.startsWith('200')")
