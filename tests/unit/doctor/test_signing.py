"""What the doctor finds of signed links, by how the storage answers them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from entrypoints.doctor.findings import State
from entrypoints.doctor.keeping import CONTENT
from entrypoints.doctor.signing import examine_links
from entrypoints.parts import Objects
from ports.links import Link

pytestmark = pytest.mark.anyio

HOST = "http://storage.example"


class Elsewhere:
    """Links, and a storage, of which only the addresses matter."""

    def __init__(self) -> None:
        self.removed: list[str] = []

    def put(self, key: str, **more: Any) -> Link:
        return Link(url=f"{HOST}/{key}?hush", expires_at=more["expires_at"], method="PUT", headers={"If-None-Match": "*"})

    def get(self, key: str, **more: Any) -> Link:
        return Link(url=f"{HOST}/{key}?hush", expires_at=more["expires_at"], method="GET")

    async def remove(self, key: str) -> None:
        self.removed.append(key)


@asynccontextmanager
async def answering_in_turn(*answers: tuple[int, bytes] | None) -> AsyncIterator[httpx.AsyncClient]:
    left = list(answers)

    def answer(_: httpx.Request) -> httpx.Response:
        given = left.pop(0)
        if given is None:
            raise httpx.ConnectError("Connection refused")
        return httpx.Response(given[0], content=given[1])

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
        yield client


PART = CONTENT[2:5]


@pytest.mark.parametrize(
    ("answers", "state", "told"),
    [
        ([(200, b""), (206, PART), (412, b"")], State.GOOD, "send an object once"),
        ([(201, b""), (206, PART), (200, b"")], State.WARNING, "write a second time"),
        ([(403, b"")], State.TROUBLE, "answers 403 to a signed PUT"),
        ([None], State.TROUBLE, "not reached from outside: Connection refused"),
        ([(200, b""), (200, CONTENT)], State.TROUBLE, "players could not seek"),
        ([(200, b""), (403, b"")], State.TROUBLE, "does not give a part of its object (403)"),
        ([(200, b""), None], State.TROUBLE, "players could not seek"),
    ],
)
async def test_links_that_do_not_what_they_were_made_for_are_found(
    answers: list[tuple[int, bytes] | None], state: State, told: str
) -> None:
    away: Any = Elsewhere()
    async with answering_in_turn(*answers) as client:
        [finding] = await examine_links(Objects(storage=away, links=away, multipart=away, check=away, sweep=away), HOST, client)
    assert (finding.state, told in finding.says, "hush" in finding.says) == (state, True, False), finding
    assert len(away.removed) == 1
