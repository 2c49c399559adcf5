"""Load by wrk, a compiled generator: what it counts, and what it must not see."""

import json
import math
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from msgspec import Struct, convert

from tests.benchmarks.figures import CannotMeasure
from tests.benchmarks.needs import program

LUA = Path(__file__).parent / "lua"


class Run(Struct, frozen=True, kw_only=True):
    """What came of a load: answers, the bytes of them, how long it took, and latencies in microseconds."""

    requests: int
    microseconds: int
    bytes: int
    p50: float
    p99: float
    connect: int
    read: int
    write: int
    status: int
    timeout: int

    @property
    def rate(self) -> float:
        """Answers a second. Raise CannotMeasure if none was whole."""
        if not self.requests:
            raise CannotMeasure("No answer was whole when the time was over")
        return self.requests / self.microseconds * 10**6

    @property
    def gigabytes(self) -> float:
        """Gigabytes a second."""
        return self.bytes / self.microseconds / 1_000

    @property
    def latencies(self) -> dict[str, float]:
        """Return the latencies by name, in milliseconds."""
        return {"p50 ms": self.p50 / 1_000, "p99 ms": self.p99 / 1_000}


def load(url: str, *, connections: int, seconds: float, script: str = "told", arguments: Sequence[str] = ()) -> Run:
    """Ask the URL by so many connections, for so long. Raise CannotMeasure if an answer was no success or did not come."""
    command = [program("wrk"), "-t1", f"-c{connections}", f"-d{math.ceil(seconds) + 2}s", "--timeout=30s"]
    command += ["-s", str(LUA / f"{script}.lua"), url, "--", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        said = _stopped_after(seconds, process)
    return _checked(said, url)


def _stopped_after(seconds: float, process: "subprocess.Popen[str]") -> str:
    # wrk knows whole seconds only, but counts what it has when it is interrupted.
    try:
        with suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
        process.send_signal(signal.SIGINT)
        return process.communicate(timeout=60)[0]
    except BaseException:
        process.kill()
        raise


def _checked(said: str, url: str) -> Run:
    told = [line for line in said.splitlines() if line.startswith("{")]
    if not told:
        raise CannotMeasure(f"wrk said nothing of {url}: {said.strip()[-300:]}")
    run = convert(json.loads(told[-1]), Run)
    wrong = {name: count for name in ("connect", "read", "write", "status", "timeout") if (count := getattr(run, name))}
    if wrong or not run.bytes:
        raise CannotMeasure(
            f"Of {run.requests} answers from {url} not all were as they should be: {wrong or 'there was nothing'}"
        )
    return run
