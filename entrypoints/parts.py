"""The parts of a running Greenroom, as the wiring has joined them: what handlers, loops and workers are given."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TypeAlias

from msgspec import Struct

from domain.house import House
from domain.policy import Policy
from domain.window import LinkWindow
from entrypoints.bell import Bell
from entrypoints.events.broadcast import Broadcast
from entrypoints.metrics.instruments import Metrics
from entrypoints.settings import Settings
from ports.agenda import AssetAgenda, JobAgenda, UploadAgenda
from ports.assets import AssetStore
from ports.audio import AudioEngine
from ports.census import JobCensus
from ports.events import JobFeed
from ports.health import Check
from ports.jobs import JobStore
from ports.links import Gate, Links, Multipart, PartWriter
from ports.notices import Notifier
from ports.origins import Pages
from ports.proofs import Signatures
from ports.storage import LocalFiles, Storage
from ports.uploads import UploadStore
from ports.work import Tokens

Sweep: TypeAlias = Callable[[bool], Awaitable[int]]
"""Removes what processes that are gone have left half-done, or with False only counts it. Returns how many things it were."""


class Promise(Struct, frozen=True):
    """What the server behind the stores promises of what is kept there, in a sentence; `weak` where that should be looked at."""

    sentence: str
    weak: bool


class Kept(Struct, frozen=True, kw_only=True):
    """The stores of one technology, at one place. `check` says whether they can be used now.

    `promise` is there where what they promise depends on another server's settings.
    """

    jobs: JobStore
    assets: AssetStore
    uploads: UploadStore
    census: JobCensus
    feed: JobFeed
    due_jobs: JobAgenda
    due_assets: AssetAgenda
    due_uploads: UploadAgenda
    check: Check
    promise: Promise | None = None


class Local(Struct, frozen=True, kw_only=True):
    """What a storage on this machine has beyond others: its objects are files, and our own server answers its links."""

    files: LocalFiles
    gate: Gate
    part_writer: PartWriter


class Objects(Struct, frozen=True, kw_only=True):
    """The storage of one technology, at one place.

    `pages` is there where the storage's own server decides what pages of other origins may do, and `origin` (RFC 6454) is
    where its links lead then: None where our own server answers them.
    """

    storage: Storage
    links: Links
    multipart: Multipart
    check: Check
    sweep: Sweep
    local: Local | None = None
    pages: Pages | None = None
    origin: str | None = None


class Stores(Struct, frozen=True, kw_only=True):
    """What a command needs that reads or steers jobs by itself, beside servers or without any."""

    jobs: JobStore
    assets: AssetStore
    policy: Policy
    clock: Callable[[], datetime]


class Household(Struct, frozen=True, kw_only=True):
    """What a housekeeper needs that is called by hand."""

    house: House
    due_jobs: JobAgenda
    due_assets: AssetAgenda
    due_uploads: UploadAgenda
    clock: Callable[[], datetime]
    sweep: Sweep


class Adopting(Struct, frozen=True, kw_only=True):
    """What it takes to register objects that are there already."""

    jobs: JobStore
    assets: AssetStore
    uploads: UploadStore
    storage: Storage


class Parts(Struct, frozen=True, kw_only=True):
    """The adapters in use, and what was made from the settings.

    `wake` rings when a job was queued: who hands jobs out then does not wait for the next look.
    `broadcast` tells what happens to jobs, whichever process does it. `stopping` is set when the process is told to stop: what
    would go on until then ends, and the server waits for nothing.
    `census` counts the jobs, `metrics` what happens in this process. `notifier` is there where the app is to be told,
    `signatures` where workers may sign, `promise` where what the stores promise depends on another server's settings.
    `origin` is where links lead, None where our own server answers them.
    """

    settings: Settings
    policy: Policy
    clock: Callable[[], datetime]
    jobs: JobStore
    assets: AssetStore
    uploads: UploadStore
    storage: Storage
    links: Links
    multipart: Multipart
    window: LinkWindow
    tokens: Tokens
    engine: AudioEngine
    local: Local | None
    checks: Sequence[Check]
    scratch: Path
    sweep: Sweep
    wake: Bell
    feed: JobFeed
    broadcast: Broadcast
    stopping: asyncio.Event
    census: JobCensus
    metrics: Metrics
    notifier: Notifier | None = None
    signatures: Signatures | None = None
    promise: Promise | None = None
    origin: str | None = None

    @property
    def house(self) -> House:
        """Everything that is kept, for those whose work reaches into every corner."""
        return House(
            jobs=self.jobs,
            assets=self.assets,
            uploads=self.uploads,
            storage=self.storage,
            multipart=self.multipart,
            notifier=self.notifier,
            policy=self.policy,
        )
