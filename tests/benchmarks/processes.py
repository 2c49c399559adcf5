"""Several web processes on one machine: what a second one adds to callbacks and redirects, the load generator beside them."""

import subprocess
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from functools import partial

from tests.benchmarks.callback import reporting
from tests.benchmarks.figures import Goal, Section, Series, ratio
from tests.benchmarks.redirect import redirecting_of_ours
from tests.benchmarks.rounds import Bench, contest
from tests.benchmarks.servers import greenroom
from tests.integration.server.process import clean_environment

NEEDS = ("wrk",)
ONE, TWO = "--workers 1", "--workers 2"
SCALES = Goal(at_least=1.3)


def run(bench: Bench) -> Section:
    """Load a server of one process and one of two, if this version has such."""
    if not offered():
        return Section(way="processes", series=(), ratios=(), notes=("`greenroom serve` has no --workers here",))
    connections, seconds = max(bench.sizes.redirect_connections), bench.sizes.seconds
    with ExitStack() as stack:
        servers = {name: stack.enter_context(greenroom(bench.inside(name), {}, name.split())) for name in (ONE, TWO)}
        callbacks = {name: partial(reporting(bench, serving), connections) for name, serving in servers.items()}
        reported = contest(bench, "callback, SQLite", "callbacks/s", callbacks)
        redirects = {name: redirecting_of_ours(bench, serving) for name, serving in servers.items()}
        asked = {name: partial(each.again, connections, seconds) for name, each in redirects.items()}
        redirected = contest(bench, "redirect, warm, local", "redirects/s", asked)
    found: tuple[Mapping[str, Series], ...] = (reported, redirected)
    return Section(
        way="processes",
        series=tuple(series for each in found for series in each.values()),
        ratios=tuple(ratio(each[TWO], each[ONE], SCALES) for each in found),
    )


def offered() -> bool:
    """Say whether `greenroom serve` can be told how many processes to run."""
    command = [sys.executable, "-m", "entrypoints", "serve", "--help"]
    return "--workers" in subprocess.run(command, env=clean_environment(), capture_output=True, text=True, check=True).stdout
