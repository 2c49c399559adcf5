"""Two servers on one Valkey: what one changes the other tells of, and neither needs help when Valkey is away for a while."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from tests.integration.redis.process import Valkey
from tests.integration.server.process import Server, running_server, wait_for

NEEDED = {"GREENROOM_SECRET": "a secret of both of these servers", "GREENROOM_DISPATCH": "pull"}


class Heard(NamedTuple):
    """A change that was told: its number, the job and its status."""

    number: int
    job: str
    status: str


@pytest.fixture
def environment(valkey: Valkey) -> dict[str, str]:
    valkey.set("appendfsync", "always")
    return {**NEEDED, "GREENROOM_DATABASE_URL": valkey.url}


@pytest.fixture
def servers(environment: dict[str, str], tmp_path: Path) -> Iterator[tuple[Server, Server]]:
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
    with (
        running_server(tmp_path / "one", (), **environment) as one,
        running_server(tmp_path / "other", (), **environment) as other,
    ):
        yield one, other


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False, verify=False, timeout=30) as client:
        yield client


@contextmanager
def listening(client: httpx.Client, server: Server, after: int | None = None) -> Iterator[Iterator[Heard]]:
    """Listen to all jobs: from now on, or to what came after a change that was heard somewhere."""
    headers = {} if after is None else {"Last-Event-ID": str(after)}
    with client.stream("GET", f"{server.url}/api/events", headers=headers) as answer:
        lines = answer.iter_lines()
        if after is None:
            next(line for line in lines if line == "event: live")
        yield _changes(lines)


def _changes(lines: Iterator[str]) -> Iterator[Heard]:
    number = 0
    for line in lines:
        name, _, value = line.partition(": ")
        if name == "id":
            number = int(value)
        if name == "data" and "status" in (told := json.loads(value)):
            yield Heard(number, told["id"], told["status"])


def ordered(client: httpx.Client, server: Server) -> str:
    return str(client.post(f"{server.url}/api/jobs", json={"params": {}}).json()["id"])


def test_a_listener_that_goes_on_at_another_server_misses_nothing(servers: tuple[Server, Server], client: httpx.Client) -> None:
    one, other = servers
    with listening(client, one) as changes:
        first = ordered(client, other)
        heard = next(changes)
        assert heard[1:] == (first, "queued")
        one.kill()
    second = ordered(client, other)
    assert other.report(client, jobId=first, status="complete").json() == {"success": True}
    with listening(client, other, heard.number) as changes:
        missed = [next(changes), next(changes)]
        assert [each[1:] for each in missed] == [(second, "queued"), (first, "complete")]
        third = ordered(client, other)
        live = next(changes)
        assert live[1:] == (third, "queued")
    assert heard.number < missed[0].number < missed[1].number < live.number


def test_while_valkey_is_away_calls_are_answered_503_and_afterwards_all_goes_on(
    valkey: Valkey, servers: tuple[Server, Server], client: httpx.Client
) -> None:
    job = ordered(client, servers[0])
    ready = client.get(f"{servers[1].url}/readyz").json()
    assert ready["promised"] == "A crash of Redis loses nothing that was answered"
    valkey.kill()
    for server in servers:
        refused = server.report(client, jobId=job, status="complete")
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
    wait_for(lambda: client.get(f"{servers[1].url}/readyz").status_code == 503, "the store to be missed")
    assert client.get(f"{servers[1].url}/readyz").json()["checks"]["store"] == "The store is not available at the moment"
    valkey.start()
    with listening(client, servers[1]) as changes:
        assert servers[0].report(client, jobId=job, status="complete").json() == {"success": True}
        assert next(changes)[1:] == (job, "complete")
