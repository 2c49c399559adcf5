"""Who may call what: API keys, and without them this machine alone."""

from pathlib import Path

import pytest

from entrypoints.settings import load_settings
from entrypoints.web.app import create_app
from tests.web.calls import NOBODY, WEBHOOK
from tests.web.conftest import Serve
from tests.web.real_server import Connection, served

pytestmark = pytest.mark.anyio

KEYED = [
    ("GET", "/api/audio/assets"),
    ("POST", "/api/audio/assets"),
    ("GET", "/api/audio/assets/a"),
    ("PATCH", "/api/audio/assets/a"),
    ("DELETE", "/api/audio/assets/a"),
    ("POST", "/api/audio/assets/a/jobs"),
    ("GET", "/api/jobs"),
    ("POST", "/api/jobs"),
    ("GET", f"/api/jobs/{NOBODY}"),
    ("POST", f"/api/jobs/{NOBODY}/cancel"),
    ("POST", f"/api/jobs/{NOBODY}/retry"),
    ("GET", "/schema"),
    ("GET", "/schema/openapi.json"),
    ("GET", "/schema/nowhere"),
]
OPEN = ["/api/audio/assets/a/stream", "/api/audio/assets/a/playback", "/healthz", "/readyz"]


@pytest.mark.parametrize(("method", "path"), KEYED)
async def test_with_keys_set_every_other_call_needs_one(serve: Serve, method: str, path: str) -> None:
    api = await serve(GREENROOM_API_KEYS="first-key, second-kéy")
    for headers in ([], [(b"Authorization", b"Bearer wrong")], [(b"Authorization", b"Bearer first-key")] * 2):
        refused = await api.client.request(method, path, headers=headers)
        assert (refused.status_code, refused.json()) == (401, {"error": "Unauthorized"})
    for key in ("first-key", "second-kéy"):
        allowed = await api.client.request(method, path, headers=[(b"Authorization", b"bearer " + key.encode())])
        assert allowed.status_code not in {401, 403}


@pytest.mark.parametrize("path", OPEN)
async def test_what_is_open_needs_no_key(serve: Serve, path: str) -> None:
    api = await serve(peer="203.0.113.9", GREENROOM_API_KEYS="k")
    assert (await api.client.get(path, headers={"Host": "audio.example.com"})).status_code in {200, 404}


async def test_a_webhook_secret_is_no_api_key(serve: Serve) -> None:
    api = await serve(GREENROOM_API_KEYS="k")
    assert (
        await api.client.get("/api/jobs", headers={"Authorization": "Bearer correct horse battery staple"})
    ).status_code == 401
    assert (await api.report(bearer="k", jobId=NOBODY, status="complete")).status_code == 401


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])
@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "localhost:1", "[::1]:8000", "demo.localhost"])
async def test_without_keys_this_machine_may_call(serve: Serve, peer: str, host: str) -> None:
    api = await serve(peer=peer)
    assert (await api.client.get("/api/jobs", headers={"Host": host})).status_code == 200


@pytest.mark.parametrize("peer", ["192.168.1.5", "203.0.113.9", "2001:db8::1", "testclient", ""])
async def test_without_keys_other_machines_may_not(serve: Serve, peer: str) -> None:
    api = await serve(peer=peer)
    answer = await api.client.get("/api/jobs", headers={"Host": "127.0.0.1:8000"})
    assert answer.status_code == 403
    assert "GREENROOM_API_KEYS" in answer.json()["error"]


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "192.168.1.5:8000",
        "",
        "[",
        "user@evil.example",
    ],
)
async def test_without_keys_a_name_that_was_rebound_to_this_machine_may_not(serve: Serve, host: str) -> None:
    api = await serve()
    assert (await api.client.get("/api/jobs", headers={"Host": host})).status_code == 403


async def test_without_keys_pages_of_other_sites_may_not_write(serve: Serve) -> None:
    api = await serve()
    foreign = {"Origin": "http://evil.example"}
    for origin in ("http://evil.example", "null", "http://127.0.0.1:9999", ""):
        answer = await api.client.post("/api/jobs", json={"params": {}}, headers={"Origin": origin})
        assert answer.status_code == 403, origin
    assert (await api.client.get("/api/jobs", headers=foreign)).status_code == 200
    own = await api.client.post("/api/jobs", json={"params": {}}, headers={"Origin": "http://127.0.0.1:8000"})
    assert own.status_code == 201


async def test_without_keys_two_hosts_are_none(serve: Serve) -> None:
    api = await serve()
    for other in ("127.0.0.1:8000", "evil.example", "a.localhost"):
        headers = [("Host", "127.0.0.1:8000"), ("Host", other)]
        assert (await api.client.get("/api/jobs", headers=headers)).status_code == 403


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-Forwarded-For", "127.0.0.1"),
        ("X-Forwarded-For", ""),
        ("X-Forwarded-Host", "localhost"),
        ("X-Forwarded-Proto", "http"),
        ("X-Real-IP", "127.0.0.1"),
        ("Forwarded", "for=127.0.0.1"),
        ("Via", "1.1 proxy"),
    ],
)
async def test_without_keys_what_comes_through_an_unknown_proxy_may_not(serve: Serve, name: str, value: str) -> None:
    api = await serve()
    assert (await api.client.get("/api/jobs", headers={name: value})).status_code == 403


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"X-Forwarded-For": "127.0.0.1"}, 200),
        ({"X-Forwarded-For": "::1", "X-Real-IP": "::1"}, 200),
        ({"X-Forwarded-For": "203.0.113.9"}, 403),
        ({"X-Forwarded-For": "127.0.0.1, 203.0.113.9"}, 403),
        ({"X-Forwarded-For": "203.0.113.9, 127.0.0.1"}, 403),
        ({"X-Forwarded-For": "203.0.113.9, what"}, 403),
        ({"X-Real-IP": "127.0.0.1"}, 403),
        ({"Forwarded": "for=127.0.0.1"}, 403),
        ({}, 200),
    ],
)
async def test_without_keys_what_comes_through_a_known_proxy_may_if_it_comes_from_this_machine(
    serve: Serve, headers: dict[str, str], status: int
) -> None:
    api = await serve(GREENROOM_TRUSTED_PROXIES="127.0.0.1")
    assert (await api.client.get("/api/jobs", headers=headers)).status_code == status


async def test_without_keys_a_known_proxy_elsewhere_may_not_say_that_it_is_here(serve: Serve) -> None:
    api = await serve(peer="10.0.0.1", GREENROOM_TRUSTED_PROXIES="10.0.0.1")
    assert (await api.client.get("/api/jobs", headers={"X-Forwarded-For": "127.0.0.1"})).status_code == 403


@pytest.mark.parametrize(("version", "status"), [("1.0", b"403"), ("1.1", b"500")])
def test_without_keys_http_1_0_is_taken_for_a_proxy_that_says_nothing_of_itself(
    tmp_path: Path, version: str, status: bytes
) -> None:
    app = create_app(load_settings({"GREENROOM_DATA_DIR": str(tmp_path)}, tmp_path / "no.env"))
    with served(app) as port, Connection(port) as connection:
        connection.send(f"GET /api/jobs HTTP/{version}\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
        assert connection.rest().split()[1] == status  # 500: let in, where nothing was started


async def test_workers_elsewhere_may_report_without_a_key(serve: Serve) -> None:
    api = await serve(peer="203.0.113.9")
    answer = await api.client.post(WEBHOOK, headers={"Host": "audio.example.com"})
    assert answer.status_code == 401
    assert (await api.report(jobId=NOBODY, status="complete")).status_code == 404
