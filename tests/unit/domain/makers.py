"""A house to try the rules in: stores in memory, a policy, some audio; and a fuse that ends its process between two writes."""

import io
import wave
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid4

import domain.house
from adapters.hmac.tokens import HmacTokens
from adapters.local.links import LocalLinks
from adapters.memory.assets import MemoryAssetStore
from adapters.memory.jobs import MemoryJobStore
from adapters.memory.multipart import MemoryMultipart
from adapters.memory.storage import MemoryStorage
from adapters.memory.uploads import MemoryUploadStore
from domain.callbacks import apply_report
from domain.deeds import Tally
from domain.events import Cancelled
from domain.housekeeping import keep_house
from domain.jobs import advance
from domain.layout import content_type_of, output_keys
from domain.notifying import due_once_ended
from domain.offering import ticket_again
from domain.policy import TAKEN_FOR, Policy
from domain.schedule import start_next
from ports.assets import Asset, Rendition, Variant
from ports.audio import Recipe
from ports.jobs import Job, JobKind, JobStatus
from ports.links import Part
from ports.notices import Notifier
from ports.storage import StoredObject
from ports.uploads import Upload
from ports.work import Output, Report, ReportStatus, Ticket

T = TypeVar("T")

NOW = datetime(2026, 11, 22, 12, 0, 0, 123_457, tzinfo=UTC)
SECOND = timedelta(seconds=1)
PUBLIC_URL = "https://greenroom.example"
POLICY = Policy(public_url=PUBLIC_URL)

MP3 = (bytes.fromhex("fffb9000") + bytes(413)) * 4
"""Four frames of silence: MPEG 1, layer III, 128 kbit/s, 44.1 kHz."""

PEAKS = b'{"version": 2}'


def made_wav(seconds: float = 1, channels: int = 1, rate: int = 8_000) -> bytes:
    """Return a WAV file of silence."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setparams((channels, 2, rate, 0, "NONE", ""))
        writer.writeframes(bytes(int(seconds * rate) * channels * 2))
    return file.getvalue()


WAV = made_wav()


class Killed(BaseException):
    """The process ended here."""


class Fuse:
    """Lets some writes through, then none any more, as a process that was killed writes no more."""

    def __init__(self) -> None:
        self.left: int | None = None

    def burn(self) -> None:
        """Raise Killed where the fuse has burnt down."""
        if self.left == 0:
            raise Killed
        if self.left is not None:
            self.left -= 1

    @contextmanager
    def of(self, writes: int) -> Iterator[None]:
        """Let so many writes through, and swallow the end of the process that follows."""
        self.left = writes
        try:
            yield
        except Killed:
            pass
        finally:
            self.left = None


async def overtaken(store: "FusedJobs | FusedAssets | FusedUploads") -> None:
    """Let the next rival act, alone."""
    if store.rivals:
        rival, *waiting = store.rivals
        store.rivals = []
        try:
            await rival()
        finally:
            store.rivals = waiting


class FusedJobs(MemoryJobStore):
    """Jobs in memory, behind a fuse. A rival acts just before the next job is replaced."""

    def __init__(self, fuse: Fuse) -> None:
        super().__init__()
        self.fuse = fuse
        self.rivals: list[Callable[[], Awaitable[object]]] = []

    async def add(self, job: Job) -> None:
        self.fuse.burn()
        await super().add(job)

    async def replace(self, job: Job) -> None:
        self.fuse.burn()
        await overtaken(self)
        await super().replace(job)

    async def take_due(
        self, statuses: Collection[JobStatus], kinds: Collection[JobKind], now: datetime, until: datetime, request_id: str
    ) -> Job | None:
        self.fuse.burn()
        return await super().take_due(statuses, kinds, now, until, request_id)

    async def remove(self, job_id: UUID) -> None:
        self.fuse.burn()
        await super().remove(job_id)


class FusedAssets(MemoryAssetStore):
    """Assets in memory, behind a fuse. A rival acts just before the next asset is replaced."""

    def __init__(self, fuse: Fuse) -> None:
        super().__init__()
        self.fuse = fuse
        self.rivals: list[Callable[[], Awaitable[object]]] = []

    async def add(self, asset: Asset) -> None:
        self.fuse.burn()
        await super().add(asset)

    async def replace(self, asset: Asset) -> None:
        self.fuse.burn()
        await overtaken(self)
        await super().replace(asset)

    async def take_due(self, now: datetime, until: datetime, request_id: str) -> Asset | None:
        self.fuse.burn()
        return await super().take_due(now, until, request_id)

    async def remove(self, asset_id: str) -> None:
        self.fuse.burn()
        await super().remove(asset_id)


class FusedUploads(MemoryUploadStore):
    """Uploads in memory, behind a fuse. A rival acts just before the next upload is replaced."""

    def __init__(self, fuse: Fuse) -> None:
        super().__init__()
        self.fuse = fuse
        self.rivals: list[Callable[[], Awaitable[object]]] = []

    async def add(self, upload: Upload) -> None:
        self.fuse.burn()
        await super().add(upload)

    async def replace(self, upload: Upload) -> None:
        self.fuse.burn()
        await overtaken(self)
        await super().replace(upload)

    async def take_due(self, now: datetime, until: datetime, request_id: str) -> Upload | None:
        self.fuse.burn()
        return await super().take_due(now, until, request_id)

    async def remove(self, upload_id: str) -> None:
        self.fuse.burn()
        await super().remove(upload_id)


class FusedMultipart(MemoryMultipart):
    """Parts in memory, behind a fuse."""

    def __init__(self, storage: MemoryStorage, fuse: Fuse) -> None:
        super().__init__(storage)
        self.fuse = fuse

    async def begin(self, key: str, content_type: str, part_size: int) -> str:
        self.fuse.burn()
        return await super().begin(key, content_type, part_size)

    async def finish(self, key: str, session: str, parts: Sequence[Part]) -> StoredObject:
        self.fuse.burn()
        return await super().finish(key, session, parts)

    async def abort(self, key: str, session: str | None) -> None:
        self.fuse.burn()
        await super().abort(key, session)


class FusedStorage(MemoryStorage):
    """Objects in memory, behind a fuse."""

    def __init__(self, fuse: Fuse) -> None:
        super().__init__()
        self.fuse = fuse

    async def remove(self, key: str) -> None:
        self.fuse.burn()
        await super().remove(key)


@dataclass
class House:
    """Everything the use cases ask for, and the use cases with it."""

    fuse: Fuse = field(default_factory=Fuse)
    policy: Policy = POLICY
    notifier: Notifier | None = None
    jobs: FusedJobs = field(init=False)
    assets: FusedAssets = field(init=False)
    uploads: FusedUploads = field(init=False)
    storage: MemoryStorage = field(init=False)
    multipart: FusedMultipart = field(init=False)

    def __post_init__(self) -> None:
        self.jobs = FusedJobs(self.fuse)
        self.assets = FusedAssets(self.fuse)
        self.uploads = FusedUploads(self.fuse)
        self.storage = FusedStorage(self.fuse)
        self.multipart = FusedMultipart(self.storage, self.fuse)
        self.links = LocalLinks([b"0" * 32])
        self.tokens = HmacTokens([b"1" * 32])

    @property
    def whole(self) -> domain.house.House:
        """The house as the rules know it."""
        return domain.house.House(
            jobs=self.jobs,
            assets=self.assets,
            uploads=self.uploads,
            storage=self.storage,
            multipart=self.multipart,
            notifier=self.notifier,
            policy=self.policy,
        )

    async def report(self, report: Report, now: datetime = NOW, chance: float = 0.5) -> bool:
        return await apply_report(
            report, jobs=self.jobs, assets=self.assets, storage=self.storage, policy=self.policy, now=now, chance=chance
        )

    async def start(
        self,
        now: datetime = NOW,
        kinds: Collection[JobKind] = tuple(JobKind),
        lease: timedelta = POLICY.lease,
        request_id: str | None = None,
        *,
        sent: bool = False,
    ) -> Ticket | None:
        return await start_next(
            kinds,
            "worker",
            lease,
            jobs=self.jobs,
            assets=self.assets,
            links=self.links,
            tokens=self.tokens,
            policy=self.policy,
            now=now,
            request_id=request_id or str(uuid4()),
            sent=sent,
        )

    async def send_again(self, now: datetime = NOW) -> Ticket | None:
        """Take the most overdue job that is under way, as who sends tickets does. Return the ticket that is to be sent again."""
        job = await self.jobs.take_due([JobStatus.PROCESSING], tuple(JobKind), now, now + TAKEN_FOR, str(uuid4()))
        return await self.ticket_again(job, now) if job else None

    async def ticket_again(self, job: Job, now: datetime = NOW) -> Ticket | None:
        return await ticket_again(
            job, jobs=self.jobs, assets=self.assets, links=self.links, tokens=self.tokens, policy=self.policy, now=now
        )

    async def keep(self, now: datetime = NOW, chance: float = 0.5) -> Tally:
        return await self.keep_by(lambda: now, chance)

    async def keep_by(self, clock: Callable[[], datetime], chance: float = 0.5, *, silent: bool = True) -> Tally:
        tally = Tally()
        await keep_house(
            self.whole,
            clock=clock,
            chance=chance,
            new_id=lambda: str(uuid4()),
            tally=tally,
            silent=silent,
        )
        return tally

    async def cancel(self, job_id: UUID, now: datetime = NOW) -> None:
        job = await self.jobs.get(job_id)
        await self.jobs.replace(advance(job, Cancelled(due=due_once_ended(self.policy, now)), now))

    async def put(self, key: str, body: bytes, content_type: str = "audio/mpeg") -> str:
        await self.storage.put(key, in_chunks(body), content_type)
        return key

    async def keys(self) -> set[str]:
        return {item.key async for item in self.storage.list("")}

    async def add_asset(self, asset_id: str = "song") -> Asset:
        """Keep an asset whose original is stored."""
        original = await original_of(self, asset_id)
        asset = Asset(id=asset_id, name="A song.wav", created=NOW, renditions={Variant.ORIGINAL: original})
        await self.assets.add(asset)
        return asset

    async def add_job(self, **facts: Any) -> Job:
        job = made_job(**facts)
        await self.jobs.add(job)
        return job

    async def deliver(self, job: Job, attempt: int = 1, audio: bytes = MP3) -> dict[Output, str]:
        """Store what a worker's attempt leaves: the audio and both peaks. Return their keys."""
        original = (await self.assets.get(job.asset_id or "")).renditions[Variant.ORIGINAL]
        keys = output_keys(job, attempt, original.key)
        bodies = {Output.PREPARED: audio, Output.PREPARED_PEAKS: PEAKS, Output.ORIGINAL_PEAKS: PEAKS}
        present = await self.keys()
        for output, key in keys.items():
            if key not in present:
                await self.put(key, bodies[output], content_type_of(job, output))
        return keys

    async def finish(self, job: Job, now: datetime = NOW, attempt: int = 1) -> dict[Output, str]:
        """Deliver the outputs of an attempt that was started, and report it complete. Return their keys."""
        keys = await self.deliver(job, attempt)
        assert await self.report(said(job, ReportStatus.COMPLETE, attempt=attempt), now)
        return keys

    async def shown(self, variant: Variant = Variant.PREPARED, asset_id: str = "song") -> str | None:
        rendition = (await self.assets.get(asset_id)).renditions.get(variant)
        return rendition.key if rendition else None


def made_job(**facts: Any) -> Job:
    """Make a queued prepare job of the asset `song` that is due at NOW, but for `facts`."""
    usual: dict[str, Any] = {
        "id": uuid4(),
        "kind": JobKind.PREPARE,
        "created": NOW,
        "due": NOW,
        "asset_id": "song",
        "recipe": Recipe(),
    }
    return Job(**usual | facts)


def made_rendition(key: str = "audio/assets/song/original-01234567.wav", **facts: Any) -> Rendition:
    usual: dict[str, Any] = {"content_type": "audio/wav", "size": len(WAV), "etag": '"1"'}
    return Rendition(key=key, **usual | facts)


def said(job: Job, status: ReportStatus, **facts: Any) -> Report:
    return Report(job_id=job.id, status=status, **facts)


async def original_of(house: House, asset_id: str) -> Rendition:
    key = await house.put(f"audio/assets/{asset_id}/original-01234567.wav", WAV, "audio/wav")
    return made_rendition(key, etag=(await house.storage.stat(key)).etag)


async def in_chunks(body: bytes, size: int = 64 * 1024) -> AsyncIterator[bytes]:
    for start in range(0, len(body), size):
        yield body[start : start + size]


def at_once(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run what waits for nothing, as nothing in memory does, without a loop."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        value: T = end.value
        return value
    raise AssertionError("Something in memory waited")


async def started_job(**facts: object) -> tuple[House, Job]:
    """Return a house with an asset, and a job for it that a worker has."""
    house = House()
    await house.add_asset()
    job = await house.add_job(**facts)
    assert await house.start()
    return house, await house.jobs.get(job.id)
