"""The jobs of a rehearsal, what each is about, and what was seen of the worker at it."""

import asyncio
from enum import StrEnum
from typing import Any
from uuid import UUID

from msgspec import Struct, field

from ports.work import Ticket

TERMINAL = {"complete", "failed", "released"}


class Pace(Struct, frozen=True, kw_only=True):
    """How fast the rehearsal goes, in seconds.

    `lease` is what tickets say; `comes` how long the worker may take to come; one that is `quiet` for so long at a job that it
    had begun has given it up, and no job is waited for longer than the `longest`; `watch` is how long it is watched after the
    last job.
    """

    lease: float = 4
    comes: float = 60
    quiet: float = 10
    longest: float = 180
    watch: float = 3
    retry_after: int = 1


class Scene(StrEnum):
    """What a job is about."""

    SLOW = "a slow download, and a report that is answered 503"
    LOST = "an output whose answer is lost, and then the output itself"
    CANCELLED = "a job that is cancelled meanwhile"
    OVER = "a report that comes too late"
    REDIRECTED = "a heartbeat that is redirected"


class Part(StrEnum):
    """What a request is to."""

    CLAIM = "claim"
    INPUT = "input"
    PREPARED = "prepared"
    PEAKS = "peaks"
    REPORT = "report"
    ELSEWHERE = "elsewhere"


class Seen(Struct, kw_only=True):
    """One request of the worker's, when it came and when it was answered (seconds), and how. `proof` is its Authorization."""

    part: Part
    began: float
    proof: str | None = None
    whole: bool = True
    said: dict[str, Any] = field(default_factory=dict[str, Any])
    status: int = 0
    error: str = ""
    answered: float | None = None

    def reports(self, *statuses: str) -> bool:
        """Say whether it is a report of one of these statuses, or any report where none is named."""
        return self.part is Part.REPORT and (not statuses or self.said.get("status") in statuses)


class Post(Struct, kw_only=True):
    """A ticket on its way to an endpoint: taken, refused, or neither yet; `why` is what was last in the way."""

    began: float
    taken: bool | None = None
    why: str = "it was not answered"


class Play(Struct, kw_only=True):
    """One job of the rehearsal. `tickets` are those handed out for it; `released` ends the time that its download is held."""

    scene: Scene
    job_id: UUID
    asset_id: str
    tickets: list[Ticket] = field(default_factory=list[Ticket])
    seen: list[Seen] = field(default_factory=list[Seen])
    posts: list[Post] = field(default_factory=list[Post])
    released: asyncio.Event = field(default_factory=asyncio.Event)

    def of(self, part: Part) -> list[Seen]:
        """Return the requests to this part."""
        return [seen for seen in self.seen if seen.part is part]

    def reported(self, *statuses: str) -> list[Seen]:
        """Return the reports of these statuses, all reports where none is named."""
        return [seen for seen in self.seen if seen.reports(*statuses)]

    def ended(self) -> bool:
        """Say whether a last report was answered for good, or any report with the end of the attempt."""
        return any(
            (seen.status == 200 and seen.said.get("status") in TERMINAL) or seen.status in {404, 409} for seen in self.reported()
        )

    def times_begun(self) -> int:
        """Return how often the work was begun."""
        return max(len([read for read in self.of(Part.INPUT) if read.whole]), len(self.of(Part.PREPARED)))

    def refused(self) -> bool:
        """Say whether the endpoint will not have the ticket, however often it is sent."""
        return bool(self.posts) and all(post.taken is False for post in self.posts)

    def last_sign(self) -> float | None:
        """Return when the worker was last heard of, None if it never was; now, in effect, while something is being answered."""
        return max((seen.answered if seen.answered is not None else float("inf") for seen in self.seen), default=None)
