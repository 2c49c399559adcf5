"""What is counted: one method an occasion, and what Prometheus says of each series."""

import asyncio
from bisect import bisect_left
from collections.abc import Mapping

from domain.deeds import Tally
from entrypoints.metrics.ledger import Ledger, Series, totals

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
"""Upper bounds of the latencies that are counted together, in seconds."""

BOUNDS = (*map(str, BUCKETS), "+Inf")
"""The same as they are labelled, and the one above them all."""

LATENCY = "greenroom_request_seconds"
LATENCY_LABELS = ("method", "route", "status")

COUNTERS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "greenroom_callback_answers": ("Workers' callbacks, by what came of them", ("answer",)),
    "greenroom_dispatch_answers": ("Tickets sent to the endpoint, by what it answered", ("answer",)),
    "greenroom_previous_secret_uses": ("Requests of workers that proved themselves by a secret that is to go", ("setting",)),
    "greenroom_housekeeping": ("What the housekeepers did; `lost` are attempts that were silent for too long", ("deed",)),
}
"""Each counter by name: what it says, and its labels."""

WRITE_EVERY = 1.0
"""Seconds until other processes know, at most, what was counted here."""

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Metrics:
    """Counts what happens in this process. Whatever a stranger can choose freely is no label."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request whose answer began after so many seconds. `route` is a template, never a path."""
        labels = (method if method in _METHODS else "other", route, str(status))
        self._ledger.add((f"{LATENCY}_bucket", *labels, BOUNDS[bisect_left(BUCKETS, seconds)]))
        self._ledger.add((f"{LATENCY}_sum", *labels), seconds)

    def callback(self, answer: str) -> None:
        """Count a worker's callback: `applied`, `unchanged`, or the name of the error that it was answered with."""
        self._ledger.add(("greenroom_callback_answers", answer))

    def dispatched(self, answer: str) -> None:
        """Count a ticket that was sent: `accepted`, `busy`, `refused` or `unanswered`."""
        self._ledger.add(("greenroom_dispatch_answers", answer))

    def previous_secret(self, setting: str) -> None:
        """Count a worker that still proves itself by the secret of this setting."""
        self._ledger.add(("greenroom_previous_secret_uses", setting))

    def tended(self, tally: Tally) -> None:
        """Count what the housekeeper did in a round."""
        for deed, times in tally.items():
            self._ledger.add(("greenroom_housekeeping", deed.name.lower()), times)

    def totals(self) -> Mapping[Series, float]:
        """Return what the processes have counted together. It reads files: not for an event loop."""
        self._ledger.write()
        return totals(self._ledger.folder)

    async def write_forever(self) -> None:
        """Let the other processes know, again and again: a request waits for no disk to be counted."""
        while True:
            await asyncio.sleep(WRITE_EVERY)
            await asyncio.to_thread(self._ledger.write)
