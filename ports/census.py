"""How many jobs there are, and how long the queue waits: what those who run it want to see."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from ports.jobs import JobKind, JobStatus


class Waiting(Struct, frozen=True):
    """How many queued jobs are due, one at least, and the due time of the most overdue one."""

    count: int
    since: datetime


class Census(Struct, frozen=True):
    """The jobs kept, counted by status and kind, and those that wait by their kind. What there is none of is left out."""

    counts: Mapping[tuple[JobStatus, JobKind], int]
    waiting: Mapping[JobKind, Waiting]


class JobCensus(Protocol):
    """Counts the jobs of a store."""

    async def count(self, now: datetime) -> Census:
        """Count the jobs; a queued one that is due after `now` does not wait yet. Raise Unavailable as the store does."""
        ...
