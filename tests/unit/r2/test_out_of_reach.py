"""A server that is away, silent, busy or full, and one that refuses us."""

import asyncio
import logging
import threading
import time
from collections.abc import AsyncIterator

import pytest

from adapters.r2 import client
from adapters.r2.bucket import Bucket
from adapters.r2.faults import STORAGE
from adapters.r2.storage import R2Storage
from adapters.r2.threads import Threads
from ports.errors import OutOfSpace, Unavailable
from tests.unit.r2.wire import Serve, answering, bucket_at, frozen, listening, nobody_at

pytestmark = pytest.mark.anyio


async def body() -> AsyncIterator[bytes]:
    yield b"bytes"


def told(code: str) -> bytes:
    return f"<Error><Code>{code}</Code><Message>so it is</Message></Error>".encode()


async def test_a_silent_server_is_out_of_reach_after_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert client.TRIES * (client.CONNECT_WITHIN + client.ANSWER_WITHIN) < 20
    monkeypatch.setattr(client, "ANSWER_WITHIN", 0.1)
    monkeypatch.setattr(client, "TRIES", 1)
    with listening(frozen) as url:
        storage = R2Storage(bucket_at(nobody_at(url)))
        for asked in (storage.stat("a.mp3"), storage.put("a.mp3", body(), "audio/mpeg"), anext(storage.read("a.mp3"))):
            began = time.monotonic()
            with pytest.raises(Unavailable):
                await asked
            assert time.monotonic() - began < 10
        await storage.close()


async def test_a_server_that_is_away_is_out_of_reach() -> None:
    storage = R2Storage(bucket_at(nobody_at("http://127.0.0.1:1")))
    with pytest.raises(Unavailable):
        await storage.check()
    await storage.close()


@pytest.mark.parametrize(
    ("serve", "error"),
    [
        (answering("503 Slow Down", told("SlowDown")), Unavailable),
        (answering("500 Oh", told("InternalError")), Unavailable),
        (answering("429 Much", told("TooManyRequests")), Unavailable),
        (answering("507 Full"), OutOfSpace),
        (answering("400 Full", told("QuotaExceeded")), OutOfSpace),
        (answering("507 Full", told("XMinioStorageFull")), OutOfSpace),
        (answering("403 No", told("AccessDenied")), Unavailable),
        (answering("403 No", told("RequestTimeTooSkewed")), Unavailable),
        (answering("404 No", told("NoSuchBucket")), Unavailable),
    ],
    ids=range(9),
)
async def test_what_a_server_says_is_told_in_the_words_of_the_ports(serve: Serve, error: type[Exception]) -> None:
    with listening(serve) as url:
        storage = R2Storage(bucket_at(nobody_at(url)))
        with pytest.raises(error):
            await storage.put("a.mp3", body(), "audio/mpeg")
        await storage.close()


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("AccessDenied", "these credentials may not do PutObject there (AccessDenied)"),
        ("InvalidAccessKeyId", "the server does not know these credentials (InvalidAccessKeyId)"),
        ("SignatureDoesNotMatch", "the secret is not that of the access key, or the region is wrong (SignatureDoesNotMatch)"),
        ("RequestTimeTooSkewed", "the clock of this machine and that of the server differ by more than signatures allow"),
    ],
)
async def test_the_log_says_what_an_operator_can_do(code: str, sentence: str, caplog: pytest.LogCaptureFixture) -> None:
    with listening(answering("403 No", told(code))) as url, caplog.at_level(logging.ERROR):
        storage = R2Storage(bucket_at(nobody_at(url)))
        with pytest.raises(Unavailable):
            await storage.put("a.mp3", body(), "audio/mpeg")
        await storage.close()
    assert caplog.messages == [f"the storage refuses us: {sentence}"]


async def test_who_finds_no_thread_in_time_is_not_kept_waiting() -> None:
    threads, go_on = Threads("test", 1, begun_within=0.05), threading.Event()
    holding = asyncio.create_task(threads.run("a.mp3", go_on.wait))
    await asyncio.sleep(0)
    with pytest.raises(Unavailable, match=STORAGE):
        await threads.run("b.mp3", lambda: None)
    go_on.set()
    assert await holding
    await threads.close()


async def test_a_cancellation_does_not_wait_for_what_has_not_begun() -> None:
    threads, go_on, done = Threads("test", 1), threading.Event(), list[str]()
    holding = asyncio.create_task(threads.run("a.mp3", go_on.wait))
    waiting = asyncio.create_task(threads.run("b.mp3", lambda: done.append("b")))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(waiting, 5)
    go_on.set()
    assert await holding
    await threads.close()
    assert done == []


async def test_a_cancellation_waits_for_the_thread_and_undoes_what_nobody_takes() -> None:
    loop, begun, go_on = asyncio.get_running_loop(), asyncio.Event(), threading.Event()
    threads, undone = Threads("test", 1), list[str]()

    def work() -> str:
        loop.call_soon_threadsafe(begun.set)
        go_on.wait()
        return "result"

    running = asyncio.create_task(threads.run("a.mp3", work, undo=undone.append))
    await begun.wait()
    for _ in range(3):
        running.cancel()
        await asyncio.sleep(0)
    assert not running.done()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert undone == ["result"]
    await threads.close()


async def test_no_call_goes_over_the_network_on_the_event_loop_s_thread(
    bucket: Bucket, storage: R2Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = set[str]()
    send = type(bucket.client._endpoint.http_session).send  # type: ignore[attr-defined]  # where every call goes through

    def watched(session: object, request: object) -> object:
        seen.add(threading.current_thread().name)
        return send(session, request)

    monkeypatch.setattr(type(bucket.client._endpoint.http_session), "send", watched)  # type: ignore[attr-defined]
    await storage.put("a.mp3", body(), "audio/mpeg")
    await storage.stat("a.mp3")
    assert [chunk async for chunk in storage.read("a.mp3")] == [b"bytes"]
    assert [stored.key async for stored in storage.list("")] == ["a.mp3"]
    await storage.check()
    await storage.remove("a.mp3")
    assert seen
    assert not [name for name in seen if not name.startswith("storage-")]
