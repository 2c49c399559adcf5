"""How the page looks and reads, in a real browser: light and dark, on a desk and a phone, by axe-core's rules (WCAG 2.2 AA)."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from playwright.sync_api import Page, expect

from tests.browser.stocked import clip, prepared, uploaded
from tests.browser.visiting import DESK, PHONE, Visit
from tests.integration.server.process import Server, running_server

Visiting: TypeAlias = Callable[..., AbstractContextManager[Visit]]
AXE = Path(__file__).parents[2] / "page" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SCHEMES: dict[str, dict[str, Any]] = {"light": {"color_scheme": "light"}, "dark": {"color_scheme": "dark"}}
SIZES: dict[str, dict[str, Any]] = {"desk": {"viewport": DESK}, "phone": {"viewport": PHONE, "has_touch": True}}
TOO_SMALL = """[...document.querySelectorAll("button, .button")]
    .filter((one) => one.checkVisibility() && one.offsetHeight < 40).map((one) => one.textContent)"""
"""What is too small for a finger."""


def stocked(server: Server, folder: Path) -> str:
    """Put one asset of each state into the library, and return the one that is prepared."""
    names = ["Interview with the harbour master.wav", "Rain on a tin roof.wav"]
    file = clip(folder)
    uploaded(server, file, names[1], prepare="false")
    prepared(server, file, "Episode 12, intro.wav", targetLufs=-14)
    return prepared(server, file, names[0])


@pytest.mark.parametrize(("scheme", "size"), [("light", "desk"), ("dark", "phone")])
def test_nothing_is_wrong_for_those_who_see_or_steer_it_otherwise(
    tmp_path: Path, visit: Visiting, scheme: str, size: str
) -> None:
    with running_server(tmp_path) as server:
        asset = stocked(server, tmp_path)
        with visit(server.url, **SCHEMES[scheme], **SIZES[size], reduced_motion="reduce") as there:
            page = there.page
            page.goto("/")
            expect(page.locator(".rows a")).to_have_count(3)
            there.picture(f"library-{scheme}-{size}")
            assert faults(page) == []
            page.goto(f"/#/assets/{asset}")
            expect(page.get_by_text("off the head")).to_be_visible()
            for folded in ("Keys", "Prepare again"):
                page.get_by_text(folded, exact=True).click()
            assert faults(page) == []
            page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = false })")
            page.evaluate("document.querySelectorAll('.chosen, html').forEach((one) => { one.scrollTop = 0 })")
            page.get_by_label("Position").fill("7")
            there.picture(f"asset-{scheme}-{size}")
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            page.get_by_role("button", name="Delete").click()
            assert faults(page) == []


def test_on_a_phone_one_thing_is_shown_at_a_time_and_the_way_back_leads_back(tmp_path: Path, visit: Visiting) -> None:
    with running_server(tmp_path) as server:
        stocked(server, tmp_path)
        with visit(server.url, **SIZES["phone"]) as there:
            page = there.page
            page.goto("/")
            row = page.locator(".rows a", has_text="Interview")
            row.tap()
            expect(page.get_by_role("heading", name="Interview")).to_be_visible()
            expect(row).to_be_hidden()
            assert page.evaluate(TOO_SMALL) == []
            page.go_back()
            expect(row).to_be_visible()
            expect(row).to_be_focused()


def faults(page: Page) -> list[str]:
    """Return what axe-core finds wrong with the page as it stands."""
    page.evaluate(AXE.read_text())
    found: dict[str, Any] = page.evaluate("(rules) => axe.run({ runOnly: rules })", RULES)
    return [
        f"{fault['id']}: {node['target']} {node['failureSummary']}" for fault in found["violations"] for node in fault["nodes"]
    ]
