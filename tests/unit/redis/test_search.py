"""Searching among many assets: they are gone through by date, in steps."""

import pytest
from msgspec.structs import replace

from adapters.redis import search
from adapters.redis.assets import RedisAssetStore
from adapters.redis.client import Server
from ports.assets import Asset
from ports.paging import Cursor
from tests.contracts.stores import NOW, SECOND, made_asset

pytestmark = pytest.mark.anyio


@pytest.fixture(params=[1, 1000], ids=["by date", "by name"])
async def assets(server: Server, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> RedisAssetStore:
    monkeypatch.setattr(search, "MANY", request.param)
    monkeypatch.setattr(search, "AT_ONCE", 3)
    return RedisAssetStore(server)


async def fill(assets: RedisAssetStore) -> list[Asset]:
    """Keep 30 assets, three of each moment, and return those whose names begin with `talk`, newest first."""
    added = []
    for number in range(30):
        name = "Song.wav" if number % 3 == 0 else f"Talk {number}.wav"
        asset = made_asset(name=name, created=NOW + number // 3 * SECOND, deleted=NOW if number % 7 == 0 else None)
        await assets.add(asset)
        added.append(asset)
    shown = [asset for asset in added if asset.name.startswith("Talk") and asset.deleted is None]
    return sorted(shown, key=lambda asset: (asset.created, asset.id), reverse=True)


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 50])
async def test_both_ways_list_the_same_pages(assets: RedisAssetStore, limit: int) -> None:
    expected = await fill(assets)
    page = await assets.page(prefix="TALK", limit=limit)
    listed = list(page.items)
    while page.next:
        assert len(page.items) == limit
        page = await assets.page(prefix="TALK", after=page.next, limit=limit)
        listed += page.items
    assert listed == expected


async def test_ids_of_which_one_begins_the_other_are_in_order(assets: RedisAssetStore) -> None:
    added = [made_asset(id=each, name=f"{each}.wav") for each in ("a", "ab", "a-b", "a_", "abc")]
    for asset in added:
        await assets.add(asset)
    expected = sorted(added, key=lambda asset: asset.id, reverse=True)
    assert list((await assets.page(prefix="a")).items) == list((await assets.page()).items) == expected
    for number, asset in enumerate(expected):
        after = Cursor(asset.created, asset.id)
        assert list((await assets.page(prefix="a", after=after)).items) == expected[number + 1 :]
        assert list((await assets.page(after=after)).items) == expected[number + 1 :]


async def test_one_that_is_renamed_is_found_by_its_new_name_alone(assets: RedisAssetStore) -> None:
    first, *_ = await fill(assets)
    await assets.replace(replace(first, version=1, name="Else.wav"))
    assert first.id not in {asset.id for asset in (await assets.page(prefix="talk")).items}
    assert [asset.id for asset in (await assets.page(prefix="else")).items] == [first.id]
