"""What has happened lately, kept for those who listen: as much of it as a slow listener may cost."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate, islice
from uuid import UUID

from msgspec import Struct

from ports.jobs import JobStatus

MOST_KEPT = 1000
MOST_BYTES_KEPT = 4 * 1024 * 1024
"""How much is kept at most: so many events, and so many bytes of text unless one alone has more."""

PORTION = 64 * 1024
"""Bytes after which a listener is given no more events at a time: while it is slow, it holds no more."""


class Event(Struct, frozen=True):
    """How a job stood after a change, and the text that listeners are sent.

    Of a job that was removed, the status is None, and the version higher than any.
    """

    number: int
    job_id: UUID
    status: JobStatus | None
    version: float
    text: bytes


class Recent:
    """The last events up to a position; all that happened after the `floor` is among them."""

    def __init__(self, position: int) -> None:
        self.position = position
        self.floor = position
        self._kept: list[Event] = []

    def add(self, events: Sequence[Event], position: int) -> None:
        """Keep what happened up to this position, in the order of its numbers, and drop the oldest."""
        self._kept += events
        self.position = position
        if dropped := _too_many(self._kept):
            self.floor = self._kept[dropped - 1].number
            del self._kept[:dropped]

    def after(self, number: int) -> tuple[Sequence[Event], int]:
        """Return a portion of what came after a number from the floor to the position, and the number to go on from."""
        later = self._kept[bisect_right(self._kept, number, key=number_of) :]
        return portion(later, self.position)


def number_of(event: Event) -> int:
    """Return the number that events are in the order of."""
    return event.number


def portion(events: Sequence[Event], position: int) -> tuple[Sequence[Event], int]:
    """Return as many events as one listener is given at a time, and where to go on from: if that is all, from `position`."""
    count = fitting(event.text for event in events)
    return (events, position) if count >= len(events) else (events[:count], events[count - 1].number)


def fitting(texts: Iterable[bytes]) -> int:
    """Return how many of the texts make a portion; with one more than there are, all do."""
    return sum(1 for size in accumulate(map(len, texts)) if size < PORTION) + 1


def _too_many(kept: Sequence[Event]) -> int:
    """Return how many of the oldest events are more than is kept: the newest always is."""
    sizes = accumulate(len(event.text) for event in reversed(kept))
    newest = sum(1 for size in islice(sizes, MOST_KEPT) if size <= MOST_BYTES_KEPT)
    return len(kept) - max(newest, 1)
