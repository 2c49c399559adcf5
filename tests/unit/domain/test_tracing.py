"""What is taken for a `traceparent`, by the words of the W3C's recommendation and the cases of its test suite."""

import pytest

from domain.tracing import accepted, begun, trace_of

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
GOOD = f"00-{TRACE}-{PARENT}-01"


@pytest.mark.parametrize(
    ("came", "goes_on"),
    [
        (GOOD, GOOD),
        (f"00-{TRACE}-{PARENT}-00", f"00-{TRACE}-{PARENT}-00"),
        (f"00-{TRACE}-{PARENT}-ff", f"00-{TRACE}-{PARENT}-03"),  # flags that mean nothing yet are not handed on
        (f"01-{TRACE}-{PARENT}-01", GOOD),  # of a later version, what stands where 00 has it counts
        (f"cc-{TRACE}-{PARENT}-01-what-the-future-will-be-like", GOOD),
        (f"cc-{TRACE}-{PARENT}-01-", GOOD),
        (f"fe-{TRACE}-{PARENT}-01", GOOD),
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
    ],
)
def test_a_well_formed_one_goes_on(came: str, goes_on: str) -> None:
    assert accepted([came]) == goes_on
    assert trace_of(goes_on) == came[3:35]


@pytest.mark.parametrize(
    "came",
    [
        "",
        "00",
        f"ff-{TRACE}-{PARENT}-01",
        f"FF-{TRACE}-{PARENT}-01",
        f"0-{TRACE}-{PARENT}-01",
        f"000-{TRACE}-{PARENT}-01",
        f".0-{TRACE}-{PARENT}-01",
        f"00-{TRACE.upper()}-{PARENT}-01",
        f"00-{TRACE}-{PARENT.upper()}-01",
        f"00-{TRACE}-{PARENT}-0A",
        f"00-{'0' * 32}-{PARENT}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE[:-1]}-{PARENT}-01",
        f"00-{TRACE}0-{PARENT}-01",
        f"00-.{TRACE[1:]}-{PARENT}-01",
        f"00-{TRACE}-{PARENT[:-1]}-01",
        f"00-{TRACE}-{PARENT}0-01",
        f"00-{TRACE}-{PARENT}-1",
        f"00-{TRACE}-{PARENT}-001",
        f"00-{TRACE}-{PARENT}-.0",
        f"00-{TRACE}-{PARENT}-01.",
        f"00-{TRACE}-{PARENT}-01-what-the-future-will-be-like",
        f"00-{TRACE}-{PARENT}-01-",
        f"cc-{TRACE}-{PARENT}-01.what-the-future-will-not-be-like",
        f"00-{TRACE}-{PARENT}",
        f"00_{TRACE}_{PARENT}_01",
        f"{GOOD},{GOOD}",
        f"{GOOD}\n",
        f" {GOOD}",
        f"00-{TRACE}-{PARENT}-0\u0661",
    ],
)
def test_a_malformed_one_is_ignored(came: str) -> None:
    assert accepted([came]) is None


def test_more_than_one_is_none() -> None:
    assert accepted([]) is None
    assert accepted([GOOD, GOOD]) is None


def test_a_new_one_is_well_formed_and_different_each_time() -> None:
    made = {begun(bytes([number]) * 24) for number in range(1, 100)}
    assert len(made) == 99
    assert all(accepted([one]) == one for one in made)
