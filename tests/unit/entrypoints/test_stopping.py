"""Hearing a signal without taking it from whoever heard it before."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from entrypoints.stopping import told_to_stop

ROOT = Path(__file__).parents[3]
SIGNALS = [signal.SIGTERM, signal.SIGINT]


class Server:
    """Hears signals as a web server does that stands around the application."""

    def __init__(self) -> None:
        self.heard: list[int] = []

    def handle(self, number: int, _: object) -> None:
        self.heard.append(number)


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    before = {number: signal.signal(number, server.handle) for number in SIGNALS}
    yield server
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.anyio
async def test_a_signal_sets_the_event_and_is_heard_as_before(server: Server, number: int) -> None:
    with told_to_stop() as stopping:
        assert not stopping.is_set()
        signal.raise_signal(number)
        async with asyncio.timeout(10):
            await stopping.wait()
    assert server.heard == [number]


@pytest.mark.anyio
async def test_afterwards_signals_are_heard_as_before(server: Server) -> None:
    with told_to_stop() as stopping:
        pass
    for number in SIGNALS:
        assert signal.getsignal(number) == server.handle
        signal.raise_signal(number)
    await asyncio.sleep(0)
    assert server.heard == SIGNALS
    assert not stopping.is_set()


@pytest.mark.anyio
async def test_two_in_one_process_both_hear_it_in_whatever_order_they_end(server: Server) -> None:
    one, two = told_to_stop(), told_to_stop()
    first, second = one.__enter__(), two.__enter__()
    one.__exit__(None, None, None)
    signal.raise_signal(signal.SIGTERM)
    async with asyncio.timeout(10):
        await second.wait()
        await first.wait()
    two.__exit__(None, None, None)
    assert server.heard == [signal.SIGTERM]


@pytest.mark.anyio
async def test_outside_the_main_thread_signals_are_left_alone(server: Server) -> None:
    async def enter() -> bool:
        with told_to_stop() as stopping:
            return stopping.is_set() or signal.getsignal(signal.SIGTERM) != server.handle

    assert await asyncio.to_thread(asyncio.run, enter()) is False


def test_a_signal_after_the_loop_is_closed_harms_nobody() -> None:
    program = """
import asyncio, signal
from entrypoints.stopping import told_to_stop
signal.signal(signal.SIGTERM, lambda *_: print("heard"))
hook = told_to_stop()
async def main():
    hook.__enter__()
asyncio.run(main())
signal.raise_signal(signal.SIGTERM)
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("heard\n", "")


def test_where_nobody_heard_it_before_the_signal_ends_the_process() -> None:
    program = """
import asyncio, signal
from entrypoints.stopping import told_to_stop
async def main():
    with told_to_stop():
        signal.raise_signal(signal.SIGTERM)
        print("still there")
asyncio.run(main())
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (-signal.SIGTERM, "")
