"""A visit to the page in a real browser, driven by Playwright: what it asked for, and what it complained of."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from msgspec import Struct
from playwright.sync_api import Browser, ConsoleMessage, Page, Response, sync_playwright

from tests.integration.server.process import wait_for

PATIENCE = 20
SCREENS = Path(__file__).parents[2] / "build" / "screens"
"""Where pictures of the page are kept, for people to look at."""

DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}

KEEP_SOUNDS = """
window.sounds = []
const Plain = window.Audio
window.Audio = function () {
  const element = new Plain()
  window.sounds.push(element)
  return element
}
"""
"""The page plays by elements that are nowhere in its tree: a test finds them here, the original before the prepared."""


class Visit(Struct, frozen=True):
    """A page, and what happened on it so far: complaints of its console, and answers."""

    page: Page
    complaints: list[str]
    answers: list[Response]
    asked: list[str]

    def until(self, expression: str) -> None:
        """Return as soon as the expression is true in the page. Playwright's own waiting is refused by the page's policy."""
        wait_for(lambda: bool(self.page.evaluate(expression)), expression, PATIENCE)

    def picture(self, name: str) -> None:
        """Keep a picture of the page as it stands."""
        SCREENS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SCREENS / f"{name}.png")

    def statuses(self, pattern: str) -> list[int]:
        """Return how requests were answered whose addresses the pattern is found in."""
        return [answer.status for answer in self.answers if re.search(pattern, answer.url)]

    def sounds(self, wanted: str) -> list[Any]:
        """Return a property of both sounds."""
        found: list[Any] = self.page.evaluate(f"window.sounds.map((sound) => sound.{wanted})")
        return found


@contextmanager
def browser(chromium: str) -> Iterator[Browser]:
    """Start the machine's Chromium, and end it."""
    options = ["--no-sandbox", "--autoplay-policy=no-user-gesture-required"]
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=options)
        try:
            yield started
        finally:
            started.close()


@contextmanager
def visiting(started: Browser, url: str, **context: Any) -> Iterator[Visit]:
    """Open a page of its own, with nothing remembered from before. `context` is Playwright's, as for `new_context`."""
    opened = started.new_context(base_url=url, **{"viewport": DESK, **context})
    visit = Visit(opened.new_page(), [], [], [])
    visit.page.set_default_timeout(15_000)
    visit.page.add_init_script(KEEP_SOUNDS)
    visit.page.on("console", lambda message: _hear(message, visit.complaints))
    visit.page.on("pageerror", lambda error: visit.complaints.append(str(error)))
    visit.page.on("response", lambda answer: visit.answers.append(answer))  # noqa: PLW0108  (it marks what it is given)
    visit.page.on("request", lambda request: visit.asked.append(request.url))
    try:
        yield visit
    finally:
        opened.close()


def _hear(message: ConsoleMessage, complaints: list[str]) -> None:
    if message.type in {"error", "warning"}:
        complaints.append(f"{message.text} {message.location.get('url', '')}")
