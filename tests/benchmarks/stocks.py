"""Jobs that wait to be reported, each once: topped up before a load, and counted in the store after it."""

from collections.abc import Callable, Sequence
from pathlib import Path
from uuid import UUID

from tests.benchmarks.figures import CannotMeasure, Sample
from tests.benchmarks.seeding import some_ids
from tests.benchmarks.servers import SECRET
from tests.benchmarks.wrk import load


class Stock:
    """Jobs of one store. `keep` puts new ones there, `complete` counts those that are complete."""

    def __init__(self, path: Path, keep: Callable[[Sequence[UUID]], None], complete: Callable[[], int]) -> None:
        self._path = path
        self._keep = keep
        self._complete = complete
        self._waiting: list[UUID] = []
        self.acknowledged = 0
        self._unheard = 0

    def report(self, url: str, connections: int, seconds: float, enough: int) -> Sample:
        """Report as many jobs as the server takes in that time. Raise CannotMeasure if the store has not all of them."""
        self._top_up(enough)
        self._path.write_text("".join(f"{job}\n" for job in self._waiting))
        run = load(
            f"{url}/api/webhooks/worker",
            connections=connections,
            seconds=seconds,
            script="reports",
            arguments=[str(self._path), SECRET],
        )
        self.acknowledged += run.requests
        self._unheard += connections
        del self._waiting[: run.requests + connections]
        self._compare()
        return Sample(run.rate, run.latencies)

    def _top_up(self, enough: int) -> None:
        fresh = some_ids(max(0, enough - len(self._waiting)))
        if fresh:
            self._keep(fresh)
        self._waiting += fresh

    def _compare(self) -> None:
        # What was under way when wrk stopped may have been done: at most one report a connection.
        kept = self._complete()
        if not self.acknowledged <= kept <= self.acknowledged + self._unheard:
            raise CannotMeasure(f"{self.acknowledged} reports were acknowledged, but {kept} jobs are complete")
