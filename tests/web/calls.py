"""The calls that web tests make again and again."""

import io
import json
import wave
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from msgspec import Struct

from domain.schedule import start_next
from entrypoints.parts import Parts
from ports.jobs import JobKind

SECRET = "correct horse battery staple"
WEBHOOK = "/api/webhooks/worker"
NOBODY = "0d164bd8-a196-457c-81ea-556b3a12208d"


class Api(Struct, frozen=True):
    """A running application: a client to it, its parts, and its data folder."""

    client: httpx.AsyncClient
    parts: Parts
    data: Path

    async def report(self, bearer: str | None = SECRET, content: bytes | None = None, **body: Any) -> httpx.Response:
        """Send a callback."""
        headers = {} if bearer is None else {"Authorization": f"Bearer {bearer}"}
        return await self.client.post(WEBHOOK, headers=headers, content=json.dumps(body) if content is None else content)

    async def upload(self, audio: bytes, **query: str) -> httpx.Response:
        """Upload as a raw body."""
        return await self.client.post("/api/audio/assets", content=audio, params=query)

    async def new_asset(self, **query: str) -> tuple[str, str | None]:
        """Upload a second of audio; return the ids of the asset and of its job."""
        made = (await self.upload(wav(), **query)).json()
        return made["asset"]["id"], made["job"] and made["job"]["id"]

    async def new_job(self) -> str:
        """Order a job that owes nothing; return its id."""
        answer = await self.client.post("/api/jobs", json={"kind": "render", "params": {}})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def job(self, job_id: str) -> Any:
        """Read a job."""
        return (await self.client.get(f"/api/jobs/{job_id}")).json()

    async def lay(self, asset_id: str, name: str, content: bytes) -> None:
        """Put an object where a worker puts it that knows only the webhook."""

        async def body() -> AsyncIterator[bytes]:
            yield content

        await self.parts.storage.put(f"audio/assets/{asset_id}/{name}", body(), "application/octet-stream")

    async def kept(self) -> list[str]:
        """Return what lies in the storage: in a folder every file, the partial ones too."""
        if self.parts.local is None:
            return [stored.key async for stored in self.parts.storage.list("")]
        return [path.name for path in (self.data / "storage").rglob("*") if path.is_file()]

    async def two_attempts(self) -> str:
        """Return the id of a job that owes nothing, at whose second attempt somebody is."""
        job_id = await self.new_job()
        for number in (1, 2):
            ticket = await start_attempt(self.parts)
            assert ticket.attempt == number
            if number == 1:
                await self.report(jobId=job_id, status="released")
        return job_id


async def start_attempt(parts: Parts) -> Any:
    """Start an attempt at the most overdue job, as a dispatcher does, and return the ticket."""
    return await start_next(
        list(JobKind),
        "test",
        parts.policy.lease,
        jobs=parts.jobs,
        assets=parts.assets,
        links=parts.links,
        tokens=parts.tokens,
        policy=parts.policy,
        now=parts.clock(),
        request_id=str(uuid4()),
    )


def wav(seconds: float = 1.0, rate: int = 8000) -> bytes:
    """Return a mono WAV file of a square wave."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes((b"\x00\x10" * 20 + b"\x00\xf0" * 20) * int(seconds * rate / 40))
    return file.getvalue()
