"""Calling assets otherwise, and finding them by name (design 4.4)."""

from urllib.parse import quote, unquote

import pytest

from tests.web.calls import Api, wav

pytestmark = pytest.mark.anyio

ASSETS = "/api/audio/assets"


async def test_an_asset_is_renamed_and_its_next_link_says_so(api: Api) -> None:
    asset, _ = await api.new_asset(filename="before.wav", ref="7")
    stream = f"{ASSETS}/{asset}/stream"
    assert "before" in (await api.client.get(stream)).headers["location"]
    answer = await api.client.patch(f"{ASSETS}/{asset}", json={"name": " Ünter.wav"})
    assert (answer.status_code, answer.json()["name"], answer.json()["ref"]) == (200, "Ünter.wav", "7")
    assert (await api.client.get(f"{ASSETS}/{asset}")).json() == answer.json()
    assert "%C3%9Cnter.wav" in unquote((await api.client.get(stream)).headers["location"])


async def test_a_ref_is_set_and_taken_away(api: Api) -> None:
    asset, _ = await api.new_asset(filename="a.wav")
    for ref in ("order/7 ü", "8", None):
        answer = await api.client.patch(f"{ASSETS}/{asset}", json={"ref": ref})
        assert (answer.status_code, answer.json()["ref"], answer.json()["name"]) == (200, ref, "a.wav")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"", None),
        (b"{}", None),
        (b"[]", None),
        (b"\xff", None),
        (b'{"name": null}', "name"),
        (b'{"name": 1}', "name"),
        (b'{"name": ""}', "name"),
        (b'{"name": " "}', "name"),
        (b'{"name": "a/b"}', "name"),
        (b'{"name": "a\\\\b"}', "name"),
        (b'{"name": "a\\nb"}', "name"),
        (b'{"name": "%s"}' % (b"x" * 201), "name"),
        (b'{"ref": ""}', "ref"),
        (b'{"ref": 7}', "ref"),
        (b'{"ref": "a\\nb"}', "ref"),
        (b'{"ref": "\\ud800"}', None),
        (b'{"ref": "%s"}' % (b"x" * 201), "ref"),
        (b'{"name": "a", "id": "b"}', "id"),
        (b'{"nmae": "a"}', "nmae"),
    ],
)
async def test_a_body_that_makes_no_sense_is_400_and_changes_nothing(api: Api, body: bytes, field: str | None) -> None:
    asset, _ = await api.new_asset(filename="a.wav", ref="7")
    answer = await api.client.patch(f"{ASSETS}/{asset}", content=body)
    assert (answer.status_code, answer.json().get("field")) == (400, field), answer.text
    found = (await api.client.get(f"{ASSETS}/{asset}")).json()
    assert (found["name"], found["ref"]) == ("a.wav", "7")


async def test_an_asset_that_is_gone_is_404(api: Api) -> None:
    asset, _ = await api.new_asset()
    await api.client.delete(f"{ASSETS}/{asset}")
    for gone in (asset, "nobodys"):
        assert (await api.client.patch(f"{ASSETS}/{gone}", json={"name": "a"})).status_code == 404
    assert (await api.client.patch(f"{ASSETS}/a.b", json={"name": "a"})).status_code == 400


async def names(api: Api, query: str) -> list[str]:
    answer = await api.client.get(f"{ASSETS}?{query}")
    assert answer.status_code == 200, answer.text
    return [item["name"] for item in answer.json()["items"]]


async def test_assets_are_found_by_the_beginning_of_their_names_in_whatever_case(api: Api) -> None:
    for name in ("Straße.wav", "strand.wav", "100%.wav"):
        await api.upload(wav(), filename=name, prepare="false")
    assert await names(api, "q=STRA") == ["strand.wav", "Straße.wav"]
    assert await names(api, f"q={quote('strasse')}") == ["Straße.wav"]
    assert await names(api, "q=%25") == await names(api, "q=_") == await names(api, "q=*") == await names(api, "q=%00") == []
    assert await names(api, "q=100%25") == ["100%.wav"]
    assert len(await names(api, "q=")) == 3


async def test_what_is_found_comes_a_page_at_a_time(api: Api) -> None:
    for number in range(5):
        await api.upload(wav(), filename=f"talk {number}.wav", prepare="false")
        await api.upload(wav(), filename=f"song {number}.wav", prepare="false")
    seen, cursor = [], ""
    while cursor is not None:
        query = {"q": "Talk", "limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = (await api.client.get(ASSETS, params=query)).json()
        seen += [item["name"] for item in page["items"]]
        cursor = page["next"]
    assert seen == [f"talk {number}.wav" for number in reversed(range(5))]


@pytest.mark.parametrize(("query", "field"), [("query=a", "query"), ("q=a&q=b", "q"), ("Q=a", "Q"), ("status=queued", "status")])
async def test_a_list_is_not_asked_for_by_what_it_does_not_know(api: Api, query: str, field: str) -> None:
    answer = await api.client.get(f"{ASSETS}?{query}")
    assert (answer.status_code, answer.json()["field"]) == (400, field)
