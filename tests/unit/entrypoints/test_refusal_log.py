"""The log of refused callbacks can't be flooded."""

from structlog.testing import capture_logs

from entrypoints.web.guards import RefusalLog

LINE = "[Webhook] Unauthorized request from {}"


def test_an_address_is_logged_once_in_ten_seconds_with_the_count_of_the_rest() -> None:
    now = [100.0]
    refused = RefusalLog(lambda: now[0])
    with capture_logs() as lines:
        for _ in range(5):
            refused("203.0.113.7")
        refused("203.0.113.8")
        now[0] += 10
        refused("203.0.113.7")
    told = [(line["event"], line["suppressed"]) for line in lines]
    assert told == [(LINE.format("203.0.113.7"), 0), (LINE.format("203.0.113.8"), 0), (LINE.format("203.0.113.7"), 4)]


def test_it_remembers_no_more_addresses_than_it_may() -> None:
    refused = RefusalLog(lambda: 0.0, capacity=3)
    with capture_logs() as lines:
        for number in range(10):
            refused(f"10.0.0.{number}")
        refused("10.0.0.0")
    assert [line["event"] for line in lines].count(LINE.format("10.0.0.0")) == 2
