"""What an asset store keeps, lists and hands out: a test for each sentence of the port."""

import asyncio
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from ports.assets import Asset, AssetStore, Rendition, Retired, Variant
from ports.audio import Figures, Measured
from ports.errors import AlreadyExists, Conflict, NotFound
from ports.paging import Cursor, Page
from tests.contracts.stores import HARNESSES, NOW, SECOND, Harness, made_asset

pytestmark = pytest.mark.anyio

DURABLE = [harness for harness in HARNESSES if harness.durable]
SHARED = [harness for harness in HARNESSES if harness.shared]


def name(harness: Harness) -> str:
    return harness.name


async def take(assets: AssetStore, request_id: str = "request", now: int = 0) -> Asset | None:
    """Take an asset that is due `now` seconds after NOW, until 30 s later."""
    moment = NOW + now * SECOND
    return await assets.take_due(moment, moment + 30 * SECOND, request_id)


async def test_every_field_comes_back_as_it_was(assets: AssetStore) -> None:
    rendition = Rendition(
        key="k/ü", content_type="audio/wav", size=2**40, etag='"e"', duration=1.5, sha256="ab", peaks="p", job_created=NOW
    )
    sound = Measured(
        loudness_lufs=-16.1, true_peak_dbtp=None, range_lu=0, duration=1.5, sample_rate=8000, channels=1, codec="mp3"
    )
    figures = Figures(
        before=sound, after=sound, trimmed_head=0.1, trimmed_tail=0, gain_db=-3, limited=True, damaged=False, note="ü"
    )
    asset = made_asset(
        id="A_b-9" * 12, name="Ein Läd 🎵.wav", ref="order/7", version=3, deleted=NOW, due=datetime.max.replace(tzinfo=UTC),
        renditions={Variant.ORIGINAL: rendition, Variant.PREPARED: replace(rendition, key="l", figures=figures)},
        retired=(Retired("m", NOW),),
    )  # fmt: skip
    await assets.add(asset)
    assert await assets.get(asset.id) == asset


async def test_ids_that_differ_in_case_are_different(assets: AssetStore) -> None:
    upper, lower = made_asset(id="Id"), made_asset(id="id")
    await assets.add(upper)
    await assets.add(lower)
    assert [await assets.get("Id"), await assets.get("id")] == [upper, lower]


async def test_get_returns_a_deleted_asset_too(assets: AssetStore) -> None:
    asset = made_asset(deleted=NOW)
    await assets.add(asset)
    assert await assets.get(asset.id) == asset


async def test_get_raises_not_found_if_there_is_none(assets: AssetStore) -> None:
    with pytest.raises(NotFound):
        await assets.get("nobody")


async def test_what_a_caller_does_to_its_own_asset_changes_nothing_kept(assets: AssetStore) -> None:
    asset = made_asset()
    await assets.add(asset)
    asset.renditions[Variant.ORIGINAL] = Rendition(key="k", content_type="audio/wav", size=1, etag='"e"')
    assert (await assets.get(asset.id)).renditions == {}


async def test_adding_an_equal_asset_again_succeeds(assets: AssetStore) -> None:
    asset = made_asset()
    await assets.add(asset)
    await assets.add(asset)
    assert await assets.get(asset.id) == asset


async def test_adding_raises_already_exists_if_another_has_its_id(assets: AssetStore) -> None:
    asset = made_asset()
    await assets.add(asset)
    with pytest.raises(AlreadyExists):
        await assets.add(replace(asset, name="another"))
    assert await assets.get(asset.id) == asset


async def test_replace_stores_the_next_version(assets: AssetStore) -> None:
    asset = made_asset()
    await assets.add(asset)
    later = replace(asset, version=1, name="renamed", due=NOW)
    await assets.replace(later)
    assert await assets.get(asset.id) == later


@pytest.mark.parametrize("version", [4, 5, 7])
async def test_replace_raises_conflict_if_the_version_kept_is_another(assets: AssetStore, version: int) -> None:
    asset = made_asset(version=5)
    await assets.add(asset)
    with pytest.raises(Conflict):
        await assets.replace(replace(asset, version=version, name="changed"))
    assert await assets.get(asset.id) == asset


async def test_replace_raises_not_found_if_there_is_no_such_asset(assets: AssetStore) -> None:
    with pytest.raises(NotFound):
        await assets.replace(made_asset(version=1))


async def test_storing_the_version_that_is_kept_again_succeeds_with_equal_content(assets: AssetStore) -> None:
    asset = made_asset()
    await assets.add(asset)
    later = replace(asset, version=1, name="renamed")
    await assets.replace(later)
    await assets.replace(later)
    assert await assets.get(asset.id) == later


async def test_of_many_that_replace_one_version_exactly_one_wins(assets: AssetStore) -> None:
    asset = made_asset()
    await assets.add(asset)
    rivals = [replace(asset, version=1, name=str(number)) for number in range(50)]
    outcomes = await asyncio.gather(*map(assets.replace, rivals), return_exceptions=True)
    assert Counter(map(type, outcomes)) == {type(None): 1, Conflict: 49}
    assert await assets.get(asset.id) == rivals[outcomes.index(None)]


async def test_an_asset_never_due_is_not_handed_out(assets: AssetStore) -> None:
    await assets.add(made_asset(due=None))
    await assets.add(made_asset(due=NOW + SECOND / 1_000_000))
    assert await take(assets) is None


async def test_the_most_overdue_asset_comes_first_a_deleted_one_too(assets: AssetStore) -> None:
    overdue = [made_asset(due=NOW - seconds * SECOND, deleted=deleted) for seconds, deleted in [(0, None), (9, NOW), (3, None)]]
    for asset in overdue:
        await assets.add(asset)
    taken = [await take(assets, str(number)) for number in range(4)]
    assert [asset and asset.id for asset in taken] == [overdue[1].id, overdue[2].id, overdue[0].id, None]


async def test_due_time_moves_version_rises_by_one_and_nothing_else_changes(assets: AssetStore) -> None:
    asset = made_asset(version=4, due=NOW, retired=(Retired("m", NOW),))
    await assets.add(asset)
    taken = await take(assets)
    assert taken == replace(asset, version=5, due=NOW + 30 * SECOND)
    assert await assets.get(asset.id) == taken
    assert await take(assets, "another", now=29) is None
    assert await take(assets, "another", now=30) is not None


async def test_the_same_request_gets_the_same_asset_again(assets: AssetStore) -> None:
    for _ in range(2):
        await assets.add(made_asset(due=NOW))
    first = await take(assets)
    assert first is not None
    assert await take(assets, now=100) == first


async def test_the_same_request_gets_another_asset_once_its_own_has_changed(assets: AssetStore) -> None:
    other = made_asset(due=NOW)
    await assets.add(made_asset(due=NOW - SECOND))
    await assets.add(other)
    first = await take(assets)
    assert first is not None
    await assets.replace(replace(first, version=first.version + 1, due=None))
    assert await take(assets) == replace(other, version=1, due=NOW + 30 * SECOND)


async def test_fifty_takers_at_once_get_each_asset_once(assets: AssetStore) -> None:
    added = [made_asset(due=NOW) for _ in range(40)]
    for asset in added:
        await assets.add(asset)
    taken = await asyncio.gather(*(take(assets, str(number)) for number in range(50)))
    assert Counter(asset.id for asset in taken if asset) == Counter(asset.id for asset in added)


@pytest.mark.parametrize("limit", [1, 2, 7, 12, 13])
async def test_pages_list_the_assets_that_are_not_deleted_newest_first(assets: AssetStore, limit: int) -> None:
    added = [made_asset(created=NOW + number // 4 * SECOND, deleted=None if number % 2 else NOW) for number in range(24)]
    for asset in added:
        await assets.add(asset)
    page = await assets.page(limit=limit)
    listed = list(page.items)
    while page.next:
        page = await assets.page(after=page.next, limit=limit)
        listed += page.items
    shown = [asset for asset in added if asset.deleted is None]
    assert listed == sorted(shown, key=lambda asset: (asset.created, asset.id), reverse=True)


async def test_an_asset_that_is_deleted_later_leaves_the_pages(assets: AssetStore) -> None:
    asset = made_asset()
    await assets.add(asset)
    await assets.replace(replace(asset, version=1, deleted=NOW))
    assert await assets.page() == Page(())


async def test_a_page_starts_behind_a_cursor_whose_row_is_gone(assets: AssetStore) -> None:
    kept = made_asset(created=NOW)
    await assets.add(kept)
    assert (await assets.page(after=Cursor(NOW + SECOND, "gone"))).items == (kept,)


async def test_removing_forgets_the_asset_and_again_succeeds(assets: AssetStore) -> None:
    asset = made_asset()
    await assets.add(asset)
    await assets.remove(asset.id)
    await assets.remove(asset.id)
    with pytest.raises(NotFound):
        await assets.get(asset.id)


@pytest.mark.parametrize("harness", DURABLE, ids=name)
async def test_every_change_is_durable(harness: Harness, tmp_path: Path) -> None:
    asset, removed = made_asset(due=NOW), made_asset()
    async with harness.open(tmp_path) as stores:
        await stores.assets.add(asset)
        await stores.assets.add(removed)
        await stores.assets.remove(removed.id)
        taken = await take(stores.assets)
        assert taken is not None
        await stores.assets.replace(replace(taken, version=2, name="renamed"))
    async with harness.open(tmp_path) as stores:
        assert await stores.assets.get(asset.id) == replace(taken, version=2, name="renamed")
        assert (await stores.assets.page()).items == (replace(taken, version=2, name="renamed"),)


@pytest.mark.parametrize("harness", SHARED, ids=name)
async def test_takers_in_two_places_get_each_asset_once(harness: Harness, tmp_path: Path) -> None:
    async with harness.open(tmp_path) as here, harness.open(tmp_path) as there:
        added = [made_asset(due=NOW) for _ in range(30)]
        await asyncio.gather(*map(here.assets.add, added))
        takers = [take(place.assets, f"{number} {place}") for number in range(20) for place in (here, there)]
        taken = await asyncio.gather(*takers)
    assert Counter(asset.id for asset in taken if asset) == Counter(asset.id for asset in added)
