"""Direct uploads: what is announced, how it is cut into parts, and giving it up."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.endings import expected_ending
from domain.errors import UploadComplete, UploadNotFound, UploadTooLarge
from domain.parting import LARGEST_UPLOAD, LINKED_AT_ONCE, MOST_PARTS, missing, part_size_of, parts_there, planned, ways_to_send
from domain.policy import SENT_WITHIN, STILL_ARRIVING
from domain.uploading import Announced, find_upload, give_up, open_upload, quiet_from
from ports.audio import Limits, Recipe
from ports.errors import NotFound
from ports.links import Part
from ports.uploads import Upload, UploadState
from tests.unit.domain.makers import NOW, SECOND, WAV, House, in_chunks

pytestmark = pytest.mark.anyio

NEW = UUID("11111111-2222-3333-4444-555511111111")
MIB = 2**20


async def opened(house: House, content: bytes = WAV, *, in_parts_of: int | None = None, **facts: Any) -> Upload:
    """Open an upload of these bytes, cut into parts of that size where one is named."""
    house.policy = replace(house.policy, part_bytes=in_parts_of or 16 * MIB)
    usual: dict[str, Any] = {"name": "A song.wav", "size": len(content), "recipe": Recipe()}
    return await open_upload(Announced(**usual | facts), new_id=NEW, house=house.whole, now=NOW)


async def sent(house: House, upload: Upload, content: bytes = WAV, *numbers: int) -> None:
    """Send the parts of these numbers, or all."""
    if upload.session is None:
        await house.storage.put(upload.key, in_chunks(content), upload.content_type)
        return
    for part in planned(upload):
        if not numbers or part.number in numbers:
            start = (part.number - 1) * (upload.part_size or 0)
            house.multipart.send(upload.key, upload.session, part.number, content[start : start + part.size])


async def test_a_new_upload_has_the_id_and_the_key_of_its_asset_and_is_due_once_nothing_can_arrive_any_more() -> None:
    house = House()
    upload = await opened(house, name="../Take 7.WAV", ref="order-7", sha256="ab" * 32, traceparent="00-1")
    assert (upload.id, upload.name, upload.key) == (str(NEW), "Take 7.WAV", f"audio/assets/{NEW}/original-11111111.wav")
    assert (upload.content_type, upload.ref, upload.sha256, upload.traceparent) == ("audio/wav", "order-7", "ab" * 32, "00-1")
    assert (upload.expires, upload.due) == (NOW + SENT_WITHIN, NOW + SENT_WITHIN + STILL_ARRIVING)
    assert (upload.state, upload.part_size, upload.session) == (UploadState.OPEN, None, None)
    assert await house.uploads.get(upload.id) == upload


async def test_a_large_one_has_a_session_for_its_parts() -> None:
    house = House()
    upload = await opened(house, in_parts_of=1000)
    assert upload.session is not None
    assert await house.multipart.parts(upload.key, upload.session) == []
    assert await house.uploads.get(upload.id) == upload


async def test_one_that_is_larger_than_the_limit_is_refused() -> None:
    house = House()
    house.policy = replace(house.policy, limits=Limits(output_bytes=100))
    assert (await opened(house, size=100)).size == 100
    with pytest.raises(UploadTooLarge):
        await open_upload(Announced(name="x", size=101), new_id=UUID(int=1), house=house.whole, now=NOW)
    house.policy = replace(house.policy, limits=Limits(output_bytes=2**60))
    with pytest.raises(UploadTooLarge):
        await open_upload(Announced(name="x", size=2**50), new_id=UUID(int=1), house=house.whole, now=NOW)


@given(size=st.integers(1, LARGEST_UPLOAD), usual=st.integers(5 * MIB, 5 * 2**30))
def test_parts_are_equal_and_never_more_than_a_thousand(size: int, usual: int) -> None:
    part = part_size_of(size, usual)
    if part is None:
        assert size <= usual
        return
    assert size > usual
    assert part >= usual
    assert part <= 5 * 2**30
    assert -(-size // part) <= MOST_PARTS
    assert part == usual or part % MIB == 0


@pytest.mark.parametrize(("size", "sizes"), [(1, [1]), (10, [10]), (11, [10, 1]), (20, [10, 10]), (25, [10, 10, 5])])
async def test_the_parts_make_up_the_whole(size: int, sizes: list[int]) -> None:
    house = House()
    upload = await opened(house, bytes(size), in_parts_of=10)
    assert [part.size for part in planned(upload)] == sizes
    assert [part.number for part in planned(upload)] == list(range(1, len(sizes) + 1))


@pytest.mark.parametrize(
    ("name", "content_type", "ending"),
    [
        ("a.wav", None, "wav"),
        ("a.WAV", "audio/mpeg", "wav"),
        ("a.b.opus", None, "opus"),
        ("a", "audio/mpeg", "mp3"),
        ("a.exe", "Audio/MP4; codecs=x", "m4a"),
        ("a.json", None, "bin"),
        ("a", "text/html", "bin"),
        (".wav", None, "bin"),
        ("a.", "", "bin"),
    ],
)
def test_the_ending_is_that_of_the_name_else_of_the_claimed_type_else_none_that_plays(
    name: str, content_type: str | None, ending: str
) -> None:
    assert expected_ending(name, content_type) == ending


async def test_links_are_made_for_the_next_hundred_missing_parts() -> None:
    house = House()
    upload = replace(await opened(house, in_parts_of=1000), part_size=10, size=1505)
    ways = ways_to_send(upload, [Part(2, 10)], links=house.links, multipart=house.multipart, now=NOW)
    assert [way.part.number for way in ways] == [1, *range(3, LINKED_AT_ONCE + 2)]
    assert [way.offset for way in ways[:2]] == [0, 20]
    last = ways_to_send(upload, planned(upload)[:-1], links=house.links, multipart=house.multipart, now=NOW)
    assert [(way.part, way.offset) for way in last] == [(Part(151, 5), 1500)]


async def test_a_part_of_another_size_is_missing() -> None:
    upload = replace(await opened(House(), in_parts_of=1000), part_size=10, size=25)
    assert missing(upload, [Part(1, 10), Part(2, 9), Part(3, 6)]) == [Part(2, 10), Part(3, 5)]


async def test_no_link_outlives_its_upload_and_none_is_made_afterwards() -> None:
    house = House()
    upload = await opened(house)
    [way] = ways_to_send(upload, [], links=house.links, multipart=house.multipart, now=upload.expires - SECOND)
    assert way.link.expires_at <= upload.expires
    assert ways_to_send(upload, [], links=house.links, multipart=house.multipart, now=upload.expires) == []


async def test_a_link_for_the_whole_signs_its_type_its_length_and_that_the_key_is_free() -> None:
    house = House()
    upload = await opened(house, name="x.flac")
    [way] = ways_to_send(upload, [], links=house.links, multipart=house.multipart, now=NOW)
    assert way.link.headers == {"Content-Type": "audio/flac", "If-None-Match": "*"}
    assert f"length={len(WAV)}" in way.link.url


@pytest.mark.parametrize("in_parts_of", [None, 1000])
async def test_giving_up_removes_what_has_arrived_and_the_record_once_nothing_arrives_any_more(
    in_parts_of: int | None,
) -> None:
    house = House()
    upload = await opened(house, in_parts_of=in_parts_of)
    await sent(house, upload)
    await give_up(upload.id, house=house.whole, now=NOW)
    with pytest.raises(UploadNotFound):
        await find_upload(upload.id, house.uploads)
    with pytest.raises(UploadNotFound):
        await give_up(upload.id, house=house.whole, now=NOW)
    assert await house.keys() == set()
    if upload.session is not None:
        with pytest.raises(NotFound):
            await house.multipart.parts(upload.key, upload.session)
    else:
        await sent(house, upload)  # its link is still good
    await house.keep(quiet_from(upload) - SECOND)
    assert (await house.uploads.get(upload.id)).state is UploadState.ABANDONED
    await house.keep(quiet_from(upload))
    assert await house.keys() == set()
    with pytest.raises(NotFound):
        await house.uploads.get(upload.id)


async def test_one_that_is_complete_can_not_be_given_up() -> None:
    house = House()
    upload = await opened(house)
    await house.uploads.replace(replace(upload, version=1, state=UploadState.COMPLETE))
    with pytest.raises(UploadComplete):
        await give_up(upload.id, house=house.whole, now=NOW)


@pytest.mark.parametrize("writes", range(3))
async def test_what_a_crash_leaves_of_opening_is_swept(writes: int) -> None:
    house = House()
    with house.fuse.of(writes):
        await opened(house, in_parts_of=1000)
    begun = [record for record in house.uploads._records._all() if record.session is None]
    assert len(begun) == (1 if writes else 0)
    for upload in begun:
        with pytest.raises(UploadNotFound):
            await parts_there(upload, house.storage, house.multipart)
    for late in (SENT_WITHIN + STILL_ARRIVING, SENT_WITHIN + timedelta(days=2)):
        await house.keep(NOW + late)
    assert list(house.uploads._records._all()) == []
    assert house.multipart._sessions == {}
