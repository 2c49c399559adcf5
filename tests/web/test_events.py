"""Following jobs by server-sent events (design 4.4)."""

from datetime import timedelta
from uuid import UUID

import pytest

from tests.web.breakable import Store
from tests.web.calls import NOBODY, Api
from tests.web.conftest import Serve
from tests.web.listening import Heard, Listener, listening

pytestmark = pytest.mark.anyio


def seen(number: int | None) -> dict[str, str]:
    return {"Last-Event-ID": str(number)}


async def heard(listener: Listener) -> Heard:
    event = await listener.next()
    assert event is not None, listener.status
    return event


async def statuses(api: Api, path: str, last: int | None = None) -> list[str]:
    """Listen to an answer that ends, and return the statuses that it tells."""
    async with listening(api.client, path, seen(last) if last is not None else None) as listener:
        return [event.data["status"] for event in await listener.rest()]


async def test_a_job_is_told_as_it_stands_and_then_as_it_changes_until_its_end(api: Api) -> None:
    job = await api.new_job()
    async with listening(api.client, f"/api/jobs/{job}/events") as listener:
        first = await heard(listener)
        assert (first.event, first.data) == ("job", await api.job(job))
        await api.report(jobId=job, status="processing", progress=0.5)
        second = await heard(listener)
        assert (second.event, second.data) == ("job", await api.job(job))
        await api.report(jobId=job, status="complete", result={"line": "one\ntwo\u2028three"})
        *_, last = await listener.rest()
        assert last.data == await api.job(job)
        assert last.data["status"] == "complete"
        numbers = [event.number for event in (first, second, last)]
        assert numbers == sorted(numbers, key=lambda number: number or 0)


async def test_the_answer_is_an_event_stream_that_nobody_keeps_or_holds_back(api: Api) -> None:
    job = await api.new_job()
    async with listening(api.client, f"/api/jobs/{job}/events") as one, listening(api.client, "/api/events") as every:
        for listener in (one, every):
            await heard(listener)
            assert listener.status == 200
            assert listener.headers["content-type"] == "text/event-stream; charset=utf-8"
            assert (listener.headers["cache-control"], listener.headers["x-accel-buffering"]) == ("no-store", "no")


async def test_a_finished_job_is_told_and_that_is_all(api: Api) -> None:
    job = await api.new_job()
    await api.report(jobId=job, status="failed", error="out of tape")
    assert await statuses(api, f"/api/jobs/{job}/events") == ["failed"]


async def test_who_has_heard_the_end_need_not_come_again(api: Api) -> None:
    job = await api.new_job()
    await api.report(jobId=job, status="complete")
    async with listening(api.client, f"/api/jobs/{job}/events") as listener:
        number = (await heard(listener)).number
    await api.new_job()
    answer = await api.client.get(f"/api/jobs/{job}/events", headers=seen(number))
    assert (answer.status_code, answer.content, answer.headers["cache-control"]) == (204, b"", "no-store")


async def test_who_comes_again_before_the_end_hears_what_was_missed(api: Api) -> None:
    job = await api.new_job()
    async with listening(api.client, f"/api/jobs/{job}/events") as listener:
        number = (await heard(listener)).number
    await api.report(jobId=job, status="processing")
    await api.report(jobId=job, status="complete")
    assert await statuses(api, f"/api/jobs/{job}/events", number) == ["complete"]


async def test_who_comes_again_and_has_missed_nothing_hears_what_happens_next(api: Api) -> None:
    job = await api.new_job()
    async with listening(api.client, f"/api/jobs/{job}/events") as listener:
        number = (await heard(listener)).number
    async with listening(api.client, f"/api/jobs/{job}/events", seen(number)) as listener:
        await listener.begun.wait()
        await api.report(jobId=job, status="complete")
        assert {event.data["status"] for event in await listener.rest()} == {"complete"}


@pytest.mark.parametrize("named", ["", "x", "-1", "1.0", "9" * 18, "9" * 500, "٣"])
async def test_who_names_no_event_of_ours_hears_how_things_stand(api: Api, named: str) -> None:
    job = await api.new_job()
    await api.report(jobId=job, status="complete")
    async with listening(api.client, f"/api/jobs/{job}/events", {b"Last-Event-ID": named.encode()}) as listener:
        assert [event.data["status"] for event in await listener.rest()] == ["complete"]
    async with listening(api.client, "/api/events", {b"Last-Event-ID": named.encode()}) as listener:
        assert (await heard(listener)).event == "snapshot"


async def test_an_event_that_is_forgotten_is_none_of_ours(api: Api) -> None:
    job = await api.new_job()
    number = await api.parts.feed.newest()
    await api.report(jobId=job, status="complete")
    await api.parts.feed.forget(api.parts.clock() + timedelta(seconds=1))
    assert await statuses(api, f"/api/jobs/{job}/events", number) == ["complete"]
    async with listening(api.client, "/api/events", seen(number)) as listener:
        assert [(await heard(listener)).event for _ in range(2)] == ["snapshot", "live"]


async def test_a_job_that_is_not_kept_any_more_is_told_as_removed(api: Api) -> None:
    job = await api.new_job()
    async with listening(api.client, f"/api/jobs/{job}/events") as one, listening(api.client, "/api/events") as every:
        for _ in range(3):
            await heard(every)
        await heard(one)
        await api.parts.jobs.remove(UUID(job))
        assert [(event.event, event.data) for event in await one.rest()] == [("removed", {"id": job})]
        removed = await heard(every)
        assert (removed.event, removed.data) == ("removed", {"id": job})


async def test_an_unknown_job_is_404_and_a_malformed_id_400(api: Api) -> None:
    assert (await api.client.get(f"/api/jobs/{NOBODY}/events")).json() == {"error": "Job not found"}
    answer = await api.client.get("/api/jobs/x/events")
    assert (answer.status_code, answer.json()["field"]) == (400, "id")


async def test_there_are_no_filters_and_who_asks_for_one_is_told_so(api: Api) -> None:
    answer = await api.client.get("/api/events?status=queued")
    assert (answer.status_code, answer.json()["field"]) == (400, "status")


async def test_events_need_a_key(serve: Serve) -> None:
    api = await serve(GREENROOM_API_KEYS="a key of this test")
    for path in ("/api/events", f"/api/jobs/{NOBODY}/events"):
        assert (await api.client.get(path)).status_code == 401
    key = {"Authorization": "Bearer a key of this test"}
    assert (await api.client.get(f"/api/jobs/{NOBODY}/events", headers=key)).status_code == 404
    async with listening(api.client, "/api/events", key) as listener:
        assert (await heard(listener)).event == "snapshot"


async def test_all_live_jobs_are_told_and_then_what_happens_to_any(api: Api) -> None:
    jobs = [await api.new_job() for _ in range(55)]
    await api.report(jobId=jobs[0], status="complete")
    async with listening(api.client, "/api/events") as listener:
        told = [await heard(listener) for _ in range(56)]
        assert (told[0].event, told[0].number) == ("snapshot", None)
        assert [event.data["id"] for event in told[1:55]] == jobs[:0:-1]
        assert {event.number for event in told[1:55]} == {None}
        assert (told[55].event, told[55].number) == ("live", await api.parts.feed.newest())
        await api.report(jobId=jobs[3], status="complete")
        changed = await heard(listener)
        number = await api.parts.feed.newest()
        assert (changed.event, changed.number, changed.data) == ("job", number, await api.job(jobs[3]))
        assert number > (told[55].number or 0)


async def test_who_follows_all_and_comes_again_hears_what_was_missed_and_no_snapshot(api: Api) -> None:
    first = await api.new_job()
    number = await api.parts.feed.newest()
    second = await api.new_job()
    await api.report(jobId=first, status="complete")
    missed = await api.parts.feed.since(number)
    async with listening(api.client, "/api/events", seen(number)) as listener:
        told = [await heard(listener) for _ in range(2)]
        assert [event.data["id"] for event in told] == [second, first]
        assert [event.number for event in told] == [change.number for change in missed]
        third = await api.new_job()
        assert (await heard(listener)).data["id"] == third


async def test_what_happens_while_the_snapshot_is_told_is_not_missed(api: Api) -> None:
    for _ in range(3):
        await api.new_job()
    async with listening(api.client, "/api/events") as listener:
        added = [await api.new_job() for _ in range(20)]
        told: set[str] = set()
        while not told >= set(added):
            told.add((await heard(listener)).data.get("id", ""))


async def test_a_stop_ends_the_answers_whole(api: Api) -> None:
    job = await api.new_job()
    async with listening(api.client, f"/api/jobs/{job}/events") as one, listening(api.client, "/api/events") as every:
        await heard(one)
        await heard(every)
        api.parts.stopping.set()
        assert await one.rest() == []
        await every.rest()


async def test_nobody_is_followed_for_once_the_last_listener_has_left(api: Api) -> None:
    async with listening(api.client, "/api/events") as listener:
        await heard(listener)
    assert not api.parts.broadcast._listeners
    await api.new_job()
    async with listening(api.client, "/api/events") as listener:
        assert [(await heard(listener)).event for _ in range(3)] == ["snapshot", "job", "live"]
        await api.new_job()
        assert (await heard(listener)).number == await api.parts.feed.newest()


async def test_without_a_store_nobody_new_is_answered_and_those_who_listen_stay(serve: Serve, store: Store) -> None:
    api = await serve(**store.settings)
    job = await api.new_job()
    async with listening(api.client, "/api/events") as listener:
        assert [(await heard(listener)).event for _ in range(3)] == ["snapshot", "job", "live"]
        await store.lose(api)
        for path in ("/api/events", f"/api/jobs/{job}/events"):
            refused = await api.client.get(path)
            assert (refused.status_code, "retry-after" in refused.headers) == (503, True)
        assert not listener.has_ended
