"""Sending a file straight to storage."""

from collections.abc import Collection
from typing import Any

import httpx

from tests.web.calls import Api

UPLOADS = "/api/audio/uploads"


async def follow(api: Api, way: dict[str, Any], content: bytes, **headers: str) -> httpx.Response:
    """Send the request of a link, with this body."""
    return await api.client.request(way["method"], way["url"], content=content, headers={**way["headers"], **headers})


async def opened(api: Api, content: bytes, **facts: Any) -> Any:
    """Open an upload of these bytes."""
    body = {"filename": "talk.wav", "size": len(content)} | facts
    answer = await api.client.post(UPLOADS, json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def send(api: Api, upload: Any, content: bytes, numbers: Collection[int] | None = None) -> None:
    """Send the parts of an upload that have a link, or those of these numbers."""
    for way in upload["parts"]:
        if numbers is None or way["number"] in numbers:
            piece = content[way["offset"] : way["offset"] + way["size"]]
            answer = await follow(api, way, piece)
            assert answer.status_code == 200, answer.text


async def read(api: Api, upload: Any) -> Any:
    """Read an upload."""
    answer = await api.client.get(f"{UPLOADS}/{upload['id']}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def completed(api: Api, upload: Any) -> httpx.Response:
    """Complete an upload, or try."""
    return await api.client.post(f"{UPLOADS}/{upload['id']}/complete")
