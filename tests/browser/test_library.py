"""The library, in a real browser: paged, searched, steered, kept in step with the server."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TypeAlias

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.stocked import clip, uploaded
from tests.browser.visiting import Visit
from tests.integration.server.process import Server, running_server

Visiting: TypeAlias = Callable[..., AbstractContextManager[Visit]]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """Give a server whose jobs wait for workers that the test plays."""
    with running_server(tmp_path, GREENROOM_DISPATCH="pull") as server:
        yield server


def report(server: Server, job: str, **said: object) -> None:
    with httpx.Client() as client:
        server.report(client, jobId=job, **said).raise_for_status()


def test_more_is_read_as_one_scrolls_and_names_are_searched(tmp_path: Path, server: Server, visit: Visiting) -> None:
    file = clip(tmp_path, syllables=1)
    for number in range(60):
        uploaded(server, file, f"Take {number:02}.wav", prepare="false")
    uploaded(server, file, "Überfahrt.wav", prepare="false")
    with visit(server.url) as there:
        page = there.page
        page.goto("/")
        rows = page.locator(".rows a")
        expect(rows.first).to_contain_text("Überfahrt.wav")
        expect(rows).to_have_count(50)
        rows.last.scroll_into_view_if_needed()
        expect(rows).to_have_count(61)
        page.keyboard.press("/")
        page.keyboard.type("überF")
        expect(rows).to_have_count(1)
        page.get_by_label("Search by name").fill("nobody")
        expect(page.get_by_text("No name begins with “nobody”.")).to_be_visible()
        assert there.complaints == []


def test_a_job_is_seen_as_it_goes_cancelled_and_tried_again(tmp_path: Path, server: Server, visit: Visiting) -> None:
    made = uploaded(server, clip(tmp_path))
    with visit(server.url) as there:
        page = there.page
        page.goto("/")
        row = page.locator(".rows a", has_text="harbour.wav")
        expect(row.get_by_text("Waiting")).to_be_visible()
        report(server, made["job"]["id"], status="processing", progress=0.4, message="Listening to the original")
        expect(row.get_by_text("Preparing 40 %")).to_be_visible()
        row.click()
        expect(page.locator(".job").get_by_text("Listening to the original").first).to_be_visible()
        page.get_by_role("button", name="Cancel preparing").click()
        expect(row.get_by_text("Cancelled")).to_be_visible()
        expect(page.get_by_label("What to do with it")).to_be_focused()  # the button has gone
        page.get_by_role("button", name="Try again").click()
        expect(row.get_by_text("Waiting")).to_be_visible()
        expect(page.get_by_text("1 earlier job")).to_be_visible()
        assert there.complaints == []


def test_what_was_deleted_elsewhere_is_shown_no_longer(tmp_path: Path, server: Server, visit: Visiting) -> None:
    gone = uploaded(server, clip(tmp_path), "gone.wav", prepare="false")["asset"]["id"]
    uploaded(server, clip(tmp_path), "kept.wav", prepare="false")
    with visit(server.url) as there:
        page = there.page
        page.goto("/")
        row = page.locator(".rows a", has_text="gone.wav")
        expect(row).to_be_visible()
        httpx.delete(f"{server.url}/api/audio/assets/{gone}").raise_for_status()
        row.click()
        expect(page.get_by_text("Asset not found")).to_be_visible()
        expect(row).to_be_hidden()
        page.locator(".rows a", has_text="kept.wav").click()
        expect(page.get_by_role("heading", name="kept.wav")).to_be_visible()


def test_what_failed_is_told_with_advice(tmp_path: Path, server: Server, visit: Visiting) -> None:
    made = uploaded(server, clip(tmp_path))
    sentence = "The file holds no audio that can be read."
    report(server, made["job"]["id"], status="failed", error=sentence, result={"code": "unusable"})
    with visit(server.url) as there:
        page = there.page
        page.goto(f"/#/assets/{made['asset']['id']}")
        expect(page.locator(".job > p", has_text=sentence)).to_be_visible()
        expect(page.get_by_text("Trying again won't help: it is the file.")).to_be_visible()
        there.picture("failed")


def test_without_events_the_server_is_asked_instead(tmp_path: Path, server: Server, visit: Visiting) -> None:
    made = uploaded(server, clip(tmp_path))
    with visit(server.url) as there:
        page = there.page
        page.route("**/api/events", lambda route: route.fulfill(status=502))
        page.clock.install()
        page.goto("/")
        expect(page.get_by_text("Live updates don't get through.")).to_be_visible(timeout=30_000)
        report(server, made["job"]["id"], status="failed", error="It broke.")
        expect(page.locator(".rows a").get_by_text("Failed")).to_be_visible()
        page.unroute_all()
        page.clock.fast_forward(30_000)  # as long as events are not tried again
        expect(page.get_by_text("Live updates don't get through.")).to_be_hidden()


def test_an_asset_is_deleted_after_a_question(tmp_path: Path, server: Server, visit: Visiting) -> None:
    made = uploaded(server, clip(tmp_path), prepare="false")
    with visit(server.url) as there:
        page = there.page
        page.goto(f"/#/assets/{made['asset']['id']}")
        page.get_by_role("button", name="Delete").click()
        question = page.get_by_role("dialog", name="Delete harbour.wav?")
        question.get_by_role("button", name="Keep it").click()
        expect(question).to_be_hidden()
        page.get_by_role("button", name="Delete").click()
        question.get_by_role("button", name="Delete").click()
        expect(page.get_by_role("button", name="Drop audio here")).to_be_visible()
        assert httpx.get(f"{server.url}/api/audio/assets").json()["items"] == []
        assert there.complaints == []


def test_links_and_curl_lines_are_copied_and_variants_saved(tmp_path: Path, server: Server, visit: Visiting) -> None:
    file = clip(tmp_path)
    made = uploaded(server, file, prepare="false")
    stream = f"{server.url}/api/audio/assets/{made['asset']['id']}/stream?variant=original"
    with visit(server.url, permissions=["clipboard-read", "clipboard-write"], accept_downloads=True) as there:
        page = there.page
        page.goto(f"/#/assets/{made['asset']['id']}")
        page.get_by_role("button", name="Copy link").click()
        assert page.evaluate("navigator.clipboard.readText()") == stream
        page.get_by_role("button", name="Copy curl line").click()
        line = page.evaluate("navigator.clipboard.readText()")
        assert line.startswith("curl ")
        assert stream in line
        with page.expect_download() as saved:
            page.get_by_role("link", name="Download original").click()
        assert saved.value.suggested_filename == "harbour.wav"
        assert saved.value.path().read_bytes() == file.read_bytes()
        assert there.complaints == []


def test_another_recipe_is_asked_for_and_its_fields_are_judged(tmp_path: Path, server: Server, visit: Visiting) -> None:
    made = uploaded(server, clip(tmp_path), prepare="false")
    with visit(server.url) as there:
        page = there.page
        page.goto(f"/#/assets/{made['asset']['id']}")
        page.locator(".recipe summary").click()
        page.get_by_role("combobox", name="For", exact=True).select_option("Broadcast (EBU R128)")
        page.get_by_label("Format").select_option("flac")
        expect(page.get_by_label("Bit rate")).to_have_count(0)
        page.get_by_role("button", name="Prepare", exact=True).click()
        expect(page.locator(".job").first).to_contain_text("\u221223.0 LUFS, at most \u22121.0 dBTP, silence trimmed, FLAC")
        [job] = httpx.get(f"{server.url}/api/jobs").json()["items"]
        assert job["recipe"]["targetLufs"] == -23
        assert there.complaints == []
