"""Hearing the difference, in a real browser: both variants at one moment, seeking, equal loudness, links that end."""

import re
import wave
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

import httpx
import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.stocked import clip, prepared, uploaded
from tests.browser.visiting import Visit
from tests.integration.server.process import Server, running_server

Visiting: TypeAlias = Callable[..., AbstractContextManager[Visit]]
IN_STEP = 0.12
"""Seconds by which the two may differ while they play, on a machine that does much else."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("player")


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Server]:
    with running_server(folder) as server:
        yield server


@pytest.fixture(scope="module")
def harbour(folder: Path, server: Server) -> str:
    """Give the id of an asset that is prepared."""
    return prepared(server, clip(folder))


@pytest.fixture
def opened(harbour: str, server: Server, visit: Visiting) -> Iterator[Visit]:
    """Give the page of that asset."""
    with visit(server.url) as there:
        there.page.goto(f"/#/assets/{harbour}")
        expect(there.page.get_by_role("heading", name="harbour.wav")).to_be_visible()
        expect(there.page.get_by_role("row", name="Loudness", exact=False).first).to_be_visible()
        there.until("window.sounds.length === 2 && window.sounds.every((sound) => sound.readyState > 0)")
        yield there
        assert there.complaints == []


def test_both_play_at_the_same_moment_of_the_sound_and_one_key_changes_which_is_heard(opened: Visit) -> None:
    page = opened.page
    page.get_by_role("button", name="Play", exact=True).click()
    opened.until("window.sounds[0].currentTime > 3")
    assert opened.sounds("muted") == [True, False]
    for turn in range(3):
        opened.until(f"Math.abs({OFF}) < {IN_STEP}")
        page.keyboard.press("x")
        assert opened.sounds("muted") == [turn % 2 == 1, turn % 2 == 0]
        assert opened.sounds("paused") == [False, False]
    opened.picture("player")
    page.keyboard.press(" ")
    opened.until("window.sounds.every((sound) => sound.paused)")


def test_the_prepared_one_is_silent_where_it_was_trimmed_and_begins_where_its_sound_does(opened: Visit) -> None:
    page = opened.page
    expect(page.get_by_text("trimmed here")).to_be_visible()
    page.get_by_role("button", name="Play", exact=True).click()
    assert opened.sounds("paused")[1]
    opened.until("!window.sounds[1].paused")
    assert page.evaluate(OFF) == pytest.approx(0, abs=0.4)
    expect(page.get_by_text("trimmed here")).to_be_hidden()


def test_both_waveforms_lie_on_one_axis(opened: Visit) -> None:
    page = opened.page
    opened.until(
        "[...document.querySelectorAll('.wave > div')].every((one) => one.shadowRoot.querySelector('canvas').width > 99)"
    )
    whole, part = (page.locator(f".track.{variant} .wave").bounding_box() for variant in ("original", "prepared"))
    assert whole
    assert part
    scale = whole["width"] / opened.sounds("duration")[0]
    assert part["width"] == pytest.approx(opened.sounds("duration")[1] * scale, rel=0.02)
    assert part["x"] - whole["x"] == pytest.approx(trimmed_head(page) * scale, abs=3)


def test_a_click_into_a_waveform_and_keys_lead_to_a_moment(opened: Visit) -> None:
    page = opened.page
    page.locator(".track.original .wave").click(position={"x": 300, "y": 30})
    width = page.locator(".track.original .wave").bounding_box()
    assert width
    clicked = 300 / width["width"] * opened.sounds("duration")[0]
    assert opened.sounds("currentTime") == pytest.approx([clicked, clicked - trimmed_head(page)], abs=0.1)
    page.keyboard.press("ArrowRight")
    assert opened.sounds("currentTime")[0] == pytest.approx(clicked + 5, abs=0.1)
    page.keyboard.press("Shift+ArrowLeft")
    assert opened.sounds("currentTime")[0] == pytest.approx(clicked + 4, abs=0.1)
    page.keyboard.press("Home")
    assert opened.sounds("currentTime") == [0, 0]
    page.get_by_label("Position").fill("7")
    assert opened.sounds("currentTime")[0] == pytest.approx(7, abs=0.1)
    assert 206 in opened.statuses("/api/storage/")


def test_single_letters_can_be_turned_off(opened: Visit) -> None:
    page = opened.page
    page.get_by_text("Keys", exact=True).click()
    letters = page.get_by_label("Single letters and signs are keys")
    letters.uncheck()
    before = opened.sounds("muted")
    page.keyboard.press("x")
    page.keyboard.press("End")  # this one goes on
    opened.until("window.sounds.every((sound) => sound.currentTime > 1)")
    assert opened.sounds("muted") == before
    page.reload()
    page.keyboard.press("x")
    page.get_by_text("Keys", exact=True).click()
    assert opened.sounds("muted") == before
    letters.check()
    page.keyboard.press("x")
    assert opened.sounds("muted") == before[::-1]


def test_a_click_into_the_prepared_waveform_leads_to_the_moment_that_is_drawn_there(
    harbour: str, server: Server, visit: Visiting
) -> None:
    with visit(server.url) as there:
        page = there.page
        page.goto(f"/#/assets/{harbour}")
        there.until("document.querySelectorAll('.track.prepared .wave > div').length === 1")
        expect(page.locator(".figures p").first).to_be_visible()
        lane = page.locator(".track.prepared .wave")
        box = lane.bounding_box()
        assert box
        lane.click(position={"x": box["width"] / 2, "y": 30})
        half = there.sounds("duration")[1] / 2
        assert there.sounds("currentTime") == pytest.approx([half + trimmed_head(page), half], abs=0.15)


def test_who_listens_to_the_original_goes_on_listening_when_it_is_prepared(folder: Path, server: Server, visit: Visiting) -> None:
    asset = uploaded(server, clip(folder), "later.wav", prepare="false")["asset"]["id"]
    with visit(server.url) as there:
        page = there.page
        page.goto(f"/#/assets/{asset}")
        page.get_by_role("button", name="Play", exact=True).click()
        there.until("window.sounds[0].currentTime > 0.5")
        httpx.post(f"{server.url}/api/audio/assets/{asset}/jobs").raise_for_status()
        there.until("window.sounds.length === 3 && !window.sounds[1].paused && window.sounds[1].currentTime > 0.5")
        assert there.sounds("muted")[1:] == [False, True]
        assert page.get_by_role("button", name="Pause", exact=True).is_visible()


def test_what_was_cut_off_is_known_when_its_job_is_kept_no_longer(harbour: str, server: Server, visit: Visiting) -> None:
    with visit(server.url) as there:
        there.page.route("**/api/jobs?*", lambda route: route.fulfill(json={"items": [], "next": None}))
        there.page.goto(f"/#/assets/{harbour}")
        expect(there.page.get_by_text("Nothing has been done with it yet.")).to_be_visible()
        assert trimmed_head(there.page) > 1


def test_where_nobody_knows_what_was_cut_off_it_says_so(harbour: str, server: Server, visit: Visiting) -> None:
    def without_figures(route: Route) -> None:
        page = route.fetch().json()
        for asset in page["items"]:
            asset["renditions"]["prepared"] = asset["renditions"].get("prepared", {}) | {"figures": None}
        route.fulfill(json=page)

    with visit(server.url) as there:
        there.page.route("**/api/audio/assets?*", without_figures)
        there.page.goto(f"/#/assets/{harbour}")
        expect(there.page.get_by_text("Its worker said nothing of what it cut off or changed")).to_be_visible()


def test_what_is_saved_and_drawn_is_what_was_prepared_last(folder: Path, server: Server, visit: Visiting) -> None:
    asset = prepared(server, clip(folder), "twice.wav")
    with visit(server.url, accept_downloads=True) as there:
        page = there.page
        page.goto(f"/#/assets/{asset}")
        assert saved_as(page) == "twice.mp3"
        page.locator(".recipe summary").click()
        page.get_by_role("combobox", name="Format", exact=True).select_option("flac")
        page.get_by_role("button", name="Prepare", exact=True).click()
        expect(page.get_by_role("cell", name="flac")).to_be_visible(timeout=20_000)
        assert saved_as(page) == "twice.flac"
        asked = [answer.request for answer in there.answers if "/peaks?variant=prepared" in answer.url]
        assert asked[-1].all_headers().get("cache-control") in {"no-cache", "max-age=0"}


def test_the_louder_one_is_turned_down_until_one_wants_it_otherwise(opened: Visit) -> None:
    page = opened.page
    by = float(page.locator(".match small").inner_text().split()[1].replace("\u2212", "-"))
    assert by < -10
    assert opened.sounds("volume") == pytest.approx([1, 10 ** (by / 20)], rel=0.02)
    page.keyboard.press("m")
    expect(page.get_by_label("Equal loudness")).not_to_be_checked()
    opened.until("window.sounds.every((sound) => sound.volume === 1)")


def test_a_link_that_ends_while_one_listens_is_renewed_once_and_play_goes_on(
    tmp_path: Path, server: Server, visit: Visiting
) -> None:
    long = tmp_path / "long.wav"
    with wave.open(str(long), "wb") as file:  # longer than a browser reads ahead
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(48_000)
        file.writeframes(b"\1\0\2\0" * 48_000 * 300)
    asset = uploaded(server, long, prepare="false")["asset"]["id"]
    with visit(server.url) as there:
        page = there.page
        page.goto(f"/#/assets/{asset}")
        page.get_by_role("button", name="Play", exact=True).click()
        there.until("window.sounds[0].currentTime > 0.2")
        end_the_link(page)
        page.get_by_label("Position").fill("250")
        there.until("window.sounds[0].currentTime > 250.2")
        assert not there.sounds("paused")[0]
        assert there.statuses("/playback") == [200, 200]
        assert 403 in there.statuses("/api/storage/")
        assert page.locator(".trouble").count() == 0


def test_a_clock_that_is_far_ahead_makes_no_link_be_fetched_again_and_again(
    harbour: str, server: Server, visit: Visiting
) -> None:
    with visit(server.url) as there:
        there.page.clock.set_fixed_time(datetime(2040, 1, 1, tzinfo=UTC))
        there.page.goto(f"/#/assets/{harbour}")
        there.page.get_by_role("button", name="Play", exact=True).click()
        there.until("window.sounds.length === 2 && window.sounds[1].currentTime > 0.5")
        assert there.statuses("/playback") == [200, 200]


def test_where_a_link_can_not_be_renewed_one_is_told(harbour: str, server: Server, visit: Visiting) -> None:
    with visit(server.url) as there:
        there.page.route("**/api/storage/**/original*", lambda route: route.fulfill(status=403))
        there.page.goto(f"/#/assets/{harbour}")
        expect(there.page.get_by_text("Original: This audio can't be played here.")).to_be_visible()
        assert there.statuses("/playback.variant=original") == [200, 200]
        there.page.get_by_role("button", name="Play", exact=True).click()
        there.until("window.sounds[1].currentTime > 0.2")
        there.page.unroute_all()
        there.page.get_by_role("button", name="Try to play it again").click()
        there.until("window.sounds.every((sound) => !sound.paused && sound.currentTime > 0.5)")
        there.page.keyboard.press("x")
        assert there.sounds("muted") == [False, True]
        assert there.page.locator(".trouble").count() == 0


OFF = """(() => {
  const [original, prepared] = window.sounds
  const row = document.querySelector(".figures p").textContent
  return original.currentTime - prepared.currentTime - Number(row.match(/([0-9.]+) s off the head/)[1])
})()"""
"""By how many seconds the original is ahead of the same moment in the prepared audio."""


def trimmed_head(page: Page) -> float:
    found = re.search(r"([0-9.]+) s off the head", page.locator(".figures p").first.inner_text())
    assert found
    return float(found[1])


def saved_as(page: Page) -> str:
    with page.expect_download() as saved:
        page.get_by_role("link", name="Download prepared").click()
    return saved.value.suggested_filename


def end_the_link(page: Page) -> None:
    """Have every link refused, as one that has ended is, until another one is asked for."""
    ended = True

    def refuse(route: Route) -> None:
        if ended:
            route.fulfill(status=403)
        else:
            route.continue_()

    def renew(route: Route) -> None:
        nonlocal ended
        ended = False
        route.continue_()

    page.route("**/api/storage/**", refuse)
    page.route("**/playback?*", renew)
