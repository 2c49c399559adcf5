"""Uploading, listing, reading and deleting audio (design 4.4)."""

import base64
import hashlib
import struct
from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from tests.web.calls import NOBODY, Api, wav
from tests.web.conftest import Serve

pytestmark = pytest.mark.anyio


async def test_an_upload_is_201_with_its_asset_and_its_job(api: Api) -> None:
    answer = await api.upload(wav(), filename="talk.wav")
    assert answer.status_code == 201
    asset, job = answer.json()["asset"], answer.json()["job"]
    assert asset["name"] == "talk.wav"
    assert asset["renditions"]["original"]["sha256"] == hashlib.sha256(wav()).hexdigest()
    assert (job["status"], job["kind"], job["assetId"]) == ("queued", "prepare", asset["id"])
    assert job["recipe"] == {
        "targetLufs": -16, "truePeakDbtp": -1, "trim": True, "format": "mp3", "bitrateKbps": 192
    }  # fmt: skip
    UUID(asset["id"])


async def test_with_prepare_false_there_is_no_job(api: Api) -> None:
    answer = await api.upload(wav(), prepare="false")
    assert answer.status_code == 201
    assert answer.json()["job"] is None
    assert (await api.client.get("/api/jobs")).json() == {"items": [], "next": None}


async def test_the_bytes_say_what_it_is_not_the_name_or_the_claimed_type(api: Api) -> None:
    made = await api.client.post("/api/audio/assets?filename=song.mp3", content=wav(), headers={"Content-Type": "text/html"})
    assert made.json()["asset"]["renditions"]["original"]["contentType"] == "audio/wav"


NOT_AUDIO = {
    "empty": b"",
    "text": b"hello",
    "playlist": b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n",
    "concat": b"ffconcat version 1.0\nfile '/etc/passwd'\n",
    "html": b"<!doctype html><script>alert(1)</script>",
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "png": b"\x89PNG\r\n\x1a\n" + bytes(100),
    "zip": b"PK\x03\x04" + bytes(100),
    "midi": b"MThd" + bytes(100),
    "zeros": bytes(100_000),
}


@pytest.mark.parametrize("name", NOT_AUDIO)
async def test_what_is_empty_or_no_audio_is_415_and_nothing_stays(api: Api, name: str) -> None:
    answer = await api.upload(NOT_AUDIO[name], filename="song.mp3")
    assert answer.status_code == 415
    assert answer.json()["error"]
    assert await api.kept() == []
    assert (await api.client.get("/api/audio/assets")).json()["items"] == []


def header(rate: int = 8000, channels: int = 1, seconds: float = 1) -> bytes:
    """Return a WAV header of such audio, and a little of it."""
    align = 2 * channels % 2**16
    size = int(rate * seconds * 2 * channels)
    form = struct.pack("<IHHIIHH", 16, 1, channels, rate, rate * align % 2**32, align, 16)
    return b"RIFF" + struct.pack("<I", 36 + size) + b"WAVEfmt " + form + b"data" + struct.pack("<I", size) + bytes(64)


ABSURD = {
    "1 Hz": (header(rate=1), "1 Hz"),
    "768 kHz": (header(rate=768_000), "768000 Hz"),
    "65,535 channels": (header(channels=65_535, seconds=0.001), "65535 channels"),
    "no channels": (header(channels=0, seconds=0), "0 channels"),
    "ten hours": (header(seconds=36_000), "10.0 hours"),
}


@pytest.mark.parametrize("name", ABSURD)
async def test_a_header_outside_the_limits_is_422_and_says_why(api: Api, name: str) -> None:
    content, said = ABSURD[name]
    answer = await api.upload(content)
    assert answer.status_code == 422, answer.text
    assert said in answer.json()["error"]
    assert await api.kept() == []


async def test_more_bytes_than_the_limit_are_413_and_nothing_stays(serve: Serve) -> None:
    api = await serve(GREENROOM_MAX_UPLOAD_BYTES="100kB")

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(10):
            yield wav()

    for content in (wav(20), endless()):
        answer = await api.client.post("/api/audio/assets", content=content)
        assert answer.status_code == 413
    assert await api.kept() == []
    assert (await api.client.get("/api/audio/assets")).json()["items"] == []


@pytest.mark.parametrize(
    ("filename", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\a.wav", "a.wav"),
        ('say "hi"\r\nX-Evil: 1.wav', 'say "hi"X-Evil: 1.wav'),
        ("naïve 音楽 🎵.wav", "naïve 音楽 🎵.wav"),
        ("a\x00b\x1b[31m.wav", "ab[31m.wav"),
        ("\u202egnp.wav", "gnp.wav"),
        ("/", "Untitled"),
        ("", "Untitled"),
        ("x" * 300, "x" * 200),
    ],
)
async def test_a_name_is_shown_without_paths_or_control_characters(api: Api, filename: str, shown: str) -> None:
    answer = await api.upload(wav(), filename=filename)
    assert answer.status_code == 201
    asset = answer.json()["asset"]
    assert asset["name"] == shown
    played = await api.client.get(f"/api/audio/assets/{asset['id']}/stream", follow_redirects=True)
    assert played.content == wav()


async def test_assets_are_listed_newest_first_a_page_at_a_time(api: Api) -> None:
    made = [(await api.new_asset(prepare="false"))[0] for _ in range(5)]
    seen, cursor = [], None
    while True:
        query = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = (await api.client.get("/api/audio/assets", params=query)).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == made[::-1]


NO_ZONE = base64.urlsafe_b64encode(b'{"created": "2026-11-22T12:00:00", "id": "x"}').decode()


@pytest.mark.parametrize("cursor", ["x", "e30=", "%00", "bnVsbA==", "WzEsMl0=", NO_ZONE])
async def test_a_cursor_that_no_page_gave_is_400(api: Api, cursor: str) -> None:
    for path in ("/api/audio/assets", "/api/jobs"):
        answer = await api.client.get(path, params={"cursor": cursor})
        assert answer.status_code == 400
        assert answer.json()["field"] == "cursor"


@pytest.mark.parametrize("limit", ["0", "-1", "201", "x", str(2**70)])
async def test_a_limit_out_of_bounds_is_400(api: Api, limit: str) -> None:
    answer = await api.client.get("/api/audio/assets", params={"limit": limit})
    assert answer.status_code == 400
    assert answer.json()["field"] == "limit"


async def test_what_was_expected_is_said_in_words_that_people_use(api: Api) -> None:
    asked = await api.client.get("/api/audio/assets?limit=many")
    assert asked.json()["error"] == "limit: expected a whole number"
    switched = await api.client.post("/api/audio/assets?prepare=maybe", content=wav())
    assert switched.json()["error"] == "prepare: expected true or false"
    ordered = await api.client.post("/api/jobs", json={"params": [1]})
    assert ordered.json()["error"] == "params: expected an object"
    reported = await api.report(jobId=1, status="failed")
    assert reported.json()["error"] == "jobId: expected text"
    reported = await api.report(jobId=NOBODY, status="done")
    assert reported.json()["error"] == "status: must be processing, complete, failed or released"


async def test_an_asset_is_read_with_its_renditions(api: Api) -> None:
    asset, _ = await api.new_asset(filename="a.wav")
    found = (await api.client.get(f"/api/audio/assets/{asset}")).json()
    assert found["name"] == "a.wav"
    assert found["renditions"]["original"]["duration"] == 1.0


async def test_an_unknown_asset_is_404(api: Api) -> None:
    for call in (api.client.get, api.client.delete):
        answer = await call("/api/audio/assets/nobodys")
        assert answer.status_code == 404
        assert answer.json() == {"error": "Asset not found"}


async def test_a_deleted_asset_is_gone_with_its_bytes_and_its_live_jobs(api: Api) -> None:
    asset, job = await api.new_asset()
    link = (await api.client.get(f"/api/audio/assets/{asset}/stream")).headers["location"]
    assert (await api.client.delete(f"/api/audio/assets/{asset}")).status_code == 204
    assert (await api.client.get(f"/api/audio/assets/{asset}")).status_code == 404
    assert (await api.client.get(f"/api/audio/assets/{asset}/stream")).status_code == 404
    assert (await api.client.get(link)).status_code == 404
    assert (await api.client.delete(f"/api/audio/assets/{asset}")).status_code == 404
    assert (await api.job(str(job)))["status"] == "cancelled"
    assert await api.kept() == []


async def test_another_job_can_be_ordered_for_an_asset(api: Api) -> None:
    asset, _ = await api.new_asset(prepare="false")
    answer = await api.client.post(f"/api/audio/assets/{asset}/jobs", json={"recipe": {"targetLufs": -14, "format": "flac"}})
    assert answer.status_code == 201
    assert answer.json()["recipe"] == {
        "targetLufs": -14, "truePeakDbtp": -1, "trim": True, "format": "flac", "bitrateKbps": 192
    }  # fmt: skip
    rendered = await api.client.post(f"/api/audio/assets/{asset}/jobs", json={"kind": "render", "params": {"voice": "calm"}})
    assert (rendered.json()["kind"], rendered.json()["params"]) == ("render", {"voice": "calm"})


async def test_no_body_orders_the_default_job(api: Api) -> None:
    asset, _ = await api.new_asset(prepare="false")
    answer = await api.client.post(f"/api/audio/assets/{asset}/jobs")
    assert (answer.status_code, answer.json()["kind"]) == (201, "prepare")


@pytest.mark.parametrize(
    ("order", "field"),
    [
        ({"kind": "zork"}, "kind"),
        ({"targetLufs": -14}, "targetLufs"),
        ({"recipe": {"targetLufs": -100}}, "recipe.targetLufs"),
        ({"recipe": {"truePeakDbtp": 3}}, "recipe.truePeakDbtp"),
        ({"recipe": {"format": "exe"}}, "recipe.format"),
        ({"recipe": {"bitrateKbps": 10**6}}, "recipe.bitrateKbps"),
        ({"recipe": {"trim": "yes"}}, "recipe.trim"),
        ({"recipe": {"zork": 1}}, "recipe.zork"),
        ({"params": []}, "params"),
        ({"params": {}}, "params"),
        ({"kind": "prepare", "recipe": {}, "params": {"voice": "calm"}}, "params"),
        ({"kind": "render", "recipe": {}}, "recipe"),
        ({"kind": "render", "recipe": {}, "params": {}}, "recipe"),
    ],
)
async def test_an_order_that_makes_no_sense_is_400_and_names_the_field(api: Api, order: object, field: str) -> None:
    asset, _ = await api.new_asset(prepare="false")
    answer = await api.client.post(f"/api/audio/assets/{asset}/jobs", json=order)
    assert answer.status_code == 400
    assert answer.json()["field"] == field
    assert (await api.client.get("/api/jobs")).json()["items"] == []


async def test_a_job_for_an_unknown_asset_is_404(api: Api) -> None:
    assert (await api.client.post("/api/audio/assets/nobodys/jobs", json={})).status_code == 404
