"""The start: from the command to the first answer of a server, and to the end of the help."""

import subprocess
import sys
import time
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from itertools import count
from pathlib import Path

from tests.benchmarks.costs import cost_of
from tests.benchmarks.figures import CannotMeasure, Goal, Sample, Section, Series
from tests.benchmarks.rounds import Bench, contest
from tests.benchmarks.servers import OURS, PATIENCE, end
from tests.integration.server.process import clean_environment
from tests.services.freeport import free_port

NEEDS = ()
SERVE, HELP = "greenroom serve", "greenroom --help"
GOALS = {SERVE: Goal(at_most=1.5), HELP: Goal(at_most=0.4)}

_GREENROOM = str(Path(sys.executable).with_name("greenroom"))


def run(bench: Bench) -> Section:
    """Start a server on an empty folder each time, and ask for help."""
    folder = bench.inside("start")
    numbers = count()
    turns = {
        SERVE: lambda: _to_first_answer(bench.inside(f"start/{next(numbers)}")),
        HELP: lambda: Sample(cost_of([_GREENROOM, "--help"], folder).seconds),
    }
    found = contest(bench, "start-up", "s", turns)
    series = (
        Series(case=each.case, who=each.who, unit=each.unit, values=each.values, goal=GOALS[each.who]) for each in found.values()
    )
    return Section(way="start-up", series=tuple(series), ratios=())


def _to_first_answer(folder: Path) -> Sample:
    port = free_port()
    settings = {**clean_environment(), **OURS, "GREENROOM_DATA_DIR": str(folder / "data")}
    with (folder / "server.log").open("wb") as log:
        begun = time.perf_counter()
        process = subprocess.Popen(
            [_GREENROOM, "serve", "--port", str(port)], cwd=folder, env=settings, stdout=log, stderr=log, start_new_session=True
        )
    try:
        while not _answers(port):
            if process.poll() is not None or time.perf_counter() - begun > PATIENCE:
                raise CannotMeasure(f"The server did not start: {(folder / 'server.log').read_text()[-300:]}")
            time.sleep(0.002)
        return Sample(time.perf_counter() - begun)
    finally:
        end(process)


def _answers(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    with suppress(OSError, HTTPException):
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    return False
