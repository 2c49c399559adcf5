"""A listener's calls: stream, HEAD, playback and peaks (design 4.2)."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.web.calls import Api, start_attempt, wav
from tests.web.conftest import Serve

pytestmark = pytest.mark.anyio


async def prepared_asset(api: Api) -> str:
    """Return an asset whose prepared audio was laid by hand."""
    asset, job = await api.new_asset(filename="Café “live” 音.wav")
    await api.lay(asset, "prepared.wav", wav(2))
    assert (await api.report(jobId=job, status="complete", result={"after": {"duration": 2.0}})).status_code == 200
    return asset


async def test_a_stream_is_302_to_a_signed_link_for_an_hour(api: Api) -> None:
    asset, _ = await api.new_asset()
    answer = await api.client.get(f"/api/audio/assets/{asset}/stream")
    assert answer.status_code == 302
    assert answer.headers["cache-control"] == "public, max-age=3600"
    assert f"/audio/assets/{asset}/original-" in urlsplit(answer.headers["location"]).path
    assert answer.content == b""


@pytest.mark.usefixtures("on_a_folder")
async def test_the_way_to_a_local_link_is_relative_and_its_url_as_json_is_not(serve: Serve) -> None:
    api = await serve(GREENROOM_PUBLIC_URL="https://audio.example.com/")
    asset, _ = await api.new_asset()
    location = (await api.client.get(f"/api/audio/assets/{asset}/stream")).headers["location"]
    assert location.startswith(f"/api/storage/audio/assets/{asset}/original-")
    found = (await api.client.get(f"/api/audio/assets/{asset}/playback")).json()
    assert found["url"] == f"https://audio.example.com{location}"


@pytest.mark.parametrize(("variant", "content"), [("", wav()), ("?variant=original", wav()), ("?variant=prepared", wav(2))])
async def test_both_variants_play_through_one_url(api: Api, variant: str, content: bytes) -> None:
    asset = await prepared_asset(api)
    answer = await api.client.get(f"/api/audio/assets/{asset}/stream{variant}", follow_redirects=True)
    assert (answer.status_code, answer.content) == (200, content)
    assert answer.headers["content-type"] == "audio/wav"
    assert answer.headers["accept-ranges"] == "bytes"


async def test_a_player_seeks_in_what_it_was_sent_to(api: Api) -> None:
    asset, _ = await api.new_asset()
    link = (await api.client.get(f"/api/audio/assets/{asset}/stream")).headers["location"]
    answer = await api.client.get(link, headers={"Range": "bytes=100-199"})
    assert (answer.status_code, answer.content) == (206, wav()[100:200])


async def test_a_link_outlives_the_cached_redirect_and_the_listening(api: Api) -> None:
    asset, _ = await api.new_asset()
    link = (await api.client.get(f"/api/audio/assets/{asset}/stream")).headers["location"]
    assert timedelta(hours=7, minutes=59) < end_of(link) - datetime.now(UTC) <= timedelta(hours=8)


def end_of(link: str) -> datetime:
    """Return until when a link is good, be it one of ours or of a bucket (AWS Signature Version 4)."""
    said = {name.lower(): value for name, [value] in parse_qs(urlsplit(link).query).items()}
    if "expires" in said:
        return datetime.fromtimestamp(int(said["expires"]), UTC)
    signed = datetime.strptime(said["x-amz-date"], "%Y%m%dT%H%M%S%z")
    return signed + timedelta(seconds=int(said["x-amz-expires"]))


async def test_the_same_rendition_has_the_same_link_for_a_while(api: Api) -> None:
    asset, _ = await api.new_asset()
    links = {(await api.client.get(f"/api/audio/assets/{asset}/stream")).headers["location"] for _ in range(3)}
    assert len(links) == 1


async def test_the_uploads_name_is_the_name_to_save_under(api: Api) -> None:
    asset = await prepared_asset(api)
    answer = await api.client.get(f"/api/audio/assets/{asset}/stream?variant=prepared", follow_redirects=True)
    assert answer.headers["content-disposition"].startswith('inline; filename="Caf_ _live_ _.wav"; filename*=UTF-8')


async def test_what_is_not_there_is_404_and_says_which_variant(api: Api) -> None:
    answer = await api.client.get("/api/audio/assets/nobodys/stream?variant=prepared")
    assert answer.status_code == 404
    assert answer.json() == {"error": "Audio file not found for this asset (variant: prepared)", "variant": "prepared"}
    assert answer.headers["cache-control"] == "no-store"


async def test_what_is_being_made_is_404_with_the_job_that_makes_it(api: Api) -> None:
    asset, job = await api.new_asset()
    await api.report(jobId=job, status="processing", progress=0.5)
    answer = await api.client.get(f"/api/audio/assets/{asset}/stream?variant=prepared")
    assert answer.status_code == 404
    assert answer.json()["job"] == {"id": job, "status": "processing", "progress": 0.5}
    assert int(answer.headers["retry-after"]) > 0


async def test_after_the_job_has_failed_the_404_has_no_job(api: Api) -> None:
    asset, job = await api.new_asset()
    await api.report(jobId=job, status="failed")
    answer = await api.client.get(f"/api/audio/assets/{asset}/stream?variant=prepared")
    assert "job" not in answer.json()
    assert "retry-after" not in answer.headers


@pytest.mark.parametrize("call", ["stream", "playback", "peaks"])
@pytest.mark.parametrize(
    "query", ["variant=", "variant=zork", "variant=Prepared", "variant=prepared%20", "variant=original&variant=prepared"]
)
async def test_an_unknown_doubled_or_empty_variant_is_400(api: Api, call: str, query: str) -> None:
    asset, _ = await api.new_asset()
    answer = await api.client.get(f"/api/audio/assets/{asset}/{call}?{query}")
    assert answer.status_code == 400
    assert "original or prepared" in answer.json()["error"]


@pytest.mark.parametrize("asset", ["a%20b", "%00", "a.b", "x" * 65, "%E9", "..%2F..", "ü", "a'b"])
@pytest.mark.parametrize("call", ["stream", "playback", "peaks"])
async def test_a_malformed_id_is_400(api: Api, asset: str, call: str) -> None:
    answer = await api.client.get(f"/api/audio/assets/{asset}/{call}")
    assert answer.status_code == 400 or "%2F" in asset
    assert answer.status_code in {400, 404}
    assert answer.json()["error"]


async def test_head_says_what_a_variant_is_without_a_redirect(api: Api) -> None:
    asset = await prepared_asset(api)
    answer = await api.client.head(f"/api/audio/assets/{asset}/stream?variant=prepared")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "audio/wav"
    assert answer.headers["content-length"] == str(len(wav(2)))
    assert answer.headers["cache-control"] == "no-store"
    followed = await api.client.get(f"/api/audio/assets/{asset}/stream?variant=prepared", follow_redirects=True)
    assert answer.headers["etag"] == followed.headers["etag"]


async def test_head_of_what_is_not_there_is_404(api: Api) -> None:
    assert (await api.client.head("/api/audio/assets/nobodys/stream")).status_code == 404


async def test_playback_says_the_same_as_json(api: Api) -> None:
    asset = await prepared_asset(api)
    answer = await api.client.get(f"/api/audio/assets/{asset}/playback?variant=prepared")
    found = answer.json()
    assert answer.headers["cache-control"] == "no-store"
    assert (await api.client.get(found["url"])).content == wav(2)
    assert datetime.fromisoformat(found["expiresAt"]) > datetime.now(UTC) + timedelta(hours=7)
    stated = {key: found[key] for key in ("contentType", "size", "duration", "variant")}
    assert stated == {"contentType": "audio/wav", "size": len(wav(2)), "duration": 2.0, "variant": "prepared"}


async def test_playback_is_202_with_the_job_while_it_is_being_made(api: Api) -> None:
    asset, job = await api.new_asset()
    answer = await api.client.get(f"/api/audio/assets/{asset}/playback?variant=prepared")
    assert answer.status_code == 202
    assert answer.json()["job"]["id"] == job
    await api.report(jobId=job, status="failed")
    assert (await api.client.get(f"/api/audio/assets/{asset}/playback?variant=prepared")).status_code == 404


async def test_peaks_are_404_where_there_are_none(api: Api) -> None:
    asset, _ = await api.new_asset()
    answer = await api.client.get(f"/api/audio/assets/{asset}/peaks")
    assert answer.status_code == 404
    assert answer.headers["cache-control"] == "no-store"


async def test_peaks_are_sent_as_they_were_stored(api: Api) -> None:
    asset, _ = await api.new_asset(filename="a.wav")
    ticket = await start_attempt(api.parts)
    written = b'{"version":2,"channels":1,"sample_rate":8000,"samples_per_pixel":64,"bits":16,"length":1,"data":[-1,1]}'
    for output, content in (("preparedPeaks", written), ("originalPeaks", written), ("prepared", mp3())):
        target = ticket.outputs[output]
        assert (await api.client.put(target.url, headers=target.headers, content=content)).status_code == 200
    report = await api.report(bearer=ticket.callback.token, jobId=str(ticket.job_id), status="complete")
    assert report.json() == {"success": True}
    for variant in ("original", "prepared"):
        answer = await api.client.get(f"/api/audio/assets/{asset}/peaks?variant={variant}")
        assert (answer.status_code, answer.content) == (200, written)
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["x-content-type-options"] == "nosniff"


async def test_peaks_that_are_known_are_not_sent_again(api: Api) -> None:
    asset, job = await api.new_asset(filename="a.wav")
    await api.lay(asset, "prepared.wav", wav(2))
    await api.lay(asset, "prepared.peaks.json", b'{"version":2}')
    await api.report(jobId=job, status="complete")
    url = f"/api/audio/assets/{asset}/peaks?variant=prepared"
    etag = (await api.client.get(url)).headers["etag"]
    for known in (etag, f'"other", W/{etag}', "*"):
        again = await api.client.get(url, headers={"If-None-Match": known})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == etag
        assert again.headers["cache-control"] == "public, max-age=3600"
        assert "content-type" not in again.headers
    for unknown in ({"If-None-Match": '"other"'}, {"Range": "bytes=0-1"}):
        answer = await api.client.get(url, headers=unknown)
        assert (answer.status_code, answer.content) == (200, b'{"version":2}')


@pytest.mark.parametrize(
    ("query", "kind"), [("download=1", "attachment"), ("download=true", "attachment"), ("download=0", "inline")]
)
async def test_a_download_is_saved_under_the_name_of_the_upload(api: Api, query: str, kind: str) -> None:
    asset = await prepared_asset(api)
    said = f"{kind}; filename=\"Caf_ _live_ _.wav\"; filename*=UTF-8''Caf%C3%A9%20%E2%80%9Clive%E2%80%9D%20%E9%9F%B3.wav"
    for variant in ("original", "prepared"):
        stream = f"/api/audio/assets/{asset}/stream?variant={variant}&{query}"
        assert (await api.client.get(stream, follow_redirects=True)).headers["content-disposition"] == said
        assert (await api.client.head(stream)).status_code == 200
        playback = await api.client.get(f"/api/audio/assets/{asset}/playback?variant={variant}&{query}")
        assert (await api.client.get(playback.json()["url"])).headers["content-disposition"] == said


@pytest.mark.parametrize("query", ["download=yes", "download=", "download", "download=1&download=1", "download=True"])
async def test_download_is_said_clearly_or_refused(api: Api, query: str) -> None:
    asset, _ = await api.new_asset()
    for call in ("stream", "playback"):
        answer = await api.client.get(f"/api/audio/assets/{asset}/{call}?{query}")
        assert (answer.status_code, answer.json()) == (
            400, {"error": "download: must be 1, true, 0 or false, once", "field": "download"}
        )  # fmt: skip


async def test_listening_needs_no_key(serve: Serve) -> None:
    api = await serve(peer="203.0.113.9", GREENROOM_API_KEYS="k1")
    upload = await api.client.post("/api/audio/assets", content=wav(), headers={"Authorization": "Bearer k1"})
    asset = upload.json()["asset"]["id"]
    answers = [await api.client.get(f"/api/audio/assets/{asset}/{call}") for call in ("stream", "playback", "peaks")]
    assert [answer.status_code for answer in answers] == [302, 200, 404]
    stream: httpx.Response = answers[0]
    assert (await api.client.get(stream.headers["location"])).status_code == 200


def mp3() -> bytes:
    """Return silent MPEG frames: layer III, 128 kbit/s, 44.1 kHz."""
    return (b"\xff\xfb\x90\x00" + bytes(413)) * 40
