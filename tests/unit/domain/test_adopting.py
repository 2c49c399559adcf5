"""Adopting: what lies in storage already becomes assets, and nobody's work is undone by it."""

from datetime import timedelta
from uuid import uuid4

import pytest
from msgspec.structs import replace

from adapters.memory.storage import MemoryStorage
from domain.adopting import Adoption, Fate, adopt
from domain.deleting import delete_asset
from domain.laid import find_laid
from ports.assets import Asset, Retired, Variant
from ports.storage import StoredObject
from ports.uploads import Upload
from tests.unit.domain.makers import MP3, NOW, PEAKS, WAV, House, Killed, made_rendition

pytestmark = pytest.mark.anyio


class Dated(MemoryStorage):
    """A storage whose objects are a second older each than the one before: the first is the newest."""

    async def stat(self, key: str) -> StoredObject:
        return self._dated(await super().stat(key))

    async def list(self, prefix: str):  # type: ignore[no-untyped-def]  # an iterator, as the storage's own
        async for item in super().list(prefix):
            yield self._dated(item)

    def _dated(self, item: StoredObject) -> StoredObject:
        serial = int(item.etag.strip('"').split("-")[1], 16)
        return replace(item, modified=NOW - timedelta(seconds=serial))


class Home(House):
    def __post_init__(self) -> None:
        super().__post_init__()
        self.storage = Dated()

    async def lay(self, *names: str, body: bytes = MP3) -> None:
        for name in names:
            await self.put(f"audio/assets/{name}", body)

    async def adopt(self, asset_id: str | None = None, *, really: bool = True) -> dict[str, Adoption]:
        return {
            laid.asset_id: await adopt(
                laid, assets=self.assets, jobs=self.jobs, uploads=self.uploads, storage=self.storage, really=really
            )
            async for laid in find_laid(self.storage, asset_id)
        }

    async def fates(self) -> dict[str, Fate]:
        return {name: adoption.fate for name, adoption in (await self.adopt()).items()}


@pytest.fixture
def home() -> Home:
    return Home()


async def test_what_lies_there_becomes_an_asset(home: Home) -> None:
    await home.lay("song/original.wav", body=WAV)
    await home.lay("song/prepared.mp3")
    await home.lay("song/prepared.peaks.json", "song/original.peaks.json", body=PEAKS)
    assert (await home.adopt())["song"].fate is Fate.ADOPTED
    asset = await home.assets.get("song")
    original, prepared = asset.renditions[Variant.ORIGINAL], asset.renditions[Variant.PREPARED]
    stored = await home.storage.stat("audio/assets/song/original.wav")
    assert (original.content_type, original.size, original.etag, original.duration) == ("audio/wav", len(WAV), stored.etag, 1.0)
    assert original.peaks == "audio/assets/song/original.peaks.json"
    assert (prepared.key, prepared.content_type) == ("audio/assets/song/prepared.mp3", "audio/mpeg")
    assert prepared.peaks == "audio/assets/song/prepared.peaks.json"
    assert (asset.name, asset.created, asset.deleted, asset.due) == ("song", stored.modified, None, None)


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("original.wav", "song"),
        ("original", "song"),
        ("original-01234567.wav", "song"),
        ("original-My talk.wav", "My talk.wav"),
        ("original_2026.take.2.wav", "2026.take.2.wav"),
    ],
)
async def test_it_is_called_what_its_file_says_or_its_id(home: Home, file: str, name: str) -> None:
    await home.lay(f"song/{file}")
    await home.adopt()
    assert (await home.assets.get("song")).name == name


async def test_the_newest_audio_wins_whatever_is_newer_but_no_audio(home: Home) -> None:
    await home.lay("song/original-notes.txt", body=b"no audio")
    await home.lay("song/original-empty.wav", body=b"")
    await home.lay("song/original-z.mp3", "song/original-a.mp3")
    await home.adopt()
    assert await home.shown(Variant.ORIGINAL) == "audio/assets/song/original-z.mp3"


async def test_prepared_audio_alone_is_adopted_too(home: Home) -> None:
    await home.lay("song/prepared.mp3")
    assert await home.fates() == {"song": Fate.ADOPTED}
    assert list((await home.assets.get("song")).renditions) == [Variant.PREPARED]


async def test_what_is_no_asset_is_left_alone(home: Home) -> None:
    await home.lay("a b/original.mp3", "x" * 65 + "/original.mp3")
    await home.lay("notes/original.txt", body=b"no audio")
    await home.lay("song/cover.mp3", "song/original/deep.mp3", "loose.mp3", "song/original.peaks.json")
    fates = await home.fates()
    assert fates == {"a b": Fate.NO_ID, "x" * 65: Fate.NO_ID, "notes": Fate.NO_AUDIO, "song": Fate.NO_AUDIO}
    assert not (await home.assets.page()).items


async def test_adopting_again_adopts_nothing_and_changes_nothing(home: Home) -> None:
    await home.lay("one/original.mp3", "two/original.mp3", "two/prepared.mp3")
    await home.adopt()
    before = (await home.assets.page()).items
    await home.lay("one/original-newer.mp3")
    assert await home.fates() == {"one": Fate.KNOWN, "two": Fate.KNOWN}
    assert (await home.assets.page()).items == before


async def test_a_variant_that_an_asset_lacks_is_added_to_it(home: Home) -> None:
    before = await home.add_asset()
    await home.lay("song/prepared.mp3")
    assert await home.fates() == {"song": Fate.EXTENDED}
    asset = await home.assets.get("song")
    assert asset.renditions[Variant.ORIGINAL] == before.renditions[Variant.ORIGINAL]
    assert (asset.version, asset.renditions[Variant.PREPARED].key) == (1, "audio/assets/song/prepared.mp3")


async def test_a_deleted_asset_stays_deleted(home: Home) -> None:
    await home.lay("song/original.mp3", "song/original-older.mp3", "song/prepared.mp3")
    await home.assets.add(Asset(id="song", name="song", created=NOW, deleted=NOW, due=NOW))
    assert await home.fates() == {"song": Fate.DELETED}
    assert (await home.assets.get("song")).deleted == NOW


async def test_nothing_that_was_not_adopted_is_left_of_a_deleted_asset_to_come_back(home: Home) -> None:
    await home.lay("song/original.mp3", "song/original-older.mp3", "song/prepared.mp3", "song/prepared-older.mp3")
    await home.adopt()
    await delete_asset("song", assets=home.assets, jobs=home.jobs, storage=home.storage, policy=home.policy, now=NOW)
    assert await home.adopt() == {}


@pytest.mark.parametrize("ended", [False, True])
async def test_what_a_known_job_has_made_is_left_to_it(home: Home, ended: bool) -> None:
    await home.add_asset()
    job = await home.add_job()
    await home.lay(f"song/prepared-{job.id}-1.mp3")
    if ended:
        await home.cancel(job.id)
    assert await home.fates() == {"song": Fate.KNOWN}


async def test_what_a_job_of_another_store_has_made_is_adopted(home: Home) -> None:
    key = f"song/prepared-{uuid4()}-1.mp3"
    await home.lay("song/original.mp3", key)
    assert await home.fates() == {"song": Fate.ADOPTED}
    assert await home.shown() == f"audio/assets/{key}"


async def test_what_a_live_job_will_show_is_left_to_it(home: Home) -> None:
    await home.add_asset()
    job = await home.add_job()
    await home.lay("song/prepared.mp3")
    assert await home.fates() == {"song": Fate.KNOWN}
    await home.cancel(job.id)
    assert await home.fates() == {"song": Fate.EXTENDED}


async def test_what_has_retired_does_not_come_back(home: Home) -> None:
    await home.lay("song/prepared-old.mp3")
    asset = await home.add_asset()
    retired = (Retired("audio/assets/song/prepared-old.mp3", NOW),)
    await home.assets.replace(replace(asset, version=1, retired=retired, due=NOW))
    assert await home.fates() == {"song": Fate.KNOWN}


async def test_the_bytes_of_an_upload_are_left_to_it(home: Home) -> None:
    await home.lay("song/original-01234567.mp3")
    key = "audio/assets/song/original-01234567.mp3"
    upload = Upload(id="song", name="x", key=key, content_type="audio/mpeg", size=1, created=NOW, expires=NOW, due=NOW)
    await home.uploads.add(upload)
    assert await home.fates() == {"song": Fate.UPLOADING}
    await home.uploads.remove("song")
    assert await home.fates() == {"song": Fate.ADOPTED}


async def test_a_dry_run_says_the_same_and_changes_nothing(home: Home) -> None:
    await home.add_asset()
    await home.lay("song/prepared.mp3", "talk/original.mp3")
    foreseen = await home.adopt(really=False)
    assert {item.id for item in (await home.assets.page()).items} == {"song"}
    assert await home.shown() is None
    assert await home.adopt() == foreseen


async def test_one_id_alone_is_adopted(home: Home) -> None:
    await home.lay("song/original.mp3", "song-2/original.mp3")
    assert list(await home.adopt("song")) == ["song"]


async def test_after_a_crash_it_is_run_again(home: Home) -> None:
    await home.lay("one/original.mp3", "three/original.mp3", "two/original.mp3")
    home.fuse.left = 2
    with pytest.raises(Killed):
        await home.adopt()
    home.fuse.left = None
    assert await home.fates() == {"one": Fate.KNOWN, "three": Fate.KNOWN, "two": Fate.ADOPTED}


async def test_who_was_faster_is_right(home: Home) -> None:
    await home.add_asset()
    await home.lay("song/prepared.mp3")
    theirs = made_rendition("audio/assets/song/prepared-theirs.mp3")

    async def rival() -> None:
        asset = await home.assets.get("song")
        await home.assets.replace(
            replace(asset, version=asset.version + 1, renditions={**asset.renditions, Variant.PREPARED: theirs})
        )

    home.assets.rivals.append(rival)
    assert await home.fates() == {"song": Fate.KNOWN}
    assert await home.shown() == theirs.key


async def test_a_job_of_what_was_adopted_prepares_it(home: Home) -> None:
    await home.lay("song/original.mp3")
    await home.adopt()
    job = await home.add_job()
    assert await home.start() is not None
    await home.finish(job)
    assert (await home.shown() or "").startswith(f"audio/assets/song/prepared-{job.id}-1")
