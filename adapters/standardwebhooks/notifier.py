"""The user's app is told by a POST, signed by Standard Webhooks: by the secret in use, and while it is being changed by both."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

import httpx
from standardwebhooks import Webhook

from adapters.standardwebhooks.signatures import sign
from ports.jobs import Delivery, Job

PATIENCE = 10.0
"""Seconds that the app has for everything: being found, being told, and beginning its answer."""


def new_client(agent: str) -> httpx.AsyncClient:
    """Return a client that follows no redirects, and keeps no connection, for it reads no answer's body.

    Proxies and certificates are those of the environment; what runs on this machine itself is called without a proxy.
    """
    return httpx.AsyncClient(
        timeout=None,  # noqa: S113 - there is one around all of it
        headers={"User-Agent": agent},
        limits=httpx.Limits(max_keepalive_connections=0),
        mounts={f"all://{host}": None for host in ("127.0.0.1", "localhost", "[::1]")},
    )


class WebhookNotifier:
    """Keeps `ports.notices.Notifier`. `written` makes the notice, JSON; the keys are the bytes behind `whsec_`."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        url: httpx.URL,
        keys: Sequence[bytes],
        written: Callable[[Job], str],
        patience: float = PATIENCE,
    ) -> None:
        self._client = client
        self._url = url
        self._keys = [Webhook(key) for key in keys]
        self._written = written
        self._patience = patience

    async def notify(self, job: Job, now: datetime) -> Delivery:
        """Tell what became of the job, and return what came of telling."""
        try:
            async with asyncio.timeout(self._patience):
                status = await self._post(job, now)
        except TimeoutError:
            return Delivery(at=now, error=f"It did not answer within {self._patience:g} seconds")
        except httpx.HTTPError:  # its own words may hold the URL
            return Delivery(at=now, error="It could not be reached")
        return Delivery(at=now, status=status, error=None if 200 <= status < 300 else f"It answered {status}")

    async def _post(self, job: Job, now: datetime) -> int:
        """Return the answer's status. Its body is nobody's business, however long it is."""
        notice = self._written(job)
        headers = {
            "content-type": "application/json",
            "webhook-id": str(job.id),
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": " ".join(sign(key, str(job.id), now, notice) for key in self._keys),
        }
        async with self._client.stream("POST", self._url, content=notice.encode(), headers=headers) as answer:
            return answer.status_code
