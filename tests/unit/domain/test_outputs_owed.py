"""What a complete job owes is looked for in storage, by its ticket's keys or in the user's own layout."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from adapters.memory.storage import MemoryStorage
from domain.errors import OutputsMissing
from domain.layout import output_keys
from domain.outputs import LARGEST_PEAKS, find_outputs
from domain.policy import Policy
from ports.assets import Variant
from ports.audio import Format, Limits, Recipe
from ports.jobs import JobKind, JobStatus
from ports.storage import StoredObject
from ports.work import Output, ReportStatus
from tests.unit.domain.makers import (
    MP3,
    NOW,
    PEAKS,
    PUBLIC_URL,
    WAV,
    House,
    in_chunks,
    made_job,
    made_wav,
    said,
    started_job,
)

pytestmark = pytest.mark.anyio

BY_HAND = "audio/assets/song/prepared"


class DatedStorage(MemoryStorage):
    """Objects in memory that say when they were written: `times` holds minutes before NOW."""

    def __init__(self) -> None:
        super().__init__()
        self.times: dict[str, int] = {}

    async def lay(self, name: str, body: bytes, minutes_ago: int) -> str:
        key = f"audio/assets/song/{name}"
        await self.put(key, in_chunks(body), "application/octet-stream")
        self.times[key] = minutes_ago
        return key

    async def list(self, prefix: str) -> AsyncIterator[StoredObject]:
        async for item in super().list(prefix):
            yield StoredObject(
                key=item.key,
                size=item.size,
                content_type=item.content_type,
                etag=item.etag,
                modified=NOW - timedelta(minutes=self.times[item.key]),
            )


async def found_by_hand(storage: MemoryStorage, largest: int = 10**9) -> str:
    outputs = await find_outputs(made_job(), None, named=False, largest=largest, storage=storage)
    return outputs.prepared.key


async def test_complete_without_the_owed_output_is_refused_and_the_job_stays_as_it_was() -> None:
    house, job = await started_job()
    with pytest.raises(OutputsMissing) as refused:
        await house.report(said(job, ReportStatus.COMPLETE, attempt=1, result={"fine": True}))
    assert refused.value.missing == (Output.PREPARED,)
    assert await house.jobs.get(job.id) == job


async def test_complete_with_an_output_over_the_limit_is_refused_and_the_job_stays_as_it_was() -> None:
    house, job = await started_job()
    house.policy = Policy(public_url=PUBLIC_URL, limits=Limits(output_bytes=len(MP3) - 1))
    await house.deliver(job)
    with pytest.raises(OutputsMissing, match="larger") as refused:
        await house.report(said(job, ReportStatus.COMPLETE, attempt=1))
    assert refused.value.missing == (Output.PREPARED,)
    assert await house.jobs.get(job.id) == job


@pytest.mark.parametrize("body", [WAV, b"", b"<html>", PEAKS], ids=["another format", "empty", "a page", "peaks"])
async def test_complete_with_an_output_of_another_format_is_refused_and_the_job_stays_as_it_was(body: bytes) -> None:
    house, job = await started_job()
    await house.deliver(job, audio=body)
    with pytest.raises(OutputsMissing, match="promised format") as refused:
        await house.report(said(job, ReportStatus.COMPLETE, attempt=1))
    assert refused.value.missing == (Output.PREPARED,)
    assert await house.jobs.get(job.id) == job


async def test_what_was_refused_is_accepted_once_the_output_is_there() -> None:
    house, job = await started_job()
    with pytest.raises(OutputsMissing):
        await house.report(said(job, ReportStatus.COMPLETE, attempt=1))
    await house.finish(job)
    assert (await house.jobs.get(job.id)).status is JobStatus.COMPLETE


async def test_the_outputs_of_another_attempt_are_not_those_of_the_newest() -> None:
    house, job = await started_job()
    await house.report(said(job, ReportStatus.RELEASED, attempt=1))
    await house.start()
    await house.deliver(job, attempt=1)
    with pytest.raises(OutputsMissing):
        await house.report(said(job, ReportStatus.COMPLETE, attempt=2))


async def test_a_format_is_judged_by_the_bytes_not_by_the_type_an_upload_claims() -> None:
    house, job = await started_job()
    await house.put(output_keys(job, 1, "")[Output.PREPARED], MP3, "text/html")
    await house.report(said(job, ReportStatus.COMPLETE, attempt=1))
    shown = (await house.assets.get("song")).renditions[Variant.PREPARED]
    assert shown.content_type == "audio/mpeg"


async def test_the_rendition_says_what_storage_knows_and_who_made_it() -> None:
    house, job = await started_job()
    keys = await house.finish(job)
    done = await house.jobs.get(job.id)
    stored = await house.storage.stat(keys[Output.PREPARED])
    assert done.prepared is not None
    assert (done.prepared.key, done.prepared.size, done.prepared.etag) == (stored.key, stored.size, stored.etag)
    assert (done.prepared.peaks, done.original_peaks) == (keys[Output.PREPARED_PEAKS], keys[Output.ORIGINAL_PEAKS])
    assert (done.prepared.job_id, done.prepared.job_created) == (job.id, job.created)


async def test_peaks_are_optional() -> None:
    house, job = await started_job()
    await house.put(output_keys(job, 1, "")[Output.PREPARED], MP3)
    assert await house.report(said(job, ReportStatus.COMPLETE, attempt=1))
    done = await house.jobs.get(job.id)
    assert done.prepared is not None
    assert (done.prepared.peaks, done.original_peaks) == (None, None)


@pytest.mark.parametrize("body", [b"{" + bytes(LARGEST_PEAKS), b"", b"[1, 2]", b"<html>", MP3], ids=lambda body: repr(body[:6]))
async def test_peaks_that_are_far_too_large_or_no_json_object_are_not_shown(body: bytes) -> None:
    house, job = await started_job()
    keys = output_keys(job, 1, "")
    await house.put(keys[Output.PREPARED], MP3)
    await house.put(keys[Output.PREPARED_PEAKS], body, "application/json")
    await house.report(said(job, ReportStatus.COMPLETE, attempt=1))
    done = await house.jobs.get(job.id)
    assert done.prepared is not None
    assert done.prepared.peaks is None


async def test_a_render_job_owes_nothing() -> None:
    house = House()
    job = await house.add_job(kind=JobKind.RENDER, asset_id=None, recipe=None, params={"a": 1})
    assert await house.report(said(job, ReportStatus.COMPLETE, result={"b": 2}))
    done = await house.jobs.get(job.id)
    assert (done.status, done.result, done.prepared, done.settled) == (JobStatus.COMPLETE, {"b": 2}, None, True)


async def test_complete_that_names_no_attempt_takes_the_outputs_of_the_one_ticket() -> None:
    house, job = await started_job()
    keys = await house.deliver(job)
    await house.put(f"{BY_HAND}.mp3", MP3)
    await house.report(said(job, ReportStatus.COMPLETE))
    assert await house.shown() == keys[Output.PREPARED]


async def test_complete_that_names_no_attempt_finds_what_was_laid_by_hand_in_any_format() -> None:
    house, job = await started_job()
    await house.put(f"{BY_HAND}-master.wav", made_wav(2), "application/octet-stream")
    await house.put(f"{BY_HAND}-master.peaks.json", PEAKS, "application/json")
    assert await house.report(said(job, ReportStatus.COMPLETE))
    rendition = (await house.assets.get("song")).renditions[Variant.PREPARED]
    assert (rendition.key, rendition.content_type, rendition.duration) == (f"{BY_HAND}-master.wav", "audio/wav", 2.0)
    assert rendition.peaks == f"{BY_HAND}-master.peaks.json"


async def test_complete_that_names_its_attempt_finds_nothing_that_was_laid_by_hand() -> None:
    house, job = await started_job()
    await house.put(f"{BY_HAND}.mp3", MP3)
    with pytest.raises(OutputsMissing):
        await house.report(said(job, ReportStatus.COMPLETE, attempt=1))


async def test_complete_that_names_no_attempt_with_nothing_laid_is_refused() -> None:
    house, job = await started_job()
    with pytest.raises(OutputsMissing):
        await house.report(said(job, ReportStatus.COMPLETE))
    assert await house.jobs.get(job.id) == job


async def test_the_newest_audio_that_was_laid_by_hand_is_taken() -> None:
    storage = DatedStorage()
    await storage.lay("prepared-a.mp3", MP3, minutes_ago=5)
    newest = await storage.lay("prepared-b.mp3", MP3, minutes_ago=1)
    await storage.lay("prepared-c.mp3", MP3, minutes_ago=9)
    assert await found_by_hand(storage) == newest


async def test_what_is_laid_beside_it_and_is_no_audio_is_passed_over_whatever_its_size() -> None:
    storage = DatedStorage()
    audio = await storage.lay("prepared.mp3", MP3, minutes_ago=5)
    await storage.lay("prepared.peaks.json", PEAKS, minutes_ago=3)
    await storage.lay("prepared-notes.txt", b"loud" * len(MP3), minutes_ago=2)
    await storage.lay("prepared-empty.mp3", b"", minutes_ago=1)
    assert await found_by_hand(storage, largest=len(MP3)) == audio


async def test_newest_audio_that_is_too_large_is_refused_not_passed_over() -> None:
    storage = DatedStorage()
    await storage.lay("prepared-old.mp3", MP3, minutes_ago=5)
    await storage.lay("prepared-new.mp3", MP3 * 2, minutes_ago=1)
    with pytest.raises(OutputsMissing, match="larger"):
        await found_by_hand(storage, largest=len(MP3))


async def test_what_another_jobs_ticket_gave_a_place_to_was_not_laid_by_hand() -> None:
    storage = DatedStorage()
    key = output_keys(made_job(), 1, "")[Output.PREPARED]
    await storage.lay(key.rpartition("/")[2], MP3, minutes_ago=1)
    with pytest.raises(OutputsMissing):
        await found_by_hand(storage)


async def test_the_audio_of_other_assets_and_the_original_are_not_taken() -> None:
    house, job = await started_job()
    await house.put("audio/assets/song2/prepared.mp3", MP3)
    await house.put("audio/assets/son/prepared.mp3", MP3)
    with pytest.raises(OutputsMissing):
        await house.report(said(job, ReportStatus.COMPLETE))


async def test_a_job_whose_asset_is_gone_can_still_end() -> None:
    house, job = await started_job()
    await house.deliver(job)
    await house.assets.remove("song")
    assert await house.report(said(job, ReportStatus.COMPLETE, attempt=1))
    done = await house.jobs.get(job.id)
    assert (done.status, done.settled, done.original_peaks) == (JobStatus.COMPLETE, True, None)


@pytest.mark.parametrize(
    ("extension", "promised", "good"), [("mp3", Format.MP3, True), ("mp3", Format.OPUS, False), ("wav", Format.WAV, True)]
)
async def test_the_promise_is_the_recipes_format(extension: str, promised: Format, *, good: bool) -> None:
    house, job = await started_job(recipe=Recipe(format=promised))
    await house.deliver(job, audio={"mp3": MP3, "wav": WAV}[extension])
    report = said(job, ReportStatus.COMPLETE, attempt=1)
    if good:
        assert await house.report(report)
    else:
        with pytest.raises(OutputsMissing):
            await house.report(report)
