"""What the contract asks of a worker, row by row, and whether it was kept: judged by what was seen."""

from collections.abc import Callable, Iterable

from msgspec import Struct

from entrypoints.rehearsal import trouble, working
from entrypoints.rehearsal.acting import Rehearsed
from entrypoints.rehearsal.verdicts import Found, Verdict


class Row(Struct, frozen=True):
    """One row. `chapter` is that of docs/worker.md; `saw` says what was seen, and what was expected where it was not that."""

    name: str
    chapter: str
    asks: str
    verdict: Verdict
    saw: str


def judged(seen: Rehearsed) -> list[Row]:
    """Return every row that is asked of this worker: one that claims, or one that is sent its tickets."""
    asked = [item for item in _ROWS if item[0] != ("claim" if seen.pushed else "start")]
    return [Row(name, chapter, asks, *judge(seen)) for name, chapter, asks, judge in asked]


_ROWS: Iterable[tuple[str, str, str, Callable[[Rehearsed], Found]]] = (
    ("claim", "Claim", "asks for work", working.claim),
    ("start", "Or be sent the tickets", "takes a ticket that is sent twice once", working.start),
    ("download", "Download", "reads the original by its link alone", working.download),
    ("heartbeats", "Report", "says in time that it is alive", working.heartbeats),
    ("output", "Upload", "sends the whole output as the ticket says", working.output),
    ("reports", "Report", "proves each report by the ticket's token", working.reports),
    ("again", "When to try again", "repeats a report that is answered 503", trouble.again),
    ("there already", "Upload", "sends an output again, and goes on where it is there", trouble.lost),
    ("once more", "Report", "sends the output once more after a 422", trouble.refused),
    ("cancel", "Report", "stops when its job is cancelled", trouble.cancelled),
    ("over", "Report", "says no more after a 409", trouble.over),
    ("redirect", "When to try again", "follows no redirect", trouble.redirect),
)
