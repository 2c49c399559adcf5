"""The store or the storage is out of reach, or the store is full: the answer says to come again, and nothing is lost."""

import httpx
import pytest

from tests.web.breakable import Objects, Store
from tests.web.calls import start_attempt, wav
from tests.web.conftest import Serve

pytestmark = pytest.mark.anyio


async def test_a_store_out_of_reach_is_503_and_the_workers_retry_applies(serve: Serve, store: Store) -> None:
    api = await serve(**store.settings)
    job = await api.new_job()
    with store.unchangeable(api):
        assert_come_again(await api.report(jobId=job, status="complete", result={"a": 1}))
    assert (await api.job(job))["status"] == "queued"
    assert (await api.report(jobId=job, status="complete", result={"a": 1})).json() == {"success": True}


async def test_a_full_disk_is_507_and_the_workers_retry_applies(serve: Serve, store: Store) -> None:
    api = await serve(**store.settings)
    job = await api.new_job()
    async with store.full(api):
        refused = await api.report(jobId=job, status="complete", result={"a": "x" * 200_000})
        assert refused.status_code == 507
        assert "/" not in refused.json()["error"]
        assert (await api.job(job))["status"] == "queued"
    assert (await api.report(jobId=job, status="complete", result={"a": "x" * 200_000})).json() == {"success": True}


async def test_a_storage_out_of_reach_is_503_for_a_worker_that_is_done_and_its_retry_applies(
    serve: Serve, objects: Objects
) -> None:
    api = await serve(**objects.settings)
    asset, job = await api.new_asset()
    await api.report(jobId=job, status="processing")
    await api.lay(asset, "prepared.wav", wav(2))
    before = await api.job(str(job))
    with objects.away(api):
        assert_come_again(await api.report(jobId=job, status="complete"))
    assert await api.job(str(job)) == before
    assert (await api.report(jobId=job, status="complete")).json() == {"success": True}


async def test_a_storage_out_of_reach_is_503_to_those_who_read_and_write_through_the_server(
    serve: Serve, objects: Objects
) -> None:
    api = await serve(GREENROOM_DELIVERY="proxy", **objects.settings)
    asset, job = await api.new_asset(filename="a.wav")
    await api.lay(asset, "prepared.wav", wav(2))
    await api.lay(asset, "prepared.peaks.json", b"{}")
    await api.report(jobId=job, status="complete")
    stream, peaks = (f"/api/audio/assets/{asset}/{call}?variant=prepared" for call in ("stream", "peaks"))
    with objects.away(api):
        for path in (stream, peaks):
            assert_come_again(await api.client.get(path))
        assert_come_again(await api.upload(wav()))
    assert (await api.client.get(stream)).content == wav(2)
    assert (await api.client.get(peaks)).content == b"{}"
    assert (await api.upload(wav())).status_code == 201


@pytest.mark.usefixtures("on_a_folder")
async def test_a_folder_out_of_reach_is_503_to_those_who_follow_links(serve: Serve, objects: Objects) -> None:
    api = await serve()
    asset, _ = await api.new_asset(filename="a.wav")
    target = (await start_attempt(api.parts)).outputs["prepared"]
    link = (await api.client.get(f"/api/audio/assets/{asset}/stream")).headers["location"]
    with objects.away(api):
        assert_come_again(await api.client.get(link))
        assert_come_again(await api.client.put(target.url, headers=target.headers, content=wav()))
    assert (await api.client.get(link)).content == wav()
    assert (await api.client.put(target.url, headers=target.headers, content=wav())).status_code == 200


def assert_come_again(refused: httpx.Response) -> None:
    assert refused.status_code == 503, refused.text
    assert int(refused.headers["retry-after"]) > 0
    assert "/" not in refused.json()["error"]
