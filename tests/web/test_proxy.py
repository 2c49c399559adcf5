"""The stream as bytes through the server (`GREENROOM_DELIVERY=proxy`), from files, from a storage and from a bucket."""

from collections.abc import AsyncGenerator, Callable
from typing import Any, cast

import httpx
import msgspec
import pytest

from ports.errors import Unavailable
from ports.storage import Storage
from tests.services.running import Served
from tests.web.calls import Api, start_attempt, wav
from tests.web.conftest import Serve
from tests.web.places import environment_of

pytestmark = pytest.mark.anyio

CONTENT = wav()
SIZE = len(CONTENT)


@pytest.fixture(params=["files", "storage", "bucket"])
async def api(request: pytest.FixtureRequest, serve: Serve, service: Callable[[str], Served]) -> Api:
    if request.param != "bucket":
        request.getfixturevalue("on_a_folder")
    place = environment_of("sqlite+s3", service) if request.param == "bucket" else {}
    api = await serve(GREENROOM_DELIVERY="proxy", **place)
    if request.param == "storage":
        change(api, local=None)
    return api


def change(api: Api, **parts: object) -> None:
    """Put other parts into the running application."""
    state = cast(Any, api.client)._transport.app.state
    state.parts = msgspec.structs.replace(state.parts, **parts)


async def new_stream(api: Api, **query: str) -> str:
    asset, _ = await api.new_asset(filename="Café 音.wav", **query)
    return f"/api/audio/assets/{asset}/stream"


async def ask(api: Api, url: str, **headers: str) -> httpx.Response:
    return await api.client.get(url, headers={name.replace("_", "-"): value for name, value in headers.items()})


async def test_a_stream_is_the_bytes_themselves(api: Api) -> None:
    answer = await ask(api, await new_stream(api))
    assert (answer.status_code, answer.content) == (200, CONTENT)
    headers = answer.headers
    assert (headers["content-type"], headers["content-length"], headers["accept-ranges"]) == ("audio/wav", str(SIZE), "bytes")
    assert headers["content-disposition"].startswith('inline; filename="Caf_ _.wav"')
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"] == "default-src 'none'; sandbox"


async def test_a_copy_may_be_kept_and_is_asked_about(api: Api) -> None:
    url = await new_stream(api)
    first = await ask(api, url)
    assert first.headers["cache-control"] == "no-cache"
    again = await ask(api, url, If_None_Match=first.headers["etag"])
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert "content-type" not in again.headers


async def test_the_etag_is_the_assets(api: Api) -> None:
    asset, _ = await api.new_asset()
    shown = (await api.client.get(f"/api/audio/assets/{asset}")).json()["renditions"]["original"]["etag"]
    assert (await ask(api, f"/api/audio/assets/{asset}/stream")).headers["etag"] == shown


async def test_a_range_is_206_with_those_bytes(api: Api) -> None:
    url = await new_stream(api)
    for asked, first, last in (
        ("100-199", 100, 199),
        ("100-", 100, SIZE - 1),
        ("-7", SIZE - 7, SIZE - 1),
        ("0-999999", 0, SIZE - 1),
    ):
        answer = await ask(api, url, Range=f"bytes={asked}")
        assert (answer.status_code, answer.content) == (206, CONTENT[first : last + 1])
        assert answer.headers["content-range"] == f"bytes {first}-{last}/{SIZE}"
        assert answer.headers["content-length"] == str(last + 1 - first)


async def test_several_ranges_are_the_whole_and_none_that_is_there_is_416(api: Api) -> None:
    url = await new_stream(api)
    assert (await ask(api, url, Range="bytes=0-1,5-6")).status_code == 200
    answer = await ask(api, url, Range=f"bytes={SIZE}-")
    assert (answer.status_code, answer.headers["content-range"]) == (416, f"bytes */{SIZE}")
    assert answer.headers["cache-control"] == "no-store"
    assert str(SIZE) in answer.json()["error"]


async def test_conditions_are_kept(api: Api) -> None:
    url = await new_stream(api)
    etag = (await ask(api, url)).headers["etag"]
    assert (await ask(api, url, If_Match='"other"')).status_code == 412
    assert (await ask(api, url, If_Match=etag)).status_code == 200
    assert (await ask(api, url, Range="bytes=0-9", If_Range=etag)).status_code == 206
    whole = await ask(api, url, Range="bytes=0-9", If_Range='"other"')
    assert (whole.status_code, whole.content) == (200, CONTENT)


async def test_head_says_what_a_variant_is(api: Api) -> None:
    url = await new_stream(api)
    answer, played = await api.client.head(url), await ask(api, url)
    assert (answer.status_code, answer.content) == (200, b"")
    for name in ("content-type", "content-length", "etag", "accept-ranges", "last-modified", "content-disposition"):
        assert answer.headers[name] == played.headers[name]
    assert answer.headers["cache-control"] == "no-store"
    assert (await api.client.head(url, headers={"Range": "bytes=0-1"})).status_code == 200
    assert (await api.client.head("/api/audio/assets/nobodys/stream")).status_code == 404


async def test_both_variants_play_and_a_download_is_an_attachment(api: Api) -> None:
    asset, job = await api.new_asset(filename="talk.wav")
    await api.lay(asset, "prepared.wav", wav(2))
    assert (await api.report(jobId=job, status="complete")).status_code == 200
    for variant, content in (("original", CONTENT), ("prepared", wav(2))):
        answer = await ask(api, f"/api/audio/assets/{asset}/stream?variant={variant}&download=1")
        assert (answer.status_code, answer.content) == (200, content)
        assert answer.headers["content-disposition"].startswith('attachment; filename="talk.wav"')


async def test_a_variant_made_anew_is_played_at_once_by_the_same_url(api: Api) -> None:
    asset, job = await api.new_asset(filename="talk.wav")
    await api.lay(asset, "prepared.wav", wav(2))
    await api.report(jobId=job, status="complete")
    url = f"/api/audio/assets/{asset}/stream?variant=prepared"
    known = (await ask(api, url)).headers["etag"]
    await api.client.post(f"/api/audio/assets/{asset}/jobs", json={"kind": "prepare", "recipe": {"format": "wav"}})
    ticket = await start_attempt(api.parts)
    await api.lay(asset, f"prepared-{ticket.job_id}-{ticket.attempt}.wav", wav(3))
    await api.report(bearer=ticket.callback.token, jobId=str(ticket.job_id), status="complete")
    answer = await ask(api, url, If_None_Match=known, Range="bytes=0-9", If_Range=known)
    assert (answer.status_code, answer.content) == (200, wav(3))


async def test_what_is_not_there_is_404(api: Api) -> None:
    for url in ("/api/audio/assets/nobodys/stream", (await new_stream(api)) + "?variant=prepared"):
        answer = await ask(api, url)
        assert (answer.status_code, answer.headers["cache-control"]) == (404, "no-store")
        assert answer.json()["error"].startswith("Audio file not found for this asset")


async def test_an_object_that_has_vanished_is_404(api: Api) -> None:
    url = await new_stream(api)
    async for stored in api.parts.storage.list("audio/"):
        await api.parts.storage.remove(stored.key)
    for answer in (await ask(api, url), await api.client.head(url)):
        assert (answer.status_code, answer.headers["cache-control"]) == (404, "no-store")
    assert (await ask(api, url)).json() == {
        "error": "Audio file not found for this asset (variant: original)", "variant": "original"
    }  # fmt: skip


async def test_playback_gives_the_stream_itself_for_good(serve: Serve) -> None:
    api = await serve(GREENROOM_DELIVERY="proxy", GREENROOM_PUBLIC_URL="https://audio.example.com/")
    url = await new_stream(api)
    for query, own in (("", "?variant=original"), ("?download=1", "?variant=original&download=1")):
        found = (await api.client.get(url.replace("/stream", "/playback") + query)).json()
        assert (found["url"], found["expiresAt"]) == (f"https://audio.example.com{url}{own}", None)
        assert (await ask(api, found["url"])).content == CONTENT


async def test_a_page_of_ours_may_read_it_in_parts(serve: Serve) -> None:
    page = "https://app.example.com"
    api = await serve(GREENROOM_DELIVERY="proxy", GREENROOM_CORS_ORIGINS=page)
    url = await new_stream(api)
    asked = {"Origin": page, "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "range, if-range"}
    preflight = await api.client.options(url, headers=asked)
    assert preflight.status_code == 204
    assert {"Range", "If-Range", "If-None-Match"} <= set(preflight.headers["access-control-allow-headers"].split(", "))
    part = await ask(api, url, Origin=page, Range="bytes=0-1")
    assert (part.status_code, part.headers["access-control-allow-origin"]) == (206, page)
    exposed = set(part.headers["access-control-expose-headers"].split(", "))
    assert {"Content-Range", "Accept-Ranges", "ETag", "Content-Length", "Content-Disposition"} <= exposed


async def test_the_document_says_what_the_stream_answers(serve: Serve) -> None:
    api = await serve(GREENROOM_DELIVERY="proxy")
    document = (await api.client.get("/schema/openapi.json")).json()
    stream = document["paths"]["/api/audio/assets/{id}/stream"]
    assert (stream["get"]["operationId"], stream["head"]["operationId"]) == ("streamAsset", "streamAssetHead")
    assert {"200", "206", "304", "404", "412", "416"} <= set(stream["get"]["responses"])
    assert "302" not in stream["get"]["responses"]


class Reaching:
    """A storage in which objects can be looked at, and whose bytes are out of reach."""

    def __init__(self, storage: Storage) -> None:
        self.stat = storage.stat

    async def read(self, key: str, start: int = 0, length: int | None = None) -> AsyncGenerator[bytes]:
        raise Unavailable("storage")
        yield key.encode()[start:length]


async def test_a_storage_out_of_reach_is_503_even_when_only_the_bytes_are(serve: Serve) -> None:
    api = await serve(GREENROOM_DELIVERY="proxy")
    url = await new_stream(api)
    change(api, local=None, storage=Reaching(api.parts.storage))
    answer = await ask(api, url)
    assert (answer.status_code, answer.headers["cache-control"]) == (503, "no-store")
    assert int(answer.headers["retry-after"]) > 0
    assert (await api.client.head(url)).status_code == 200
