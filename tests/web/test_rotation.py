"""Every secret is changed while a worker reports throughout: nothing that it says is refused or lost."""

import base64
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import httpx
import pytest
import standardwebhooks

from tests.unit.domain.makers import MP3
from tests.web.calls import WEBHOOK, Api, start_attempt
from tests.web.conftest import Serve

pytestmark = pytest.mark.anyio

Proof = Callable[[str, bytes], Mapping[str, str]]


def bearer(secret: str, _: bytes) -> Mapping[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def signature(secret: str, body: bytes) -> Mapping[str, str]:
    now = datetime.now(UTC)
    signed = standardwebhooks.Webhook(secret).sign("msg_1", now, body.decode())
    return {"webhook-id": "msg_1", "webhook-timestamp": str(int(now.timestamp())), "webhook-signature": signed}


def whsec(letter: bytes) -> str:
    return "whsec_" + base64.b64encode(letter * 32).decode()


@pytest.mark.parametrize(
    ("variable", "proof", "old", "new"),
    [
        ("INTERNAL_WEBHOOK_SECRET", bearer, "the old one", "the new one"),
        ("INTERNAL_WEBHOOK_SIGNING_SECRET", signature, whsec(b"o"), whsec(b"n")),
    ],
)
async def test_a_secret_of_the_webhook_is_changed_without_a_lost_report(
    serve: Serve, variable: str, proof: Proof, old: str, new: str
) -> None:
    before = await serve(**{variable: old})
    job = await before.new_job()
    during = {variable: new, f"{variable}_PREVIOUS": old}
    steps = [(before, old), (await serve(**during), old), (await serve(**during), new), (await serve(**{variable: new}), new)]
    for number, (api, secret) in enumerate(steps, 1):
        for more in (0, 0.1):
            answer = await said(api, proof, secret, jobId=job, status="processing", progress=number / 5 + more)
            assert answer.json() == {"success": True}
    after = steps[-1][0]
    assert (await said(after, proof, old, jobId=job, status="complete")).status_code == 401
    assert (await said(after, proof, new, jobId=job, status="complete")).json() == {"success": True}
    kept = await after.job(job)
    assert (kept["status"], len(kept["attempts"])) == ("complete", 1)


async def test_the_servers_own_secret_is_changed_and_tickets_and_their_links_stay_good(serve: Serve) -> None:
    old, new = "o" * 32, "n" * 32
    servers = [
        await serve(GREENROOM_SECRET=old),
        await serve(GREENROOM_SECRET=new, GREENROOM_SECRET_PREVIOUS=old),
        await serve(GREENROOM_SECRET=new),
    ]
    first = str((await servers[0].new_asset())[1])
    early = await start_attempt(servers[0].parts)
    second = str((await servers[1].new_asset())[1])
    late = await start_attempt(servers[1].parts)
    for ticket, job, told, done in ((early, first, servers[0], servers[1]), (late, second, servers[1], servers[2])):
        token, target = ticket.callback.token, ticket.outputs["prepared"]
        assert (await told.report(token, jobId=job, status="processing")).json() == {"success": True}
        assert (await done.client.get(ticket.input.url)).status_code == 200
        put = await done.client.request(target.method, target.url, headers=target.headers, content=MP3)
        assert put.status_code in {200, 201, 204}
        assert (await done.report(token, jobId=job, status="complete")).json() == {"success": True}
        assert (await done.job(job))["status"] == "complete"
    assert (await servers[2].report(early.callback.token, jobId=first, status="complete")).status_code == 401


async def said(api: Api, proof: Proof, secret: str, **report: object) -> httpx.Response:
    """Send a report with its proof."""
    body = json.dumps(report).encode()
    return await api.client.post(WEBHOOK, content=body, headers=proof(secret, body))
