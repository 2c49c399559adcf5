"""Callbacks and claims that are proved by a signature (Standard Webhooks) instead of the secret itself."""

import asyncio
import base64
import json
import logging
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import standardwebhooks
import svix
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.web.calls import NOBODY, SECRET, WEBHOOK, Api, start_attempt
from tests.web.conftest import Serve

pytestmark = pytest.mark.anyio

CLAIM = "/api/worker/claim"
KEY = "whsec_" + base64.b64encode(b"k" * 32).decode()
OLD_KEY = "whsec_" + base64.b64encode(b"o" * 24).decode()
SENDERS = [standardwebhooks.Webhook, svix.Webhook]
PREVIOUS = "[Webhook] Accepted INTERNAL_WEBHOOK_SIGNING_SECRET_PREVIOUS from"


@pytest.fixture
async def api(serve: Serve) -> Api:
    return await serve(INTERNAL_WEBHOOK_SIGNING_SECRET=KEY, INTERNAL_WEBHOOK_SIGNING_SECRET_PREVIOUS=OLD_KEY)


def signed(body: bytes, key: str = KEY, age: float = 0, sender: Any = standardwebhooks.Webhook) -> dict[str, str]:
    """Return the headers that a sender's library makes for a message of so many seconds ago."""
    at = datetime.now(UTC) - timedelta(seconds=age)
    made = sender(key).sign("msg_1", at, body.decode())
    return {"webhook-id": "msg_1", "webhook-timestamp": str(int(at.timestamp())), "webhook-signature": made}


async def send(api: Api, body: bytes, headers: Any, path: str = WEBHOOK) -> httpx.Response:
    return await api.client.post(path, content=body, headers=headers)


def complete(job: str) -> bytes:
    return json.dumps({"jobId": job, "status": "complete", "result": {"of": "Größe"}}, ensure_ascii=False).encode()


@pytest.mark.parametrize("sender", SENDERS)
async def test_a_signed_report_is_applied(api: Api, sender: Any) -> None:
    body = complete(await api.new_job())
    answer = await send(api, body, signed(body, sender=sender))
    assert (answer.status_code, answer.json()) == (200, {"success": True})
    assert (await api.job(json.loads(body)["jobId"]))["result"] == {"of": "Größe"}


async def test_a_signed_claim_is_served(api: Api) -> None:
    job, body = await api.new_job(), b'{"worker": "w"}'
    answer = await send(api, body, signed(body), CLAIM)
    assert (answer.status_code, answer.json()["jobId"]) == (200, job)
    assert (await send(api, body, signed(b"{}"), CLAIM)).status_code == 401


async def test_a_signed_report_is_of_the_attempt_it_names(api: Api) -> None:
    job = await api.two_attempts()
    body = json.dumps({"jobId": job, "status": "complete", "attempt": 1}).encode()
    assert (await send(api, body, signed(body))).status_code == 409


async def test_the_previous_signing_secret_is_accepted_too_and_the_log_says_so(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    body = complete(NOBODY)
    with caplog.at_level(logging.WARNING):
        assert (await send(api, body, signed(body))).status_code == 404
        assert PREVIOUS not in caplog.text
        for _ in range(3):
            assert (await send(api, body, signed(body, OLD_KEY))).status_code == 404
    assert caplog.text.count(PREVIOUS) == 1
    assert OLD_KEY not in caplog.text


async def test_signatures_are_not_accepted_where_no_signing_secret_is_set(serve: Serve) -> None:
    api, body = await serve(), complete(NOBODY)
    assert (await send(api, body, signed(body))).status_code == 401


async def test_without_the_webhooks_secret_a_signature_is_answered_500_too(serve: Serve) -> None:
    api = await serve(INTERNAL_WEBHOOK_SECRET="", INTERNAL_WEBHOOK_SIGNING_SECRET=KEY)
    body = complete(NOBODY)
    for path in (WEBHOOK, CLAIM):
        answer = await send(api, body, signed(body), path)
        assert (answer.status_code, answer.json()) == (500, {"error": "Webhook secret not configured"})


@pytest.mark.parametrize("authorization", [b"", b"Bearer", b"Bearer wrong", b"Basic abc"])
async def test_with_an_authorization_header_a_signature_is_not_looked_at(api: Api, authorization: bytes) -> None:
    body = complete(NOBODY)
    headers = {**signed(body), "Authorization": authorization.decode()}
    assert (await send(api, body, headers)).status_code == 401


async def test_a_good_bearer_is_enough_beside_a_wrong_signature(api: Api) -> None:
    body = complete(await api.new_job())
    headers = {**signed(b"{}"), "Authorization": f"Bearer {SECRET}"}
    assert (await send(api, body, headers)).status_code == 200


@pytest.mark.parametrize("age", [301, 3600, -301])
async def test_a_signature_of_another_time_is_401(api: Api, age: float) -> None:
    body = complete(NOBODY)
    assert (await send(api, body, signed(body, age=age + (1 if age > 0 else -2)))).status_code == 401


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
async def test_a_header_that_is_missing_or_doubled_is_401(api: Api, name: str) -> None:
    body = complete(NOBODY)
    headers = signed(body)
    without = {key: value for key, value in headers.items() if key != name}
    assert (await send(api, body, without)).status_code == 401
    assert (await send(api, body, [*headers.items(), (name, headers[name])])).status_code == 401


async def test_a_body_that_was_tampered_with_is_401_and_nothing_is_applied(api: Api) -> None:
    job, other = await api.new_job(), await api.new_job()
    answer = await send(api, complete(other), signed(complete(job)))
    assert (answer.status_code, answer.json()) == (401, {"error": "Unauthorized"})
    assert (await api.job(other))["status"] == "queued"


async def test_a_signed_body_that_is_malformed_is_400(api: Api) -> None:
    assert (await send(api, b"{", signed(b"{"))).status_code == 400


async def test_a_body_over_256_kib_is_413_before_it_is_judged(api: Api) -> None:
    body = b"x" * (256 * 1024 + 1)
    assert (await send(api, body, signed(b"{}"))).status_code == 413
    assert (await send(api, body, {})).status_code == 401, "nothing is read of what is not signed at all"


async def test_a_body_that_stalls_or_trickles_is_408_while_nobody_knows_who_sends_it(serve: Serve) -> None:
    api = await serve(INTERNAL_WEBHOOK_SIGNING_SECRET=KEY, GREENROOM_IDLE_SECONDS="0.2")

    async def trickling(pause: float) -> AsyncIterator[bytes]:
        while True:
            yield b" "
            await asyncio.sleep(pause)

    for pause in (0.05, 60):
        answer = await api.client.post(WEBHOOK, content=trickling(pause), headers=signed(b"{}"))
        assert answer.status_code == 408


async def test_a_ticket_token_goes_on_proving_its_own_attempt_alone(api: Api) -> None:
    job = await api.new_job()
    token = (await start_attempt(api.parts)).callback.token
    body = complete(job)
    assert (await send(api, body, {**signed(b"{}"), "Authorization": f"Bearer {token}"})).status_code == 200


_bytes = st.binary(max_size=60).filter(lambda value: not {0, 10, 13} & set(value))
_near = st.integers(-1000, 1000).map(lambda age: str(int(datetime.now(UTC).timestamp()) + age).encode())
_shapes = st.lists(st.sampled_from([b"v1,", b"v1", b"v2,", b" ", b",", b"=", b"AAAA", b"\xff"]) | _bytes).map(b"".join)
malformed = st.fixed_dictionaries(
    {}, optional={b"webhook-id": _bytes, b"webhook-timestamp": _near | _bytes, b"webhook-signature": _shapes}
)


@given(headers=malformed, body=st.binary(max_size=200) | st.just(complete(NOBODY)))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_whatever_else_is_sent_as_a_signature_is_401(api: Api, headers: Mapping[bytes, bytes], body: bytes) -> None:
    for path in (WEBHOOK, CLAIM):
        assert (await send(api, body, list(headers.items()), path)).status_code == 401
