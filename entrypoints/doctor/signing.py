"""Signed links: are they good, from outside, for what they were made for, and for nothing else."""

from datetime import timedelta

import httpx

from domain.tickets import absolute
from entrypoints.clock import utc_now
from entrypoints.doctor.findings import Finding, good, trouble, warning
from entrypoints.doctor.keeping import CONTENT, key_of_trial
from entrypoints.doctor.reaching import answer_of
from entrypoints.parts import Objects
from ports.links import Link

LIVES = timedelta(minutes=5)
_TYPE = "text/plain"


async def examine_links(objects: Objects, public_url: str, client: httpx.AsyncClient) -> list[Finding]:
    """Say whether an object can be sent by link, once, and read by link, in part."""
    key = key_of_trial()
    expires_at = utc_now() + LIVES
    sending = objects.links.put(key, content_type=_TYPE, expires_at=expires_at, length=len(CONTENT))
    reading = objects.links.get(key, content_type=_TYPE, disposition="inline", expires_at=expires_at)
    try:
        return [await _of_links(sending, reading, public_url, client)]
    finally:
        await objects.storage.remove(key)


async def _of_links(sending: Link, reading: Link, public_url: str, client: httpx.AsyncClient) -> Finding:
    where = absolute(sending.url, public_url)
    sent = await answer_of(client, "PUT", where, content=CONTENT, headers=dict(sending.headers))
    if isinstance(sent, str):
        return trouble("links", f"The storage is not reached from outside: {sent}")
    if not sent.is_success:
        return trouble(
            "links", f"The storage answers {sent.status_code} to a signed PUT: outputs and direct uploads could not arrive"
        )
    part = await answer_of(client, "GET", absolute(reading.url, public_url), headers={"Range": "bytes=2-4"})
    if isinstance(part, str) or (part.status_code, part.content) != (206, CONTENT[2:5]):
        said = part if isinstance(part, str) else part.status_code
        return trouble("links", f"A signed link does not give a part of its object ({said}): players could not seek")
    again = await answer_of(client, "PUT", where, content=CONTENT, headers=dict(sending.headers))
    if isinstance(again, str) or again.status_code != 412:
        return warning("links", "The storage lets a signed PUT write a second time (it ignores If-None-Match)")
    return good("links", "Signed links send an object once, and give parts of it")
