"""Whether an endpoint takes tickets: what is started while it does not, and how often the log hears of it."""

import asyncio
from datetime import timedelta

import pytest
import structlog
from structlog.testing import LogCapture

from entrypoints.background import outlook
from entrypoints.background.outlook import FIRST_WHILE_AWAY, Outlook

pytestmark = pytest.mark.anyio

BRIEF = timedelta(milliseconds=40)


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> LogCapture:
    capture = LogCapture()
    monkeypatch.setattr(outlook, "log", structlog.wrap_logger(None, processors=[capture]))
    return capture


async def rest_of(hears: Outlook) -> float:
    """Return the seconds until a job may be started."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    await asyncio.wait_for(hears.rested(), 10)
    return loop.time() - began


async def test_an_endpoint_that_nobody_has_asked_is_not_known_to_be_well_but_may_be_asked() -> None:
    hears = Outlook()
    assert not hears.is_well
    assert await rest_of(hears) < 0.1


async def test_after_trouble_nothing_starts_for_a_while_that_grows() -> None:
    hears = Outlook()
    rests = []
    for _ in range(3):
        hears.trouble("it is away", first=BRIEF)
        rests.append(await rest_of(hears))
    assert not hears.is_well
    assert all(rest >= 0.75 * 0.04 * 2**n for n, rest in enumerate(rests))


async def test_a_rest_is_no_shorter_than_the_endpoint_asked_for() -> None:
    hears = Outlook()
    hears.trouble("it has no room", first=BRIEF, least=0.3)
    assert await rest_of(hears) >= 0.3


async def test_a_ticket_that_is_accepted_ends_the_rest_at_once_and_the_next_begins_anew() -> None:
    hears = Outlook()
    for _ in range(5):
        hears.trouble("it is away", first=FIRST_WHILE_AWAY)
    resting = asyncio.create_task(rest_of(hears))
    await asyncio.sleep(0)
    hears.well()
    assert await resting < 1
    assert hears.is_well
    hears.trouble("it is away", first=BRIEF)
    assert await rest_of(hears) < 1


async def test_troubles_of_another_kind_are_counted_anew() -> None:
    hears = Outlook()
    for _ in range(12):
        hears.trouble("it has no room", first=BRIEF / 1000)
    hears.trouble("it is away", first=BRIEF)
    assert await rest_of(hears) < 1


async def test_the_log_hears_when_it_changes_and_not_each_time(logged: LogCapture) -> None:
    hears = Outlook()
    hears.well()
    for _ in range(3):
        hears.trouble("it is away")
    hears.trouble("it has no room")
    for _ in range(3):
        hears.well()
    told = [(entry["log_level"], entry["event"], entry.get("why")) for entry in logged.entries]
    assert told == [
        ("warning", "the endpoint takes no ticket", "it is away"),
        ("warning", "the endpoint takes no ticket", "it has no room"),
        ("info", "the endpoint takes tickets again", None),
    ]
