"""What strangers can cause to be logged can't flood the log."""

import pytest
import structlog
from structlog.testing import capture_logs

from entrypoints.web import limited_log
from entrypoints.web.limited_log import LimitedLog

LINE = "Somebody called from {}"


@pytest.fixture(autouse=True)
def _new_logger(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget a logger that other tests have used: it would not be captured."""
    monkeypatch.setattr(limited_log, "log", structlog.get_logger())


def test_an_address_is_logged_once_in_ten_seconds_with_the_count_of_the_rest() -> None:
    now = [100.0]
    called = LimitedLog(LINE, lambda: now[0])
    with capture_logs() as lines:
        for _ in range(5):
            called("203.0.113.7")
        called("203.0.113.8")
        now[0] += 10
        called("203.0.113.7")
    told = [(line["event"], line["suppressed"]) for line in lines]
    assert told == [(LINE.format("203.0.113.7"), 0), (LINE.format("203.0.113.8"), 0), (LINE.format("203.0.113.7"), 4)]


def test_it_remembers_no_more_addresses_than_it_may() -> None:
    called = LimitedLog(LINE, lambda: 0.0, capacity=3)
    with capture_logs() as lines:
        for number in range(10):
            called(f"10.0.0.{number}")
        called("10.0.0.0")
    assert [line["event"] for line in lines].count(LINE.format("10.0.0.0")) == 2
