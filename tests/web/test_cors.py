"""Pages of other sites: which may call, and what their browsers are told (the Fetch standard)."""

from pathlib import Path

import httpx
import pytest

from entrypoints.settings import InvalidSettings, load_settings
from tests.web.calls import Api, wav
from tests.web.conftest import Serve

pytestmark = pytest.mark.anyio

APP = "https://app.example.com"
OTHER = "https://other.example.com"
KEY = "a key of this test"


@pytest.fixture
async def keyed(serve: Serve) -> Api:
    return await serve(GREENROOM_CORS_ORIGINS=f"{APP}, http://localhost:3000", GREENROOM_API_KEYS=KEY)


async def call(api: Api, method: str, path: str, origin: str | None = APP, **headers: str) -> httpx.Response:
    sent = {name.replace("_", "-"): value for name, value in headers.items()} | ({"Origin": origin} if origin else {})
    return await api.client.request(method, path, headers=sent)


def readers(answer: httpx.Response) -> str | None:
    found: str | None = answer.headers.get("access-control-allow-origin")
    return found


async def new_stream(api: Api) -> str:
    made = await api.client.post("/api/audio/assets", content=wav(), headers={"Authorization": f"Bearer {KEY}"})
    return f"/api/audio/assets/{made.json()['asset']['id']}/stream"


async def stream_link(api: Api) -> str:
    return str((await api.client.get(await new_stream(api))).headers["location"])


@pytest.mark.parametrize("path", ["/api/audio/assets", "/api/storage/k", "/nowhere"])
async def test_a_preflight_from_a_page_of_ours_is_answered_before_there_is_talk_of_keys(keyed: Api, path: str) -> None:
    wanted = "authorization, content-type, idempotency-key, if-none-match, last-event-id, range, traceparent"
    for method in ("GET", "PUT", "PATCH", "DELETE", "POST"):
        asked = {"Access_Control_Request_Method": method, "Access_Control_Request_Headers": wanted}
        answer = await call(keyed, "OPTIONS", path, **asked)
        assert (answer.status_code, answer.content, readers(answer)) == (204, b"", APP)
        assert method in answer.headers["access-control-allow-methods"].split(", ")
        assert set(wanted.split(", ")) <= set(answer.headers["access-control-allow-headers"].lower().split(", "))
        assert int(answer.headers["access-control-max-age"]) > 0
        assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize(
    "origin", [OTHER, "null", "*", f"{APP}.evil.example", f"{APP}:8443", APP.upper(), "http://app.example.com", ""]
)
async def test_a_page_of_no_site_of_ours_is_let_in_nowhere(keyed: Api, origin: str) -> None:
    preflight = await call(keyed, "OPTIONS", "/api/jobs", origin, Access_Control_Request_Method="PUT")
    assert preflight.status_code == 401
    for answer in (preflight, await call(keyed, "GET", "/api/jobs", origin)):
        assert_nothing_said(answer)


@pytest.mark.usefixtures("on_a_folder")
async def test_a_page_of_no_site_of_ours_may_not_read_a_local_link(keyed: Api) -> None:
    assert_nothing_said(await call(keyed, "GET", await stream_link(keyed), OTHER))


def assert_nothing_said(answer: httpx.Response) -> None:
    """Expect an answer that lets no page read it, and says that this depends on the page."""
    assert not [name for name in answer.headers if name.startswith("access-control")]
    assert "Origin" in answer.headers["vary"]


async def test_a_page_of_ours_may_read_answers_and_errors(keyed: Api) -> None:
    for path, status in (
        ("/api/jobs", 401),
        ("/nowhere", 404),
        ("/api/audio/assets/a/stream", 404),
        ("/healthz", 200),
    ):
        answer = await call(keyed, "GET", path)
        assert (answer.status_code, readers(answer), answer.headers["vary"]) == (status, APP, "Origin")
    answer = await call(keyed, "GET", "/api/jobs", Authorization=f"Bearer {KEY}")
    assert (answer.status_code, readers(answer)) == (200, APP)
    exposed = set(answer.headers["access-control-expose-headers"].split(", "))
    assert exposed >= {
        "ETag", "Content-Range", "Accept-Ranges", "Content-Length", "Content-Disposition", "Retry-After", "Location",
        "X-Request-ID",
    }  # fmt: skip


@pytest.mark.usefixtures("on_a_folder")
async def test_a_page_of_ours_may_read_a_local_link_whole_in_part_or_not_at_all(keyed: Api) -> None:
    assert readers(await call(keyed, "GET", "/api/storage/k")) == APP
    link = await stream_link(keyed)
    whole = await call(keyed, "GET", link)
    for headers, status in (
        ({"Range": "bytes=0-9"}, 206),
        ({"If_None_Match": whole.headers["etag"]}, 304),
        ({"Range": "bytes=999999-"}, 416),
        ({"If_Match": '"x"'}, 412),
    ):
        answer = await call(keyed, "GET", link, **headers)
        assert (answer.status_code, readers(answer)) == (status, APP)
    assert (whole.status_code, readers(whole)) == (200, APP)
    assert readers(await call(keyed, "HEAD", link)) == APP
    assert readers(await call(keyed, "GET", link, "http://localhost:3000")) == "http://localhost:3000"


async def test_what_is_kept_without_an_origin_is_not_taken_for_what_a_page_may_read(keyed: Api) -> None:
    stream = await new_stream(keyed)
    answer = await call(keyed, "GET", stream, None)
    assert (answer.status_code, answer.headers["vary"], readers(answer)) == (302, "Origin", None)


@pytest.mark.usefixtures("on_a_folder")
async def test_what_is_kept_of_a_local_link_without_an_origin_is_not_taken_for_what_a_page_may_read(keyed: Api) -> None:
    answer = await call(keyed, "GET", await stream_link(keyed), None)
    assert (answer.status_code, answer.headers["vary"], readers(answer)) == (200, "Origin", None)


async def test_without_the_setting_nothing_is_said_of_origins(api: Api) -> None:
    for method in ("GET", "OPTIONS"):
        answer = await call(api, method, "/api/jobs", Access_Control_Request_Method="PUT")
        assert "vary" not in answer.headers
        assert not [name for name in answer.headers if name.startswith("access-control")]


async def test_a_page_of_ours_may_write_where_no_keys_are_set_and_others_may_not(serve: Serve) -> None:
    api = await serve(GREENROOM_CORS_ORIGINS=APP)
    for origin, status in ((APP, 201), (OTHER, 403), ("null", 403)):
        answer = await api.client.post("/api/jobs", json={"params": {}}, headers={"Origin": origin})
        assert answer.status_code == status
    elsewhere = await serve(GREENROOM_CORS_ORIGINS=APP, peer="192.0.2.1")
    assert (await call(elsewhere, "POST", "/api/jobs")).status_code == 403


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://app.example.com", ("https://app.example.com",)),
        ("HTTPS://App.Example.com:443 , http://localhost:80,", ("https://app.example.com", "http://localhost")),
        ("http://[::1]:3000, capacitor://localhost", ("http://[::1]:3000", "capacitor://localhost")),
    ],
)
def test_origins_are_kept_as_browsers_write_them(tmp_path: Path, given: str, kept: tuple[str, ...]) -> None:
    assert load_settings({"GREENROOM_CORS_ORIGINS": given}, tmp_path / ".env").cors_origins == kept


@pytest.mark.parametrize(
    "given",
    [
        "*", "null", "app.example.com", "https://*.example.com", "https://app.example.com/", "https://app.example.com/x", "https://",
        "https://a@b.example.com", "https://app.example.com:0", "https://app.example.com:", "https://äpp.example.com",
        "https://a b",        "https://a.example.com https://b.example.com", "https://app.example.com?x", "https://app.example.com#x",
    ],
)  # fmt: skip
def test_what_is_no_origin_stops_the_start_with_a_sentence(tmp_path: Path, given: str) -> None:
    with pytest.raises(InvalidSettings, match=r"^GREENROOM_CORS_ORIGINS: expected an origin such as https://app\.example\.com"):
        load_settings({"GREENROOM_CORS_ORIGINS": given}, tmp_path / ".env")
