"""What an upload store keeps and hands out: a test for each sentence of the port."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from msgspec.structs import replace

from ports.assets import Rendition
from ports.audio import Format, Recipe
from ports.errors import AlreadyExists, Conflict, NotFound
from ports.uploads import Upload, UploadState, UploadStore
from tests.contracts.stores import HARNESSES, NOW, SECOND, Harness

pytestmark = pytest.mark.anyio

DURABLE = [harness for harness in HARNESSES if harness.durable]
SHARED = [harness for harness in HARNESSES if harness.shared]


def name(harness: Harness) -> str:
    return harness.name


def made_upload(**facts: Any) -> Upload:
    """Make an upload that is due at NOW, but for `facts`."""
    usual: dict[str, Any] = {
        "id": str(uuid4()),
        "name": "A song.wav",
        "key": "audio/assets/x/original-01234567.wav",
        "content_type": "audio/wav",
        "size": 5,
        "created": NOW,
        "expires": NOW + timedelta(days=1),
        "due": NOW,
    }
    return Upload(**usual | facts)


async def take(uploads: UploadStore, request_id: str = "request", now: int = 0) -> Upload | None:
    """Take an upload that is due `now` seconds after NOW, until 30 s later."""
    moment = NOW + now * SECOND
    return await uploads.take_due(moment, moment + 30 * SECOND, request_id)


async def test_every_field_comes_back_as_it_was(uploads: UploadStore) -> None:
    upload = made_upload(
        name="Ein Läd 🎵.wav", key="k/ü", size=2**40, version=3, state=UploadState.COMPLETE, ref="order/7", sha256="ab" * 32,
        part_size=16 * 2**20, session="s" * 300, recipe=Recipe(format=Format.OPUS), settled=True, completed=NOW,
        traceparent="00-1-2-01",
        original=Rendition(key="k/ü", content_type="audio/wav", size=2**40, etag='"e"', duration=1.5, sha256="ab"),
        due=datetime.max.replace(tzinfo=UTC),
    )  # fmt: skip
    await uploads.add(upload)
    assert await uploads.get(upload.id) == upload


async def test_get_returns_an_abandoned_upload_too(uploads: UploadStore) -> None:
    upload = made_upload(state=UploadState.ABANDONED)
    await uploads.add(upload)
    assert await uploads.get(upload.id) == upload


async def test_get_raises_not_found_if_there_is_none(uploads: UploadStore) -> None:
    with pytest.raises(NotFound):
        await uploads.get("nobody")


async def test_adding_an_equal_upload_again_succeeds(uploads: UploadStore) -> None:
    upload = made_upload()
    for _ in range(2):
        await uploads.add(upload)
    assert await uploads.get(upload.id) == upload


async def test_adding_raises_already_exists_if_another_has_its_id(uploads: UploadStore) -> None:
    upload = made_upload()
    await uploads.add(upload)
    with pytest.raises(AlreadyExists):
        await uploads.add(replace(upload, name="another"))
    assert await uploads.get(upload.id) == upload


async def test_replace_stores_the_next_version(uploads: UploadStore) -> None:
    upload = made_upload()
    await uploads.add(upload)
    later = replace(upload, version=1, session="s", due=NOW + SECOND)
    await uploads.replace(later)
    assert await uploads.get(upload.id) == later


@pytest.mark.parametrize("version", [4, 5, 7])
async def test_replace_raises_conflict_if_the_version_kept_is_another(uploads: UploadStore, version: int) -> None:
    upload = made_upload(version=5)
    await uploads.add(upload)
    with pytest.raises(Conflict):
        await uploads.replace(replace(upload, version=version, session="changed"))
    assert await uploads.get(upload.id) == upload


async def test_replace_raises_not_found_if_there_is_no_such_upload(uploads: UploadStore) -> None:
    with pytest.raises(NotFound):
        await uploads.replace(made_upload(version=1))


async def test_storing_the_version_that_is_kept_again_succeeds_with_equal_content(uploads: UploadStore) -> None:
    upload = made_upload()
    await uploads.add(upload)
    later = replace(upload, version=1, state=UploadState.ABANDONED)
    for _ in range(2):
        await uploads.replace(later)
    assert await uploads.get(upload.id) == later


async def test_of_many_that_replace_one_version_exactly_one_wins(uploads: UploadStore) -> None:
    upload = made_upload()
    await uploads.add(upload)
    rivals = [replace(upload, version=1, session=str(number)) for number in range(50)]
    outcomes = await asyncio.gather(*map(uploads.replace, rivals), return_exceptions=True)
    assert Counter(map(type, outcomes)) == {type(None): 1, Conflict: 49}
    assert await uploads.get(upload.id) == rivals[outcomes.index(None)]


async def test_an_upload_that_is_not_due_is_not_handed_out(uploads: UploadStore) -> None:
    await uploads.add(made_upload(due=NOW + SECOND / 1_000_000))
    assert await take(uploads) is None


async def test_the_most_overdue_upload_comes_first_in_whatever_state(uploads: UploadStore) -> None:
    seconds = {UploadState.OPEN: 0, UploadState.COMPLETE: 9, UploadState.ABANDONED: 3}
    overdue = {state: made_upload(due=NOW - ago * SECOND, state=state) for state, ago in seconds.items()}
    for upload in overdue.values():
        await uploads.add(upload)
    taken = [await take(uploads, str(number)) for number in range(4)]
    wanted = [UploadState.COMPLETE, UploadState.ABANDONED, UploadState.OPEN]
    assert [upload and upload.id for upload in taken] == [*(overdue[state].id for state in wanted), None]


async def test_due_time_moves_version_rises_by_one_and_nothing_else_changes(uploads: UploadStore) -> None:
    upload = made_upload(version=4, session="s")
    await uploads.add(upload)
    taken = await take(uploads)
    assert taken == replace(upload, version=5, due=NOW + 30 * SECOND)
    assert await uploads.get(upload.id) == taken
    assert await take(uploads, "another", now=29) is None
    assert await take(uploads, "another", now=30) is not None


async def test_the_same_request_gets_the_same_upload_again(uploads: UploadStore) -> None:
    for _ in range(2):
        await uploads.add(made_upload())
    first = await take(uploads)
    assert first is not None
    assert await take(uploads, now=100) == first


async def test_the_same_request_gets_another_upload_once_its_own_has_changed(uploads: UploadStore) -> None:
    other = made_upload()
    await uploads.add(made_upload(due=NOW - SECOND))
    await uploads.add(other)
    first = await take(uploads)
    assert first is not None
    await uploads.replace(replace(first, version=first.version + 1, due=NOW + timedelta(days=1)))
    assert await take(uploads) == replace(other, version=1, due=NOW + 30 * SECOND)


async def test_a_request_that_found_nothing_leaves_no_trace(uploads: UploadStore) -> None:
    assert await take(uploads) is None
    upload = made_upload()
    await uploads.add(upload)
    assert await take(uploads) == replace(upload, version=1, due=NOW + 30 * SECOND)


async def test_fifty_takers_at_once_get_each_upload_once(uploads: UploadStore) -> None:
    added = [made_upload() for _ in range(40)]
    for upload in added:
        await uploads.add(upload)
    taken = await asyncio.gather(*(take(uploads, str(number)) for number in range(50)))
    assert Counter(upload.id for upload in taken if upload) == Counter(upload.id for upload in added)


async def test_removing_forgets_the_upload_and_again_succeeds(uploads: UploadStore) -> None:
    upload = made_upload()
    await uploads.add(upload)
    for _ in range(2):
        await uploads.remove(upload.id)
    with pytest.raises(NotFound):
        await uploads.get(upload.id)
    assert await take(uploads) is None


@pytest.mark.parametrize("harness", DURABLE, ids=name)
async def test_every_change_is_durable(harness: Harness, tmp_path: Path) -> None:
    upload, removed = made_upload(), made_upload(due=NOW + SECOND)
    async with harness.open(tmp_path) as stores:
        await stores.uploads.add(upload)
        await stores.uploads.add(removed)
        await stores.uploads.remove(removed.id)
        taken = await take(stores.uploads)
        assert taken is not None
        complete = replace(taken, version=2, state=UploadState.COMPLETE)
        await stores.uploads.replace(complete)
    async with harness.open(tmp_path) as stores:
        assert await stores.uploads.get(upload.id) == complete
        with pytest.raises(NotFound):
            await stores.uploads.get(removed.id)


@pytest.mark.parametrize("harness", SHARED, ids=name)
async def test_takers_in_two_places_get_each_upload_once(harness: Harness, tmp_path: Path) -> None:
    async with harness.open(tmp_path) as here, harness.open(tmp_path) as there:
        added = [made_upload() for _ in range(30)]
        await asyncio.gather(*map(here.uploads.add, added))
        takers = [take(place.uploads, f"{number} {place}") for number in range(20) for place in (here, there)]
        taken = await asyncio.gather(*takers)
    assert Counter(upload.id for upload in taken if upload) == Counter(upload.id for upload in added)


@pytest.mark.parametrize("harness", HARNESSES, ids=name)
async def test_what_is_due_is_shown_the_most_overdue_first_and_not_taken(harness: Harness, tmp_path: Path) -> None:
    async with harness.open(tmp_path) as stores:
        due = [made_upload(due=NOW - ago * SECOND, state=state) for ago, state in zip((1, 5, 0), UploadState, strict=True)]
        for upload in [*due, made_upload(due=NOW + SECOND / 1_000_000)]:
            await stores.uploads.add(upload)
        for _ in range(2):
            assert list(await stores.due_uploads.due(NOW, 10)) == [due[1], due[0], due[2]]
        assert list(await stores.due_uploads.due(NOW, 2)) == [due[1], due[0]]
        assert await stores.uploads.get(due[0].id) == due[0]
        assert await take(stores.uploads) == replace(due[1], version=1, due=NOW + 30 * SECOND)
        assert list(await stores.due_uploads.due(NOW, 10)) == [due[0], due[2]]
