"""Uploading from the page, in a real browser: several at once, refused, broken off and resumed, given up."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TypeAlias

import httpx
import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.stocked import clip
from tests.browser.visiting import Visit
from tests.integration.server.process import Server, running_server, wait_for

Visiting: TypeAlias = Callable[..., AbstractContextManager[Visit]]
PART = 5 * 2**20


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with running_server(tmp_path, GREENROOM_PART_BYTES="5MiB") as server:
        yield server


def large(folder: Path, parts: int = 3) -> Path:
    """Make a WAV file that is sent in so many parts."""
    source = clip(folder, "piece.wav").read_bytes()
    path = folder / "long tape.wav"
    size = parts * PART - 1000
    path.write_bytes(source + bytes(size - len(source)))
    return path


def test_files_are_uploaded_prepared_and_seen_to_be_so_without_a_reload(tmp_path: Path, server: Server, visit: Visiting) -> None:
    with visit(server.url) as there:
        page = there.page
        page.goto("/")
        expect(page.get_by_role("button", name="Drop audio here")).to_be_visible()
        there.picture("empty")
        page.locator("input[type=file]").set_input_files([clip(tmp_path, "one.wav"), clip(tmp_path, "two.wav")])
        for name in ("one.wav", "two.wav"):
            row = page.locator(".rows a", has_text=name)
            expect(row.get_by_text("Prepared", exact=True)).to_be_visible(timeout=30_000)
        there.picture("library")
        assert not [url for url in there.asked if not url.startswith((server.url, "data:"))]
        assert there.complaints == []


def test_files_are_dropped_anywhere_on_the_page(tmp_path: Path, server: Server, visit: Visiting) -> None:
    content = list(clip(tmp_path, syllables=2).read_bytes())
    with visit(server.url) as there:
        page = there.page
        page.goto("/")
        dropped = page.evaluate_handle(
            """(content) => {
                const files = new DataTransfer()
                files.items.add(new File([new Uint8Array(content)], "dropped.wav"))
                return files
            }""",
            content,
        )
        page.dispatch_event("header", "dragover", {"dataTransfer": dropped})
        expect(page.get_by_text("Drop to upload")).to_be_visible()
        page.dispatch_event("header", "drop", {"dataTransfer": dropped})
        expect(page.get_by_text("Drop to upload")).to_be_hidden()
        expect(page.locator(".rows a", has_text="dropped.wav")).to_be_visible()
        assert there.complaints == []


def test_a_file_that_is_no_audio_is_refused_in_the_servers_words(tmp_path: Path, server: Server, visit: Visiting) -> None:
    text = tmp_path / "notes.wav"
    text.write_text("no audio at all")
    with visit(server.url) as there:
        there.page.goto("/")
        there.page.locator("input[type=file]").set_input_files(text)
        row = there.page.locator(".upload", has_text="notes.wav")
        expect(row.get_by_text("This is not an audio file of a kind that can be prepared.")).to_be_visible()
        expect(row.get_by_role("button", name="Try again")).to_have_count(0)
        there.picture("refused")


def test_what_broke_off_goes_on_part_by_part(tmp_path: Path, server: Server, visit: Visiting) -> None:
    sent: list[str] = []
    with visit(server.url) as there:
        page = there.page
        page.goto("/")
        lose_the_second_part(page, sent)
        page.locator("input[type=file]").set_input_files(large(tmp_path))
        expect(page.locator(".upload", has_text="Uploaded")).to_be_visible(timeout=30_000)
    assert len(sent) == 4  # three, and the one that was lost once more
    items = httpx.get(f"{server.url}/api/audio/assets").json()["items"]
    assert [item["renditions"]["original"]["size"] for item in items] == [3 * PART - 1000]


def test_an_upload_goes_on_after_a_reload_when_the_same_file_is_chosen(tmp_path: Path, server: Server, visit: Visiting) -> None:
    file = large(tmp_path)
    sent: list[str] = []
    with visit(server.url) as there:
        page = there.page
        page.on("dialog", lambda dialog: dialog.accept())
        page.goto("/")
        page.route("**/api/storage/**part=2&**", lambda route: route.abort())
        page.locator("input[type=file]").set_input_files(file)
        wait_for(lambda: parts_there(there) == 2, "all parts but one")
        page.reload()
        page.unroute_all()
        page.on("request", lambda request: sent.append(request.url) if request.method == "PUT" else None)
        expect(page.get_by_text("Choose the same file, and it goes on where it was.")).to_be_visible()
        page.locator("input[type=file]").set_input_files(file)
        expect(page.locator(".upload", has_text="Uploaded")).to_be_visible(timeout=30_000)
    assert len(sent) == 1


def test_an_upload_is_cancelled(tmp_path: Path, server: Server, visit: Visiting) -> None:
    with visit(server.url) as there:
        page = there.page
        page.goto("/")
        page.route("**/api/storage/**", lambda route: None)  # nothing of it arrives
        with page.expect_request(lambda request: request.method == "PUT"):
            page.locator("input[type=file]").set_input_files(large(tmp_path))
        row = page.locator(".upload", has_text="long tape.wav")
        expect(row.get_by_role("progressbar")).to_be_visible()
        with page.expect_response(lambda answer: answer.request.method == "DELETE") as given_up:
            row.get_by_role("button", name="Cancel").click()
        assert given_up.value.status == 204
        expect(row).to_have_count(0)


def lose_the_second_part(page: Page, sent: list[str]) -> None:
    """Note each part that is sent, and cut the line of the second."""

    def send(route: Route) -> None:
        if route.request.method != "PUT":
            route.continue_()
            return
        sent.append(route.request.url)
        if len(sent) == 2:
            route.abort()
        else:
            route.continue_()

    page.route("**/api/storage/**", send)


def parts_there(there: Visit) -> int:
    """Return how many parts were taken, letting the page go on meanwhile."""
    there.page.wait_for_timeout(20)
    return len([answer for answer in there.answers if answer.request.method == "PUT" and answer.ok])
