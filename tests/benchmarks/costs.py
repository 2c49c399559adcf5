"""What a program costs: how long it runs, and what it and its children hold and compute meanwhile."""

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from tests.benchmarks.figures import CannotMeasure
from tests.benchmarks.memory import MB, watched
from tests.integration.server.process import clean_environment


class Cost(Struct, frozen=True):
    """Seconds on the clock, seconds of processors, the most memory held at once in MB, and what the program said."""

    seconds: float
    computed: float
    megabytes: float
    said: str

    @property
    def more(self) -> dict[str, float]:
        """Return what goes beside the time."""
        return {"CPU s": self.computed, "peak MB": self.megabytes}


def cost_of(command: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None) -> Cost:
    """Run a program to its end. Raise CannotMeasure if it fails."""
    out, log = folder / "said", folder / "log"
    with out.open("wb") as output, log.open("wb") as errors:
        begun = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**clean_environment(), **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
            start_new_session=True,
        )
        with watched(process.pid) as peak:
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise CannotMeasure(f"{Path(command[0]).name} failed: {log.read_text(errors='replace').strip()[-500:]}")
    return Cost(seconds, usage.ru_utime + usage.ru_stime, peak.bytes / MB, out.read_text(errors="replace"))
