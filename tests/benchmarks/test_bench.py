"""The bench itself: every row comes about, and what is wrong is said. Its figures are nobody's business here."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tests.benchmarks.figures import CannotMeasure, Goal, Sample, ratio, series_of
from tests.benchmarks.needs import PACKAGES, missing
from tests.benchmarks.rounds import Bench, contest
from tests.benchmarks.servers import rival
from tests.benchmarks.sizes import SMOKE
from tests.benchmarks.stocks import Stock
from tests.benchmarks.wrk import load

ROOT = Path(__file__).parents[2]

ROWS = {
    "bytes": {"local link", "nginx"},
    "stores": {"SQLite", "Redis", "bare statements", "redis-benchmark"},
    "start-up": {"greenroom serve", "greenroom --help"},
}
"""The ways that are quickly gone, and who has rows in each. `make bench BENCH=--smoke` goes all of them: CI does."""


@pytest.fixture
def tools() -> None:
    """Demand what the bench drives. In CI it must be there."""
    sentence = missing(PACKAGES)
    if sentence and not os.environ.get("CI"):
        pytest.skip(sentence)
    assert sentence is None


def bench(*options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.benchmarks", *options]
    return subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, check=False, timeout=110
    )


@pytest.mark.usefixtures("tools")
def test_every_row_comes_about(tmp_path: Path) -> None:
    ran = bench("--smoke", "--only", ",".join(ROWS), "--out", str(tmp_path))
    assert ran.returncode == 0, ran.stdout + ran.stderr
    found = json.loads((tmp_path / "bench.json").read_bytes())
    assert {section["way"]: contenders(section) for section in found["sections"]} == ROWS
    rows = [row for section in found["sections"] for row in section["series"] + section["ratios"]]
    assert all(row["least"] <= row["median"] <= row["most"] for row in rows)
    assert all(way in ran.stdout for way in ROWS)
    # What draws is installed by `make bench`, which CI calls at its end.
    drawn = find_spec("matplotlib") is not None
    assert ("no picture" in ran.stdout) is not drawn
    assert {path.name for path in tmp_path.iterdir()} == {"bench.json", "progress.log"} | ({"bench.png"} if drawn else set())
    assert not drawn or (tmp_path / "bench.png").read_bytes().startswith(b"\x89PNG")


def contenders(section: Any) -> set[str]:
    compared = {who for row in section["ratios"] for who in (row["who"], row["beside"])}
    measured = {row["who"] for row in section["series"]}
    assert compared <= measured
    return measured


def test_what_is_missing_is_named_with_its_package(tmp_path: Path) -> None:
    ran = bench("--smoke", "--only", "callback", "--out", str(tmp_path), PATH=str(tmp_path))
    assert ran.returncode == 2
    assert ran.stderr == "The bench needs wrk: install with `apt-get install wrk` (Debian)\n"
    assert not list(tmp_path.iterdir())


def test_a_way_that_is_not_known_is_refused(tmp_path: Path) -> None:
    ran = bench("--only", "call-back", "--out", str(tmp_path))
    assert ran.returncode == 2
    assert "call-back" in ran.stderr


@pytest.mark.usefixtures("tools")
def test_answers_that_are_no_success_fail_the_row(tmp_path: Path) -> None:
    with rival(tmp_path, "bare") as serving, pytest.raises(CannotMeasure, match="'status'"):
        load(f"{serving.url}/nothing-here", connections=2, seconds=0.2)


@pytest.mark.usefixtures("tools")
@pytest.mark.parametrize("kept", [0, 10**9])
def test_a_store_that_keeps_less_or_more_than_was_acknowledged_fails_the_row(tmp_path: Path, kept: int) -> None:
    def keep(_: Sequence[UUID]) -> None:
        return

    with rival(tmp_path, "bare") as serving, pytest.raises(CannotMeasure, match=f"but {kept} jobs are complete"):
        Stock(tmp_path / "jobs", keep, lambda: kept).report(serving.url, 2, 0.2, 1_000)


@pytest.mark.usefixtures("tools")
def test_every_job_is_reported_once_and_where_there_are_no_more_the_load_ends(tmp_path: Path) -> None:
    acknowledged = []

    def complete() -> int:
        acknowledged.append(stock.acknowledged)
        return stock.acknowledged

    with rival(tmp_path, "bare") as serving:
        stock = Stock(tmp_path / "jobs", lambda _: None, complete)
        stock.report(serving.url, 2, 5, 50)
    assert acknowledged[0] <= 50


def test_rounds_are_interleaved_and_everyone_is_first_some_time(tmp_path: Path) -> None:
    seen: list[str] = []

    def turn(name: str) -> Sample:
        seen.append(name)
        return Sample(len(seen))

    found = contest(Bench(SMOKE, 2, tmp_path, lambda _: None), "case", "s", {"a": lambda: turn("a"), "b": lambda: turn("b")})
    assert seen == ["a", "b", "b", "a"]
    assert found["a"].values == (1, 4)


def test_ratios_are_of_the_same_round() -> None:
    ours, theirs = (
        series_of("case", who, "s", [Sample(value) for value in values]) for who, values in (("we", (2, 9)), ("they", (4, 3)))
    )
    assert ratio(ours, theirs).values == (0.5, 3)


def test_a_goal_has_one_bound_or_both() -> None:
    both = Goal(at_least=1, at_most=2)
    assert [both.reached(value) for value in (0.9, 1, 2, 2.1)] == [False, True, True, False]
    assert str(both) == "≥ 1 and ≤ 2"
