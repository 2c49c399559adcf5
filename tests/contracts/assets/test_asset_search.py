"""How an asset store finds assets by the beginning of their names."""

import pytest
from msgspec.structs import replace

from ports.assets import Asset, AssetStore, folded
from ports.paging import Cursor
from tests.contracts.stores import NOW, SECOND, made_asset

pytestmark = pytest.mark.anyio


async def named(assets: AssetStore, *names: str) -> list[Asset]:
    """Keep assets of these names, the first of them the newest."""
    added = [made_asset(name=name, created=NOW - number * SECOND) for number, name in enumerate(names)]
    for asset in added:
        await assets.add(asset)
    return added


async def found(assets: AssetStore, prefix: str) -> list[str]:
    return [asset.name for asset in (await assets.page(prefix=prefix)).items]


NAMES = (
    "Straße.wav", "STRASSE 2.wav", "ẞ.wav", "Istanbul.wav", "İstanbul.wav", "\u0131l\u0131k.wav",
    "Café.wav", "Cafe\u0301 2.wav", "Cafe.wav", "100% talk.wav", "100 talk.wav", "_a.wav", "ba.wav", "*.wav", "?.wav", "[a].wav",
    "\\.wav", "'; DROP TABLE assets; --.wav", "🎵 song.wav", "🎶 song.wav", "\uff21\uff42.wav", "ﬁn.wav", "ΣΊΣΥΦΟΣ.wav",
    "a\U0010ffff b.wav", "\U0010ffff\U0010ffff.wav", "\ud7ff.wav", "\ue000.wav",
)  # fmt: skip


@pytest.mark.parametrize(
    ("prefix", "names"),
    [
        ("", NAMES),
        ("STRASSE", ("Straße.wav", "STRASSE 2.wav")),
        ("straß", ("Straße.wav", "STRASSE 2.wav")),
        ("ss", ("ẞ.wav",)),
        ("ẞ.", ("ẞ.wav",)),
        ("iStAnBuL", ("Istanbul.wav",)),
        ("İ", ("İstanbul.wav",)),
        ("i\u0307stanbul", ("İstanbul.wav",)),
        ("\u0131", ("\u0131l\u0131k.wav",)),
        ("CAFÉ", ("Café.wav", "Cafe\u0301 2.wav")),
        ("cafe\u0301", ("Café.wav", "Cafe\u0301 2.wav")),
        ("cafe", ("Cafe.wav",)),
        ("caf", ("Café.wav", "Cafe\u0301 2.wav", "Cafe.wav")),
        ("100%", ("100% talk.wav",)),
        ("%", ()),
        ("_", ("_a.wav",)),
        ("*", ("*.wav",)),
        ("?", ("?.wav",)),
        ("[", ("[a].wav",)),
        ("\\", ("\\.wav",)),
        ("'; drop", ("'; DROP TABLE assets; --.wav",)),
        ("🎵", ("🎵 song.wav",)),
        ("ab", ("\uff21\uff42.wav",)),
        ("fi", ("ﬁn.wav",)),
        ("σίσυφος", ("ΣΊΣΥΦΟΣ.wav",)),
        ("a", ("\uff21\uff42.wav", "a\U0010ffff b.wav")),
        ("\U0010ffff", ("\U0010ffff\U0010ffff.wav",)),
        ("\ud7ff", ("\ud7ff.wav",)),
        ("talk", ()),
        ("\x00", ()),
        ("Straße.wavs", ()),
    ],
)
async def test_only_names_that_begin_with_the_prefix_are_listed_both_folded(
    assets: AssetStore, prefix: str, names: tuple[str, ...]
) -> None:
    await named(assets, *NAMES)
    assert await found(assets, prefix) == list(names)


async def test_every_beginning_of_a_name_finds_it_and_no_other_folding_does(assets: AssetStore) -> None:
    await named(assets, *NAMES)
    for prefix in {folded(name)[:length] for name in NAMES for length in range(1, 5)}:
        assert await found(assets, prefix) == [name for name in NAMES if folded(name).startswith(folded(prefix))]


@pytest.mark.parametrize("limit", [1, 2, 5, 6, 7])
async def test_pages_of_a_prefix_are_newest_first_and_complete(assets: AssetStore, limit: int) -> None:
    for number in range(24):
        name = f"Talk {number}.wav" if number % 4 else f"Song {number}.wav"
        await assets.add(made_asset(name=name, created=NOW + number // 8 * SECOND, deleted=NOW if number % 3 == 0 else None))
    page = await assets.page(prefix="talk", limit=limit)
    listed = list(page.items)
    while page.next:
        page = await assets.page(prefix="talk", after=page.next, limit=limit)
        listed += page.items
    every = (await assets.page(limit=200)).items
    assert listed == [asset for asset in every if asset.name.startswith("Talk")]
    assert len(listed) == 12


async def test_a_page_of_a_prefix_starts_behind_a_cursor_whose_row_is_gone(assets: AssetStore) -> None:
    [newer, older] = await named(assets, "a.wav", "a.wav")
    page = await assets.page(prefix="a", after=Cursor(newer.created, newer.id))
    await assets.remove(newer.id)
    assert (await assets.page(prefix="a", after=Cursor(newer.created, newer.id))) == page
    assert page.items == (older,)


async def test_a_deleted_asset_is_not_found_by_name(assets: AssetStore) -> None:
    [asset] = await named(assets, "a.wav")
    await assets.replace(replace(asset, version=1, deleted=NOW))
    assert await found(assets, "a") == []


async def test_a_renamed_asset_is_found_by_its_new_name_alone(assets: AssetStore) -> None:
    [asset] = await named(assets, "before.wav")
    await assets.replace(replace(asset, version=1, name="After.wav"))
    assert await found(assets, "before") == []
    assert await found(assets, "after") == ["After.wav"]


async def test_a_taken_asset_is_found_as_it_is_now(assets: AssetStore) -> None:
    await assets.add(made_asset(name="a.wav", due=NOW))
    taken = await assets.take_due(NOW, NOW + SECOND, "request")
    assert (await assets.page(prefix="a")).items == (taken,)
