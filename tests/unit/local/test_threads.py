"""Threads of the storage's own: who waits for whom, and how they end."""

import asyncio
import gc
import os
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.local import partials
from adapters.local.storage import WRITERS, LocalStorage
from adapters.local.threads import Threads

pytestmark = pytest.mark.anyio


async def body() -> AsyncIterator[bytes]:
    yield b"bytes"


async def test_a_cancellation_waits_for_the_thread_however_often_it_comes() -> None:
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


async def test_what_goes_wrong_after_a_cancellation_is_no_news_to_the_loop() -> None:
    loop, begun, go_on = asyncio.get_running_loop(), asyncio.Event(), threading.Event()
    threads, news = Threads("test", 1), list[object]()
    loop.set_exception_handler(lambda _, context: news.append(context))

    def work() -> None:
        loop.call_soon_threadsafe(begun.set)
        go_on.wait()
        raise PermissionError

    running = asyncio.create_task(threads.run("a.mp3", work))
    await begun.wait()
    running.cancel()
    await asyncio.sleep(0)
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await running
    await threads.close()
    del running
    gc.collect()
    assert news == []


async def test_slow_writes_hold_up_neither_those_who_read_nor_anybody_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage, publish = LocalStorage(tmp_path), partials.publish
    loop, stuck, go_on = asyncio.get_running_loop(), asyncio.Semaphore(0), threading.Event()
    await storage.put("before.mp3", body(), "audio/mpeg")

    def publish_slowly(root: Path, partial: partials.Partial, key: str) -> os.stat_result:
        loop.call_soon_threadsafe(stuck.release)
        go_on.wait()
        return publish(root, partial, key)

    monkeypatch.setattr(partials, "publish", publish_slowly)
    putting = [asyncio.create_task(storage.put(f"{number}.mp3", body(), "audio/mpeg")) for number in range(40)]
    async with asyncio.timeout(30):
        for _ in range(WRITERS):
            await stuck.acquire()
        os.close((await storage.open("before.mp3")).descriptor)
        await storage.check()
        assert await asyncio.to_thread(lambda: "free") == "free"
    assert not any(task.done() for task in putting)
    go_on.set()
    await asyncio.gather(*putting)


async def test_closing_finishes_what_was_begun_and_ends_the_threads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loop, storage, sweep = asyncio.get_running_loop(), LocalStorage(tmp_path), partials.sweep
    begun, go_on = asyncio.Event(), threading.Event()
    before = set(threading.enumerate())

    def sweep_slowly(root: Path, *, remove: bool) -> int:
        loop.call_soon_threadsafe(begun.set)
        go_on.wait()
        return sweep(root, remove=remove)

    monkeypatch.setattr(partials, "sweep", sweep_slowly)
    sweeping = asyncio.create_task(storage.sweep())
    await begun.wait()
    closing = asyncio.create_task(storage.close())
    await asyncio.sleep(0)
    go_on.set()
    await closing
    assert await sweeping == 0
    assert not [thread for thread in set(threading.enumerate()) - before if thread.name.startswith("storage")]
