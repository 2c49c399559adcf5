"""The store is out of reach, or its disk is full: the answer says to come again, and nothing is lost."""

import sqlite3
from contextlib import closing

import pytest

from adapters.sqlite.database import Database
from tests.web.calls import Api

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
