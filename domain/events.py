"""What can happen to a job: each event with the facts that it brings, and no rule."""

from datetime import datetime, timedelta
from typing import Any, TypeAlias

from msgspec import Struct

from ports.assets import Rendition
from ports.jobs import Delivery, Outcome


class Started(Struct, frozen=True, kw_only=True):
    """A worker has the job: it may be silent until `lease`, each heartbeat gives it `renewal` more, none beyond `deadline`.

    One that was handed no ticket starts by its first heartbeat, which may carry progress and a message. One whose ticket is
    `sent` has no worker before somebody answers.
    """

    worker: str
    lease: datetime
    renewal: timedelta
    deadline: datetime
    progress: float | None = None
    message: str | None = None
    sent: bool = False


class Unanswered(Struct, frozen=True, kw_only=True):
    """The ticket was sent, and nobody knows who has it: the same one is sent again at `due`."""

    due: datetime
    message: str


class Accepted(Struct, frozen=True, kw_only=True):
    """The endpoint that the ticket was sent to has it: it may be silent until the deadline, or until its first heartbeat."""


class Progressed(Struct, frozen=True, kw_only=True):
    """The worker is alive. `progress` is 0 to 1, None where it does not say."""

    progress: float | None = None
    message: str | None = None


class Completed(Struct, frozen=True, kw_only=True):
    """The work is done, and what the job owes was seen in storage. One that owes nothing is looked at again at `due`."""

    due: datetime
    result: dict[str, Any] | None = None
    prepared: Rendition | None = None
    original_peaks: str | None = None


class Failed(Struct, frozen=True, kw_only=True):
    """The work can't be done, or has been tried often enough. `outcome` is that of the last attempt."""

    due: datetime
    code: str
    message: str
    outcome: Outcome = Outcome.FAILED
    result: dict[str, Any] | None = None


class Requeued(Struct, frozen=True, kw_only=True):
    """The attempt ended without deciding the job: another may start at `due`."""

    due: datetime
    outcome: Outcome
    message: str
    code: str | None = None


class Cancelled(Struct, frozen=True, kw_only=True):
    """A person wants the job no more."""

    due: datetime


class Settled(Struct, frozen=True, kw_only=True):
    """The asset shows what the finished job made, or never will."""

    due: datetime


class Delivered(Struct, frozen=True, kw_only=True):
    """Somebody tried to tell the user's app that the job has ended: it was told, unless the delivery says why not."""

    delivery: Delivery
    due: datetime


class Postponed(Struct, frozen=True, kw_only=True):
    """Nothing is done for the finished job before `due`."""

    due: datetime


Event: TypeAlias = (
    Started | Unanswered | Accepted | Progressed | Completed | Failed | Requeued | Cancelled | Settled | Delivered | Postponed
)
