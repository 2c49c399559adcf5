"""Who may call what: API keys, and without them this machine alone."""

import pytest

from tests.web.calls import NOBODY, WEBHOOK
from tests.web.conftest import Serve

pytestmark = pytest.mark.anyio

KEYED = [
    ("GET", "/api/audio/assets"),
    ("POST", "/api/audio/assets"),
    ("GET", "/api/audio/assets/a"),
    ("DELETE", "/api/audio/assets/a"),
    ("POST", "/api/audio/assets/a/jobs"),
    ("GET", "/api/jobs"),
    ("POST", "/api/jobs"),
    ("GET", f"/api/jobs/{NOBODY}"),
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


async def test_without_keys_a_caller_behind_a_proxy_on_this_machine_is_not_this_machine(serve: Serve) -> None:
    api = await serve(GREENROOM_TRUSTED_PROXIES="127.0.0.1")
    headers = {"X-Forwarded-For": "203.0.113.9", "Host": "localhost"}
    assert (await api.client.get("/api/jobs", headers=headers)).status_code == 403


async def test_workers_elsewhere_may_report_without_a_key(serve: Serve) -> None:
    api = await serve(peer="203.0.113.9")
    answer = await api.client.post(WEBHOOK, headers={"Host": "audio.example.com"})
    assert answer.status_code == 401
    assert (await api.report(jobId=NOBODY, status="complete")).status_code == 404
