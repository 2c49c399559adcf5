"""What the doctor finds of the clock."""

from datetime import UTC, datetime

import pytest

from entrypoints.doctor.clock import Dates
from entrypoints.doctor.findings import State
from tests.unit.doctor.answering import answering

pytestmark = pytest.mark.anyio

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


async def states(*answers: dict[str, str]) -> list[tuple[State, str]]:
    dates = Dates(lambda: NOON)
    for number, headers in enumerate(answers, 1):
        async with answering({"GET": 200}, headers) as client:
            dates.listen(client)
            await client.get(f"http://host{number}.example/")
    return [(finding.state, finding.says) for finding in dates.examine()]


@pytest.mark.parametrize(
    ("date", "state"),
    [
        ("Sun, 22 Nov 2026 12:00:00 GMT", State.GOOD),
        ("Sun, 22 Nov 2026 12:00:03 GMT", State.GOOD),
        ("Sun, 22 Nov 2026 11:59:50 GMT", State.WARNING),
        ("Sun, 22 Nov 2026 12:00:10 GMT", State.WARNING),
        ("Sun, 22 Nov 2026 11:58:30 GMT", State.TROUBLE),
        ("Sun, 22 Nov 2026 12:01:30 GMT", State.TROUBLE),
    ],
)
async def test_a_clock_that_differs_from_others_is_noticed(date: str, state: State) -> None:
    assert [found for found, _ in await states({"Date": date})] == [state]


async def test_whose_clock_differs_most_is_named() -> None:
    [(state, told)] = await states({"Date": "Sun, 22 Nov 2026 12:00:00 GMT"}, {"Date": "Sun, 22 Nov 2026 11:00:00 GMT"})
    assert (state, "host2.example" in told) == (State.TROUBLE, True)


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"Date": "yesterday"},
        {"Date": "Sun, 22 Nov 2026 11:00:00 -0000"},
        {"Date": "Sun, 22 Nov 2026 11:00:00 GMT", "Age": "3600"},
    ],
)
async def test_an_answer_that_does_not_say_what_time_it_is_now_tells_nothing(answer: dict[str, str]) -> None:
    assert await states(answer) == []
