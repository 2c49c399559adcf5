"""An upload becomes an asset, or leaves nothing."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from adapters.memory.storage import MemoryStorage
from domain.errors import AssetNotFound, NotAudio, OutsideLimits
from domain.intake import take_in
from domain.names import LONGEST_NAME, NAMELESS, clean_name
from domain.policy import ARRIVES_WITHIN, TAKEN_FOR, Policy
from domain.sniffing import HEAD
from ports.assets import Asset, Variant
from ports.audio import Limits
from ports.errors import AlreadyExists, NotFound, OutOfSpace, Unavailable
from ports.storage import StoredObject
from tests.unit.domain.makers import MP3, NOW, POLICY, PUBLIC_URL, WAV, House, Killed, in_chunks, made_wav

pytestmark = pytest.mark.anyio

NEW = UUID("11111111-2222-3333-4444-555511111111")


async def take(house: House, body: AsyncIterator[bytes], name: str = "A song.mp3", policy: Policy = POLICY) -> Asset:
    return await take_in(body, name, new_id=NEW, assets=house.assets, storage=house.storage, policy=policy, now=NOW)


async def nothing_stays(house: House) -> bool:
    try:
        await house.assets.get(str(NEW))
    except NotFound:
        return not await house.keys()
    return False


class Fails(MemoryStorage):
    """A storage that takes in a body and then says no."""

    def __init__(self, trouble: BaseException) -> None:
        super().__init__()
        self.trouble = trouble

    async def put(self, key: str, body: AsyncIterable[bytes], content_type: str) -> StoredObject:
        raise self.trouble


async def test_an_upload_is_stored_as_it_came_and_described_by_its_bytes() -> None:
    house = House()
    body = made_wav(20, channels=2)
    asset = await take(house, in_chunks(body, 1000), "Take 7.mp3")
    original = asset.renditions[Variant.ORIGINAL]
    assert (asset.id, asset.name, asset.created, asset.deleted, asset.due) == (str(NEW), "Take 7.mp3", NOW, None, None)
    assert original.key == f"audio/assets/{NEW}/original-11111111.wav"
    assert (original.content_type, original.size, original.duration) == ("audio/wav", len(body), 20.0)
    assert original.etag == (await house.storage.stat(original.key)).etag
    assert b"".join([chunk async for chunk in house.storage.read(original.key)]) == body
    assert await house.assets.get(str(NEW)) == asset


async def test_the_sum_of_an_upload_is_that_of_all_its_bytes() -> None:
    house = House()
    body = made_wav(20)
    asset = await take(house, in_chunks(body, 7777))
    assert asset.renditions[Variant.ORIGINAL].sha256 == sha256(body).hexdigest()


async def test_the_record_stands_before_the_first_byte_and_is_nobodys_yet() -> None:
    house = House()
    seen = list[Asset]()

    async def body() -> AsyncIterator[bytes]:
        yield made_wav(10)
        seen.append(await house.assets.get(str(NEW)))

    await take(house, body())
    assert (seen[0].deleted, seen[0].due, seen[0].renditions) == (NOW, NOW + ARRIVES_WITHIN, {})
    assert [item.key for item in seen[0].retired] == list(await house.keys())


async def test_what_is_no_audio_is_refused_before_anything_is_stored() -> None:
    house = House()
    for body in (b"<html>hello</html>", b"\0" * 100_000, b"%PDF-1.7"):
        with pytest.raises(NotAudio, match=r"^This is not an audio file of a kind that can be prepared$"):
            await take(house, in_chunks(body))
    assert await nothing_stays(house)


@pytest.mark.parametrize("chunks", [[], [b""], [b"", b""]])
async def test_an_empty_upload_is_refused_before_anything_is_stored(chunks: list[bytes]) -> None:
    house = House()

    async def body() -> AsyncIterator[bytes]:
        for chunk in chunks:
            yield chunk

    with pytest.raises(NotAudio, match=r"^The upload is empty$"):
        await take(house, body())
    assert await nothing_stays(house)


@pytest.mark.parametrize(
    ("limits", "sentence"),
    [
        (Limits(min_sample_rate=16_000), "The audio has a sample rate of 8000 Hz; 16000 to 192000 Hz can be prepared"),
        (Limits(max_sample_rate=4_000), "The audio has a sample rate of 8000 Hz; 4000 to 4000 Hz can be prepared"),
        (Limits(channels=1), "The audio has 2 channels; 1 to 1 can be prepared"),
        (Limits(duration=timedelta(seconds=9)), "The audio is 0.0 hours long; at most 0.0025 can be prepared"),
        (Limits(decoded_bytes=10 * 8_000 * 2 * 4 - 1), "The audio is too large once it is decoded"),
    ],
)
async def test_a_header_outside_the_limits_is_refused_in_a_sentence(limits: Limits, sentence: str) -> None:
    house = House()
    with pytest.raises(OutsideLimits) as refused:
        await take(house, in_chunks(made_wav(10, channels=2)), policy=Policy(public_url=PUBLIC_URL, limits=limits))
    assert str(refused.value) == sentence
    assert await nothing_stays(house)


async def test_a_header_that_just_fits_is_accepted() -> None:
    limits = Limits(
        duration=timedelta(seconds=10), channels=2, min_sample_rate=8_000, max_sample_rate=8_000, decoded_bytes=640_000
    )
    policy = Policy(public_url=PUBLIC_URL, limits=limits)
    asset = await take(House(), in_chunks(made_wav(10, channels=2)), policy=policy)
    assert asset.renditions[Variant.ORIGINAL].duration == 10


async def test_the_first_64_kib_decide_however_they_are_cut() -> None:
    late = b"\0" * HEAD + MP3
    for size in (1000, 65_536, 1_000_000):
        with pytest.raises(NotAudio):
            await take(House(), in_chunks(late, size))
    asset = await take(House(), in_chunks(MP3, 100))
    assert asset.renditions[Variant.ORIGINAL].content_type == "audio/mpeg"


class ClientGone(Exception):
    """The body ends too early."""


@pytest.mark.parametrize("sent", [b"", MP3, made_wav(10)], ids=["nothing", "a little", "much"])
async def test_a_body_that_breaks_off_leaves_nothing(sent: bytes) -> None:
    house = House()

    async def body() -> AsyncIterator[bytes]:
        yield sent
        raise ClientGone

    with pytest.raises(ClientGone):
        await take(house, body())
    assert await nothing_stays(house)


@pytest.mark.parametrize("trouble", [Unavailable("The storage"), OutOfSpace("The storage"), AlreadyExists("k"), Killed()])
async def test_a_storage_that_fails_leaves_nothing(trouble: BaseException) -> None:
    house = House()
    house.storage = Fails(trouble)
    with pytest.raises(type(trouble)):
        await take(house, in_chunks(WAV))
    assert await nothing_stays(house)


@pytest.mark.parametrize("second", [Unavailable("The storage"), asyncio.CancelledError()])
async def test_what_goes_wrong_first_counts_and_what_the_clean_up_leaves_is_swept(
    second: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = House()

    async def body() -> AsyncIterator[bytes]:
        yield made_wav(10)
        raise ClientGone

    async def fail(_: str) -> None:
        raise second

    with monkeypatch.context() as patch:
        patch.setattr(house.storage, "remove", fail)
        with pytest.raises(ClientGone):
            await take(house, body())
    assert (await house.assets.get(str(NEW))).due == NOW + ARRIVES_WITHIN
    await house.keep(NOW + ARRIVES_WITHIN)
    assert await nothing_stays(house)


@pytest.mark.parametrize("writes", range(3))
async def test_what_a_crash_leaves_of_an_upload_is_swept(writes: int) -> None:
    house = House()
    with house.fuse.of(writes):
        await take(house, in_chunks(WAV))
    whole = writes == 2
    assert bool((await house.assets.page()).items) == whole
    await house.keep(NOW + ARRIVES_WITHIN)
    assert await nothing_stays(house) != whole


@pytest.mark.parametrize("swept", ["taken", "removed"])
async def test_an_upload_that_outlasts_its_record_leaves_nothing(swept: str) -> None:
    house = House()

    async def sweep() -> None:
        if swept == "removed":
            await house.keep(NOW + ARRIVES_WITHIN)
        else:
            await house.assets.take_due(NOW + ARRIVES_WITHIN, NOW + ARRIVES_WITHIN + TAKEN_FOR, "a housekeeper")

    house.assets.rivals.append(sweep)
    with pytest.raises(AssetNotFound):
        await take(house, in_chunks(WAV))
    assert not await house.keys()
    await house.keep(NOW + ARRIVES_WITHIN + TAKEN_FOR)
    assert await nothing_stays(house)


async def test_an_upload_that_was_kept_and_changed_before_its_lost_answer_was_asked_for_again_keeps_its_bytes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    house = House()
    keep = house.assets.replace

    async def keep_twice(asset: Asset) -> None:
        await keep(asset)
        await keep(replace(asset, version=asset.version + 1, name="renamed.mp3"))
        await keep(asset)

    monkeypatch.setattr(house.assets, "replace", keep_twice)
    asset = await take(house, in_chunks(WAV))
    assert await house.keys() == {asset.renditions[Variant.ORIGINAL].key}
    assert (await house.assets.get(asset.id)).name == "renamed.mp3"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("song.mp3", "song.mp3"),
        ("/home/ann/song.mp3", "song.mp3"),
        ("C:\\Users\\ann\\song.mp3", "song.mp3"),
        ("../../etc/passwd", "passwd"),
        ("album/", "album"),
        ('my "best" song.mp3', 'my "best" song.mp3'),
        ("a\r\nSet-Cookie: b", "aSet-Cookie: b"),
        ("a\0b\x1bc\x7fd\x85e", "abcde"),
        ("evil\u202egnp.mp3", "evilgnp.mp3"),
        ("\u2066a\u2069\u200fb\ufeff", "ab"),
        ("one\u2028two\u2029three", "onetwothree"),
        ("Cafe\u0301 Größe 日本語 🎧.flac", "Café Größe 日本語 🎧.flac"),
        ("\ud800half", "half"),
        ("  padded  ", "padded"),
        ("", NAMELESS),
        ("   ", NAMELESS),
        ("///", NAMELESS),
        ("\u202e\n", NAMELESS),
        ("x" * 300, "x" * 200),
        ("x" * 199 + " y", "x" * 199),
    ],
)
def test_a_name_is_cleaned(name: str, shown: str) -> None:
    assert clean_name(name) == shown


@given(st.text(st.characters()))
def test_any_name_is_cleaned_to_a_line_that_can_be_kept(name: str) -> None:
    shown = clean_name(name)
    assert 1 <= len(shown) <= LONGEST_NAME
    assert len(shown.splitlines()) == 1
    assert "/" not in shown
    assert "\\" not in shown
    assert shown == shown.strip()
    shown.encode()
