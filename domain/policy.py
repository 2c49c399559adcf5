"""The figures that the rules go by: those of the design, and those that the settings may change."""

from datetime import timedelta

from msgspec import Struct

from ports.audio import Limits

TAKEN_FOR = timedelta(seconds=30)
"""How long a taker has a due job or asset to itself: one that dies leaves it as it was, to come up again then."""

HEARTBEAT = timedelta(seconds=15)
"""How often a worker says that it is alive."""

REDIRECT_MAX_AGE = timedelta(hours=1)
"""How long a player or a cache may keep the redirect of a stream."""

LINK_WINDOW = timedelta(hours=1)
"""How long one process gives the same rendition the same link."""

LONGEST_LINK = timedelta(days=7)
"""What S3 and R2 sign at most."""

ARRIVES_WITHIN = timedelta(days=1)
"""How long an upload may take before its traces are swept."""

SENT_WITHIN = timedelta(days=1)
"""How long the links of a direct upload are good."""

STILL_ARRIVING = timedelta(hours=1)
"""How long a direct upload may be completed once its links have ended: what was begun by them may still be arriving."""

HELD_FOR = timedelta(hours=1)
"""How long a direct upload is left alone that is being completed: many bytes may have to be read."""

REMEMBERED = timedelta(days=1)
"""How long it is known which job changed when: who listens and loses touch for no longer misses nothing."""


class Policy(Struct, frozen=True, kw_only=True):
    """What the settings decide.

    `lease` is how long an attempt with a ticket may be silent, `deadline` how long any attempt may take, `keep_jobs` how long a
    finished job is kept, `public_url` where workers and apps reach this server (no slash at its end). With `notifies` the user's
    app is told of each job that has ended. `part_bytes` is the usual size of the parts of a direct upload.
    """

    public_url: str
    lease: timedelta = timedelta(seconds=60)
    deadline: timedelta = timedelta(hours=1)
    keep_jobs: timedelta = timedelta(days=30)
    max_attempts: int = 3
    notifies: bool = False
    part_bytes: int = 16 * 2**20
    limits: Limits = Limits()
