"""An asset is called otherwise, and stays the same in all else."""

import pytest
from msgspec.structs import replace

from domain.errors import AssetNotFound, MalformedId
from domain.labelling import Labels, label_asset
from domain.names import checked_ref
from ports.assets import Asset
from ports.errors import Unavailable
from tests.unit.domain.makers import NOW, House

pytestmark = pytest.mark.anyio


async def label(house: House, asset_id: str = "song", **labels: str | None) -> Asset:
    return await label_asset(asset_id, Labels(**labels), assets=house.assets)  # type: ignore[arg-type]  # each as its name says


async def test_what_is_named_changes_and_the_rest_stays() -> None:
    house = House()
    asset = await house.add_asset()
    named = await label(house, name="Another song.wav")
    assert named == replace(asset, version=1, name="Another song.wav")
    known = await label(house, ref="order/7")
    assert known == replace(named, version=2, ref="order/7")
    assert await label(house, name="Third.wav", ref=None) == replace(asset, version=3, name="Third.wav")
    assert await house.assets.get("song") == replace(asset, version=3, name="Third.wav")


@pytest.mark.parametrize(
    "name", ["", "  ", "a/b", "a\\b", "album/", "a\x00b.wav", "evil\u202egnp.mp3", "a\u2028b", "\ud800half", "x" * 201]
)
async def test_a_name_that_could_not_be_shown_as_it_is_is_refused(name: str) -> None:
    house = House()
    asset = await house.add_asset()
    with pytest.raises(MalformedId, match=r"^name must be 1 to 200 printable characters, without / and \\$"):
        await label(house, name=name, ref="7")
    assert await house.assets.get("song") == asset


@pytest.mark.parametrize(
    ("name", "shown"),
    [("x" * 200, "x" * 200), (" padded ", "padded"), ("Cafe\u0301 🎧", "Café 🎧"), ("Untitled", "Untitled"), ("..", "..")],
)
async def test_any_other_name_is_kept_without_the_blanks_around_it(name: str, shown: str) -> None:
    house = House()
    await house.add_asset()
    assert (await label(house, name=name)).name == shown


async def test_what_is_called_so_already_is_not_changed() -> None:
    house = House()
    asset = await house.add_asset()
    assert await label(house, name=asset.name, ref=None) == asset
    assert await label(house) == asset


@pytest.mark.parametrize("ref", ["", "a\nb", "\x7f", "\u202e", "\ud800", "x" * 201, " \u2028"])
async def test_a_ref_that_can_not_be_one_is_refused(ref: str) -> None:
    house = House()
    asset = await house.add_asset()
    with pytest.raises(MalformedId):
        await label(house, name="Another.wav", ref=ref)
    assert await house.assets.get("song") == asset


@pytest.mark.parametrize("ref", ["7", "order/7", " ", "Ünï 🎵", "x" * 200])
def test_a_ref_is_kept_as_it_is(ref: str) -> None:
    assert checked_ref(ref) == ref


async def test_an_asset_that_is_gone_is_not_called_anything() -> None:
    house = House()
    await house.assets.add(Asset(id="gone", name="x", created=NOW, deleted=NOW))
    for asset_id in ("gone", "never there"):
        with pytest.raises(AssetNotFound):
            await label(house, asset_id, name="y")


async def test_an_asset_that_changes_meanwhile_is_called_otherwise_as_it_is_then() -> None:
    house = House()
    await house.add_asset()
    house.assets.rivals = [lambda: label(house, ref="7")]
    named = await label(house, name="Another.wav")
    assert (named.name, named.ref, named.version) == ("Another.wav", "7", 2)


async def test_an_asset_that_is_deleted_meanwhile_is_not_called_anything() -> None:
    house = House()
    await house.add_asset()
    house.assets.rivals = [lambda: house.assets.remove("song")]
    with pytest.raises(AssetNotFound):
        await label(house, name="Another.wav")


async def test_an_asset_that_never_stands_still_is_unavailable() -> None:
    house = House()
    await house.add_asset()
    refs = iter("12345")
    house.assets.rivals = [lambda: label(house, ref=next(refs))] * 5
    with pytest.raises(Unavailable):
        await label(house, name="Another.wav")
