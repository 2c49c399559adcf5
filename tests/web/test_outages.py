"""The store is out of reach, or its disk is full: the answer says to come again, and nothing is lost."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest

from adapters.sqlite.database import Database
from tests.web.calls import Api, start_attempt, wav

pytestmark = pytest.mark.anyio


async def test_a_store_out_of_reach_is_503_and_the_workers_retry_applies(api: Api) -> None:
    job = await api.new_job()
    with closing(sqlite3.connect(api.data / "greenroom.db", isolation_level=None)) as another:
        another.execute("BEGIN IMMEDIATE")
        refused = await api.report(jobId=job, status="complete", result={"a": 1})
        another.execute("ROLLBACK")
    assert refused.status_code == 503
    assert int(refused.headers["retry-after"]) > 0
    assert (await api.job(job))["status"] == "queued"
    assert (await api.report(jobId=job, status="complete", result={"a": 1})).json() == {"success": True}


async def test_a_full_disk_is_507_and_the_workers_retry_applies(api: Api) -> None:
    job = await api.new_job()
    with closing(sqlite3.connect(api.data / "greenroom.db")) as database:
        [(pages,)] = database.execute("PRAGMA page_count")
    store = next(check for check in api.parts.checks if isinstance(check, Database))
    await store.write(lambda writer: writer.execute(f"PRAGMA max_page_count = {pages}"))
    refused = await api.report(jobId=job, status="complete", result={"a": "x" * 200_000})
    assert refused.status_code == 507
    assert "/" not in refused.json()["error"]
    assert (await api.job(job))["status"] == "queued"
    await store.write(lambda writer: writer.execute("PRAGMA max_page_count = 1000000"))
    assert (await api.report(jobId=job, status="complete", result={"a": "x" * 200_000})).json() == {"success": True}


async def test_a_storage_out_of_reach_is_503_for_a_worker_that_is_done_and_its_retry_applies(api: Api) -> None:
    asset, job = await api.new_asset()
    await api.report(jobId=job, status="processing")
    await api.lay(asset, "prepared.wav", wav(2))
    before = await api.job(str(job))
    with unmounted(api.data / "storage"):
        assert_come_again(await api.report(jobId=job, status="complete"))
    assert await api.job(str(job)) == before
    assert (await api.report(jobId=job, status="complete")).json() == {"success": True}


async def test_a_storage_out_of_reach_is_503_to_those_who_read_and_write_and_nothing_is_made_in_its_place(api: Api) -> None:
    asset, _ = await api.new_asset(filename="a.wav")
    target = (await start_attempt(api.parts)).outputs["prepared"]
    link = (await api.client.get(f"/api/audio/assets/{asset}/stream")).headers["location"]
    with unmounted(api.data / "storage"):
        assert_come_again(await api.client.get(link))
        assert_come_again(await api.client.put(target.url, headers=target.headers, content=wav()))
        assert_come_again(await api.upload(wav()))
        assert (await api.client.get("/readyz")).json()["checks"]["storage"] == "storage is not available at the moment"
        assert not (api.data / "storage").exists()
    assert (await api.client.get(link)).content == wav()
    assert (await api.client.put(target.url, headers=target.headers, content=wav())).status_code == 200
    assert (await api.upload(wav())).status_code == 201


@contextmanager
def unmounted(folder: Path) -> Iterator[None]:
    """Take the folder away for a while."""
    elsewhere = folder.rename(folder.with_name("elsewhere"))
    yield
    elsewhere.rename(folder)


def assert_come_again(refused: httpx.Response) -> None:
    assert refused.status_code == 503, refused.text
    assert int(refused.headers["retry-after"]) > 0
    assert "/" not in refused.json()["error"]
