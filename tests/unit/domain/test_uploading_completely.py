"""A direct upload becomes an asset and a job: once, whoever asks how often, and whatever crashes in between."""

from collections.abc import AsyncIterator
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from msgspec.structs import replace

from domain.completing import complete_upload, job_id_of
from domain.deeds import Deed
from domain.deleting import delete_asset
from domain.errors import AssetNotFound, NotAsAnnounced, NotAudio, OutsideLimits, UploadIncomplete, UploadNotFound
from domain.parting import parts_there
from domain.policy import HELD_FOR, REMEMBERED, SENT_WITHIN, STILL_ARRIVING, TAKEN_FOR
from domain.uploading import give_up, quiet_from
from ports.assets import Asset, Variant
from ports.audio import Format, Recipe
from ports.errors import Conflict, NotFound, Unavailable
from ports.jobs import Job, JobKind, JobStatus
from ports.uploads import Upload, UploadState
from tests.unit.domain.makers import NOW, SECOND, WAV, House, made_wav
from tests.unit.domain.test_uploading import NEW, opened, sent

pytestmark = pytest.mark.anyio

WAYS = pytest.mark.parametrize("in_parts_of", [None, 1000], ids=["whole", "parts"])
SWEPT = NOW + SENT_WITHIN + STILL_ARRIVING


async def complete(house: House, now: timedelta = timedelta()) -> tuple[Asset, Job | None]:
    return await complete_upload(str(NEW), house=house.whole, now=NOW + now)


async def arrived(house: House, in_parts_of: int | None = None, content: bytes = WAV, **facts: Any) -> Upload:
    """Open an upload and send all of it."""
    upload = await opened(house, content, in_parts_of=in_parts_of, **facts)
    await sent(house, upload, content)
    return upload


async def records(house: House) -> list[object]:
    return [*house.assets._records._all(), *house.jobs._records._all()]


@WAYS
async def test_it_is_an_asset_described_by_its_bytes_and_a_job_by_its_recipe(in_parts_of: int | None) -> None:
    house = House()
    digest = sha256(WAV).hexdigest()
    upload = await arrived(
        house, in_parts_of, name="x.mp3", ref="r", sha256=digest, recipe=Recipe(format=Format.FLAC), traceparent="00-1"
    )
    asset, job = await complete(house, SECOND)
    original = asset.renditions[Variant.ORIGINAL]
    assert (asset.id, asset.name, asset.created, asset.ref) == (upload.id, "x.mp3", NOW, "r")
    assert (original.key, original.content_type, original.size) == (upload.key, "audio/wav", len(WAV))
    assert (original.duration, original.sha256) == (1.0, digest)
    assert original.etag == (await house.storage.stat(upload.key)).etag
    assert job is not None
    assert (job.id, job.kind, job.asset_id) == (job_id_of(upload), JobKind.PREPARE, upload.id)
    assert (job.recipe, job.traceparent, job.created) == (Recipe(format=Format.FLAC), "00-1", NOW + SECOND)
    assert await house.keys() == {upload.key}


async def test_without_a_recipe_there_is_no_job() -> None:
    house = House()
    await arrived(house, recipe=None)
    assert (await complete(house))[1] is None
    assert len((await house.jobs.page()).items) == 0


async def test_a_checksum_that_nobody_announced_is_not_known() -> None:
    house = House()
    await arrived(house)
    asset, _ = await complete(house)
    assert asset.renditions[Variant.ORIGINAL].sha256 is None


@WAYS
async def test_again_it_is_the_same_as_it_stands_now(in_parts_of: int | None) -> None:
    house = House()
    await arrived(house, in_parts_of)
    first = await complete(house)
    assert await complete(house, timedelta(hours=1)) == first
    renamed = replace(first[0], version=1, name="Another")
    await house.assets.replace(renamed)
    assert await complete(house, timedelta(hours=2)) == (renamed, first[1])
    assert len((await house.jobs.page()).items) == 1


async def test_parts_that_have_not_arrived_are_named() -> None:
    house = House()
    upload = await opened(house, in_parts_of=4000)
    await sent(house, upload, WAV, 2)
    with pytest.raises(UploadIncomplete) as refused:
        await complete(house)
    assert refused.value.missing == (1, 3, 4, 5)
    with pytest.raises(UploadNotFound):
        await complete_upload("another", house=house.whole, now=NOW)


async def test_a_file_of_one_request_that_has_not_arrived_is_its_part_one() -> None:
    house = House()
    await opened(house)
    with pytest.raises(UploadIncomplete) as refused:
        await complete(house)
    assert refused.value.missing == (1,)


REFUSED: list[tuple[bytes, dict[str, Any], type[Exception]]] = [
    (b"hello, this is no audio", {}, NotAudio),
    (made_wav(rate=1_000), {}, OutsideLimits),
    (WAV, {"sha256": "0" * 64}, NotAsAnnounced),
]


@WAYS
@pytest.mark.parametrize(("content", "facts", "refusal"), REFUSED, ids=["no audio", "outside limits", "checksum"])
async def test_what_is_refused_is_refused_each_time_until_it_is_swept(
    in_parts_of: int | None, content: bytes, facts: dict[str, Any], refusal: type[Exception]
) -> None:
    house = House()
    upload = await arrived(house, in_parts_of and 10, content, **facts)
    said = set()
    for _ in range(3):
        with pytest.raises(refusal) as refused:
            await complete(house)
        said.add(str(refused.value))
    assert len(said) == 1
    assert await parts_there(await house.uploads.get(upload.id), house.storage, house.multipart)
    assert await records(house) == []
    assert (await house.keep(SWEPT))[Deed.ABANDONED] == 1
    assert await house.keys() == set()
    with pytest.raises(UploadNotFound):
        await complete(house, SWEPT - NOW)


async def test_another_size_than_was_announced_is_refused() -> None:
    house = House()
    await arrived(house, size=5)
    with pytest.raises(NotAsAnnounced, match="has 16044 bytes; 5 were announced"):
        await complete(house)


@WAYS
async def test_whatever_a_crash_left_the_next_try_completes_it(in_parts_of: int | None) -> None:
    wanted = House()
    await arrived(wanted, in_parts_of)
    answer = await complete(wanted)
    writes = 0
    while True:
        house = House()
        await arrived(house, in_parts_of)
        with house.fuse.of(writes):
            await complete(house)
            break
        assert await complete(house) == answer, f"after {writes} writes"
        assert await records(house) == await records(wanted), f"after {writes} writes"
        writes += 1
    assert writes >= 4


@WAYS
async def test_what_was_decided_a_housekeeper_settles(in_parts_of: int | None) -> None:
    wanted = House()
    await arrived(wanted, in_parts_of)
    await complete(wanted)
    settled = 0
    for writes in range(10):
        house = House()
        await arrived(house, in_parts_of)
        with house.fuse.of(writes):
            await complete(house)
        upload = await house.uploads.get(str(NEW))
        done = await house.keep(NOW + TAKEN_FOR)
        if upload.state is UploadState.COMPLETE and not upload.settled:
            assert done[Deed.COMPLETED] == 1
            settled += 1
        if upload.state is UploadState.COMPLETE:
            assert [item.id for item in (await house.assets.page()).items] == [upload.id]
            assert [job.id for job in (await house.jobs.page()).items] == [job_id_of(upload)]
    assert settled >= 3


@WAYS
async def test_what_is_being_completed_is_not_swept_meanwhile(in_parts_of: int | None) -> None:
    house = House()
    await arrived(house, in_parts_of)
    late = SWEPT - NOW - SECOND
    house.uploads.rivals.extend([nothing, lambda: house.keep(SWEPT + HELD_FOR - 2 * SECOND)])
    asset, _ = await complete(house, late)
    assert await house.assets.get(str(NEW)) == asset


@WAYS
async def test_what_is_given_up_while_it_is_completed_is_not_completed(in_parts_of: int | None) -> None:
    house = House()
    await arrived(house, in_parts_of)
    house.uploads.rivals.append(lambda: give_up(str(NEW), house=house.whole, now=NOW))
    with pytest.raises(UploadNotFound):
        await complete(house)
    assert await records(house) == []
    await house.keep(NOW + timedelta(days=3))
    assert await house.keys() == set()


@WAYS
async def test_one_that_is_given_up_while_it_is_read_is_not_found(
    in_parts_of: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = House()
    await arrived(house, in_parts_of, sha256=sha256(WAV).hexdigest())
    read = house.storage.read

    async def given_up(key: str, start: int = 0, length: int | None = None) -> AsyncIterator[bytes]:
        await give_up(str(NEW), house=house.whole, now=NOW)
        async for chunk in read(key, start, length):
            yield chunk

    monkeypatch.setattr(house.storage, "read", given_up)
    with pytest.raises(UploadNotFound):
        await complete(house)
    assert await house.keys() == set()


@WAYS
async def test_of_two_who_complete_at_once_both_are_answered(in_parts_of: int | None) -> None:
    house = House()
    await arrived(house, in_parts_of)
    answers: list[object] = []

    async def rival() -> None:
        answers.append(await complete(house, SECOND))

    house.uploads.rivals.append(rival)
    answers.append(await complete(house))
    assert answers[0] == answers[1]


async def test_a_decision_that_loses_five_races_is_put_off() -> None:
    house = House()
    await arrived(house)

    async def lose() -> None:
        raise Conflict("upload")

    house.uploads.rivals.extend([lose] * 5)
    with pytest.raises(Unavailable):
        await complete(house)


async def test_an_asset_that_was_deleted_is_not_made_again() -> None:
    house = House()
    await arrived(house)
    await complete(house)
    await deleted(house)
    with pytest.raises(AssetNotFound):
        await complete(house)
    assert (await house.assets.page()).items == ()


@pytest.mark.parametrize("writes", range(1, 5))
async def test_nor_if_it_was_deleted_before_its_upload_was_settled(writes: int) -> None:
    house = House()
    upload = await arrived(house)
    with house.fuse.of(writes):
        await complete(house)
    try:
        await house.assets.get(upload.id)
    except NotFound:
        return
    await deleted(house)
    await house.keep(NOW + TAKEN_FOR)
    with pytest.raises(AssetNotFound):
        await complete(house, timedelta(minutes=1))
    assert (await house.assets.page()).items == ()


async def test_nor_by_one_who_was_about_to_make_it_when_it_was_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    house = House()
    await arrived(house)
    add = house.assets.add

    async def late(asset: Asset) -> None:
        monkeypatch.undo()
        await complete(house)
        await deleted(house)
        await add(asset)

    monkeypatch.setattr(house.assets, "add", late)
    with pytest.raises(AssetNotFound):
        await complete(house)
    assert (await house.assets.page()).items == ()
    assert [job.status for job in (await house.jobs.page()).items] == [JobStatus.CANCELLED]


async def test_a_complete_upload_is_forgotten_a_day_after_its_links_have_ended() -> None:
    house = House()
    upload = await arrived(house, 1000)
    asset, _ = await complete(house)
    await house.keep(quiet_from(upload) - SECOND)
    assert (await house.uploads.get(upload.id)).settled
    assert (await house.keep(quiet_from(upload)))[Deed.FORGOTTEN] == 1
    with pytest.raises(NotFound):
        await house.uploads.get(upload.id)
    assert await house.assets.get(upload.id) == asset
    assert await house.keys() == {upload.key}


async def test_and_with_it_go_bytes_that_were_sent_once_more_after_the_asset_was_deleted() -> None:
    house = House()
    upload = await arrived(house)
    await complete(house)
    await deleted(house)
    await sent(house, upload)
    await house.keep(quiet_from(upload))
    assert await house.keys() == set()


async def test_completing_late_keeps_it_a_day_longer() -> None:
    house = House()
    upload = await arrived(house)
    late = timedelta(days=30)
    await complete(house, late)
    assert (await house.uploads.get(upload.id)).due == NOW + late + REMEMBERED


async def deleted(house: House) -> None:
    await delete_asset(str(NEW), assets=house.assets, jobs=house.jobs, storage=house.storage, policy=house.policy, now=NOW)


async def nothing() -> None:
    """Let nothing happen."""
