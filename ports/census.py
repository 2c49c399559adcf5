"""How many jobs there are, and how long the queue waits: what those who run it want to see."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from ports.jobs import JobKind, JobStatus


class Census(Struct, frozen=True):
    """The jobs kept, counted by status and kind (none where there are none), and since when the most overdue one has waited.

    `waiting_since` is the due time of the most overdue queued job of each kind that has one.
    """

    counts: Mapping[tuple[JobStatus, JobKind], int]
    waiting_since: Mapping[JobKind, datetime]


class JobCensus(Protocol):
    """Counts the jobs of a store."""

    async def count(self, now: datetime) -> Census:
        """Count the jobs; a queued one that is due after `now` does not wait yet. Raise Unavailable as the store does."""
        ...
