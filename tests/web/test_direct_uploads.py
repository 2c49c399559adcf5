"""Direct uploads (design 4.4): announced here, sent straight to storage, completed here."""

import asyncio
import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.parting import LINKED_AT_ONCE
from entrypoints.clock import utc_now
from tests.web.calls import NOBODY, Api, wav
from tests.web.conftest import Serve
from tests.web.directly import UPLOADS, completed, follow, opened, read, send

pytestmark = pytest.mark.anyio

MIB = 2**20
SMALL = wav()
LARGE = wav(800)[: 12 * MIB] + bytes(100)
PARTS = {"GREENROOM_PART_BYTES": "5MiB"}


@pytest.fixture
async def cutting(serve: Serve) -> Api:
    """Give an application that cuts uploads into the smallest parts there are."""
    return await serve(**PARTS)


async def objects(api: Api) -> list[str]:
    return [item.key async for item in api.parts.storage.list("")]


async def test_a_small_file_is_one_request_and_becomes_an_asset_with_its_job(api: Api) -> None:
    upload = await opened(api, SMALL, ref="order-7", targetLufs=-14, sha256=hashlib.sha256(SMALL).hexdigest().upper())
    [way] = upload["parts"]
    assert (upload["status"], upload["partSize"], upload["assetId"], upload["present"]) == ("open", None, None, [])
    assert (way["number"], way["offset"], way["size"], way["method"]) == (1, 0, len(SMALL), "PUT")
    await send(api, upload, SMALL)
    answer = await completed(api, upload)
    assert answer.status_code == 200, answer.text
    asset, job = answer.json()["asset"], answer.json()["job"]
    assert (asset["id"], asset["name"], asset["ref"]) == (upload["id"], "talk.wav", "order-7")
    original = asset["renditions"]["original"]
    assert (original["contentType"], original["size"], original["duration"]) == ("audio/wav", len(SMALL), 1.0)
    assert original["sha256"] == hashlib.sha256(SMALL).hexdigest()
    assert (job["status"], job["assetId"], job["recipe"]["targetLufs"]) == ("queued", asset["id"], -14)
    played = await api.client.get(f"/api/audio/assets/{asset['id']}/stream", follow_redirects=False)
    assert played.status_code == 302


async def test_a_large_file_is_sent_in_equal_parts_in_any_order(cutting: Api) -> None:
    upload = await opened(cutting, LARGE, prepare=False)
    assert upload["partSize"] == 5 * MIB
    assert [(way["number"], way["offset"], way["size"]) for way in upload["parts"]] == [
        (1, 0, 5 * MIB), (2, 5 * MIB, 5 * MIB), (3, 10 * MIB, 2 * MIB + 100)
    ]  # fmt: skip
    await send(cutting, upload | {"parts": upload["parts"][::-1]}, LARGE)
    answer = await completed(cutting, upload)
    assert (answer.status_code, answer.json()["job"]) == (200, None)
    [key] = await objects(cutting)
    assert b"".join([chunk async for chunk in cutting.parts.storage.read(key)]) == LARGE


async def test_an_interrupted_upload_resumes_from_the_parts_that_are_there(cutting: Api) -> None:
    upload = await opened(cutting, LARGE)
    await send(cutting, upload, LARGE, {2})
    resumed = await read(cutting, upload)
    assert resumed["present"] == [{"number": 2, "size": 5 * MIB}]
    assert [way["number"] for way in resumed["parts"]] == [1, 3]
    lacking = await completed(cutting, upload)
    assert (lacking.status_code, lacking.json()) == (409, {"error": "Parts of the upload are missing", "missing": [1, 3]})
    await send(cutting, resumed, LARGE)
    assert (await completed(cutting, upload)).status_code == 200


async def test_an_answer_has_links_for_a_hundred_parts_at_most_and_reading_gives_the_next(serve: Serve) -> None:
    api = await serve(**PARTS)
    upload = await opened(api, b"", size=600 * MIB)
    assert [way["number"] for way in upload["parts"]] == list(range(1, LINKED_AT_ONCE + 1))
    first = upload["parts"][0]
    assert (await follow(api, first, bytes(first["size"]))).status_code == 200
    assert [way["number"] for way in (await read(api, upload))["parts"]] == list(range(2, LINKED_AT_ONCE + 2))


async def test_there_are_never_more_than_a_thousand_parts(serve: Serve) -> None:
    api = await serve(**PARTS, GREENROOM_MAX_UPLOAD_BYTES="100GiB")
    upload = await opened(api, b"", size=50 * 2**30)
    assert upload["partSize"] == 52 * MIB


async def test_what_has_arrived_of_a_small_file_is_shown_too(api: Api) -> None:
    upload = await opened(api, SMALL)
    await send(api, upload, SMALL)
    shown = await read(api, upload)
    assert (shown["present"], shown["parts"], shown["status"]) == ([{"number": 1, "size": len(SMALL)}], [], "open")
    await completed(api, upload)
    shown = await read(api, upload)
    assert (shown["status"], shown["assetId"], shown["parts"]) == ("complete", upload["id"], [])


@pytest.mark.parametrize("content", [SMALL, LARGE], ids=["one request", "parts"])
async def test_completing_again_or_twice_at_once_is_answered_the_same(cutting: Api, content: bytes) -> None:
    upload = await opened(cutting, content)
    await send(cutting, upload, content)
    answers = await asyncio.gather(*[completed(cutting, upload) for _ in range(3)])
    answers.append(await completed(cutting, upload))
    assert [answer.status_code for answer in answers] == [200] * 4, [answer.text for answer in answers]
    assert len({answer.text for answer in answers}) == 1
    assert len((await cutting.client.get("/api/jobs")).json()["items"]) == 1


@pytest.mark.parametrize("content", [SMALL, LARGE], ids=["one request", "parts"])
async def test_what_was_verified_can_not_be_changed_by_its_links(cutting: Api, content: bytes) -> None:
    upload = await opened(cutting, content)
    await send(cutting, upload, content)
    assert (await completed(cutting, upload)).status_code == 200
    for way in upload["parts"]:
        assert (await follow(cutting, way, bytes(way["size"]))).status_code in {404, 412}
    [key] = await objects(cutting)
    assert b"".join([chunk async for chunk in cutting.parts.storage.read(key)]) == content


@pytest.mark.parametrize(
    ("content", "facts", "status", "said"),
    [
        (b"x" * 100, {}, 415, "This is not an audio file of a kind that can be prepared"),
        (wav(rate=1_000), {}, 422, "The audio has a sample rate of 1000 Hz; 4000 to 192000 Hz can be prepared"),
        (SMALL, {"sha256": "0" * 64}, 422, "The upload does not have the SHA-256 that was announced"),
        (b"x" * 6 * MIB, {}, 415, "This is not an audio file of a kind that can be prepared"),
    ],
    ids=["text", "too low a rate", "another checksum", "text in parts"],
)
async def test_what_is_refused_is_refused_each_time_until_it_is_deleted(
    cutting: Api, content: bytes, facts: dict[str, Any], status: int, said: str
) -> None:
    upload = await opened(cutting, content, **facts)
    await send(cutting, upload, content)
    for _ in range(2):
        answer = await completed(cutting, upload)
        assert (answer.status_code, answer.json()) == (status, {"error": said})
    assert (await cutting.client.get(f"/api/audio/assets/{upload['id']}")).status_code == 404
    assert (await read(cutting, upload))["parts"] == []
    assert (await cutting.client.delete(f"{UPLOADS}/{upload['id']}")).status_code == 204
    assert (await completed(cutting, upload)).status_code == 404
    assert await objects(cutting) == []


@pytest.mark.parametrize("content", [SMALL, LARGE], ids=["one request", "parts"])
async def test_an_upload_that_is_given_up_leaves_nothing_and_takes_nothing_any_more(cutting: Api, content: bytes) -> None:
    upload = await opened(cutting, content)
    await send(cutting, upload, content, {1})
    path = f"{UPLOADS}/{upload['id']}"
    assert (await cutting.client.delete(path)).status_code == 204
    for call in (cutting.client.get(path), cutting.client.delete(path), completed(cutting, upload)):
        answer = await call
        assert (answer.status_code, answer.json()) == (404, {"error": "Upload not found"})
    assert await objects(cutting) == []
    if content is LARGE:
        assert (await follow(cutting, upload["parts"][1], LARGE[5 * MIB : 10 * MIB])).status_code == 404


async def test_an_upload_that_is_complete_is_deleted_as_the_asset_that_it_is(api: Api) -> None:
    upload = await opened(api, SMALL)
    await send(api, upload, SMALL)
    await completed(api, upload)
    refused = await api.client.delete(f"{UPLOADS}/{upload['id']}")
    assert (refused.status_code, refused.json()) == (409, {"error": "The upload is complete: delete its asset instead"})
    assert (await api.client.delete(f"/api/audio/assets/{upload['id']}")).status_code == 204
    assert await objects(api) == []
    gone = await completed(api, upload)
    assert (gone.status_code, gone.json()) == (404, {"error": "Asset not found"})


SENSELESS: list[tuple[dict[str, Any], int, str | None]] = [
    ({"size": 0}, 400, "size"),
    ({"size": -1}, 400, "size"),
    ({"size": 1.5}, 400, "size"),
    ({"size": None}, 400, "size"),
    ({"size": "5"}, 400, "size"),
    ({"size": 10**30}, 413, None),
    ({"size": 5 * 2**30 + 1}, 413, None),
    ({"filename": ""}, 400, "filename"),
    ({"filename": 7}, 400, "filename"),
    ({"filename": "x" * 1025}, 400, "filename"),
    ({"sha256": "0" * 63}, 400, "sha256"),
    ({"sha256": "g" * 64}, 400, "sha256"),
    ({"sha256": "0" * 64 + "\n"}, 400, "sha256"),
    ({"contentType": 5}, 400, "contentType"),
    ({"ref": "a\nb"}, 400, "ref"),
    ({"ref": ""}, 400, "ref"),
    ({"prepare": "yes"}, 400, "prepare"),
    ({"targetLufs": -100}, 400, "targetLufs"),
    ({"format": "exe"}, 400, "format"),
    ({"prepare": False, "format": "flac"}, 400, "format"),
    ({"zork": 1}, 400, "zork"),
]


async def test_an_announcement_that_makes_no_sense_is_refused(api: Api) -> None:
    for facts, status, field in SENSELESS:
        answer = await api.client.post(UPLOADS, json={"filename": "a.wav", "size": 5} | facts)
        assert (answer.status_code, answer.json().get("field")) == (status, field), (facts, answer.text)
    assert await api.parts.uploads.take_due(utc_now() + timedelta(days=9), utc_now(), "nobody") is None


async def test_a_body_that_announces_nothing_is_400(api: Api) -> None:
    for body in (b"", b"{}", b"[]", b"null", b'{"filename": "a.wav"}', b'{"size": 5}', b"\xff"):
        answer = await api.client.post(UPLOADS, content=body)
        assert answer.status_code == 400, (body, answer.text)


@pytest.mark.parametrize(("method", "path"), [("GET", ""), ("DELETE", ""), ("POST", "/complete")])
async def test_an_upload_that_there_is_not_is_404_and_what_is_no_id_is_400(api: Api, method: str, path: str) -> None:
    absent = await api.client.request(method, f"{UPLOADS}/{NOBODY}{path}")
    assert (absent.status_code, absent.json()) == (404, {"error": "Upload not found"})
    odd = await api.client.request(method, f"{UPLOADS}/a.b{path}")
    assert (odd.status_code, odd.json()["field"]) == (400, "id")


async def test_uploads_want_a_key(serve: Serve) -> None:
    api = await serve(GREENROOM_API_KEYS="the key")
    for method, path in (("POST", ""), ("GET", f"/{NOBODY}"), ("DELETE", f"/{NOBODY}"), ("POST", f"/{NOBODY}/complete")):
        assert (await api.client.request(method, UPLOADS + path)).status_code == 401


async def test_links_end_with_the_upload(api: Api) -> None:
    upload = await opened(api, SMALL)
    expires = datetime.fromisoformat(upload["expiresAt"])
    assert timedelta(hours=23) < expires - utc_now().astimezone(UTC) <= timedelta(days=1)


@pytest.mark.parametrize(
    ("facts", "saved"),
    [
        ({"filename": "talk.mp3"}, "talk.wav"),
        ({"filename": "talk"}, "talk.wav"),
        ({"filename": "talk.exe", "contentType": "audio/mp4; codecs=x"}, "talk.wav"),
        ({"filename": "../../talk.WAV", "contentType": "text/html"}, "talk.wav"),
    ],
    ids=str,
)
async def test_the_bytes_say_what_it_is_whatever_was_claimed(api: Api, facts: dict[str, Any], saved: str) -> None:
    upload = await opened(api, SMALL, **facts)
    await send(api, upload, SMALL)
    asset = (await completed(api, upload)).json()["asset"]
    assert asset["renditions"]["original"]["contentType"] == "audio/wav"
    heard = await api.client.get(f"/api/audio/assets/{asset['id']}/stream?download=1", follow_redirects=True)
    assert (heard.status_code, heard.content, heard.headers["content-type"]) == (200, SMALL, "audio/wav")
    assert f'filename="{saved}"' in heard.headers["content-disposition"]


@pytest.mark.usefixtures("on_a_folder")
async def test_a_page_of_another_site_may_send_parts_and_read_their_etag(serve: Serve) -> None:
    page = "https://app.example.com"
    api = await serve(**PARTS, GREENROOM_CORS_ORIGINS=page)
    upload = await opened(api, LARGE)
    way = upload["parts"][2]
    preflight = await api.client.options(
        way["url"],
        headers={"Origin": page, "Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "content-type"},
    )
    assert preflight.status_code == 204
    sent = await follow(api, way, LARGE[way["offset"] :], Origin=page)
    assert (sent.status_code, sent.headers["access-control-allow-origin"]) == (200, page)
    assert "ETag" in sent.headers["access-control-expose-headers"]
    assert sent.headers["etag"].startswith('"')
