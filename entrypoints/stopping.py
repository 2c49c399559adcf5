"""Hearing that the process is told to stop, from the signal itself.

A server first waits until its answers are sent and then ends the application's lifespan: an answer that goes on until it hears of
the stop, an event stream say, must hear of it before that.
"""

import asyncio
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from types import FrameType
from typing import Any, TypeAlias

Handler: TypeAlias = Callable[[int, FrameType | None], Any] | int | None

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


def leave_in_any_case(seconds: float) -> None:
    """See that the process ends, well, after so many seconds.

    A name that is being looked up, or a disk that hangs, holds a thread that can't be stopped, and Python waits for its threads.
    """
    leaving = threading.Timer(seconds, os._exit, (0,))
    leaving.daemon = True
    leaving.start()


@contextmanager
def told_to_stop() -> Iterator[asyncio.Event]:
    """Yield an event that SIGTERM and SIGINT set; then they do what they did before, and at the end they do only that.

    Outside the main thread nobody hears signals: there the event is not set.
    """
    told, loop = asyncio.Event(), asyncio.get_running_loop()

    def tell() -> None:
        with suppress(RuntimeError):  # a closed loop has nobody left to tell
            loop.call_soon_threadsafe(told.set)

    with ExitStack() as listening:
        if threading.current_thread() is threading.main_thread():
            for number in _SIGNALS:
                listening.enter_context(_hooked(number, tell))
        yield told


@contextmanager
def _hooked(number: signal.Signals, tell: Callable[[], None]) -> Iterator[None]:
    before: Handler = signal.getsignal(number)

    def handle(signum: int, frame: FrameType | None) -> None:
        tell()
        _go_on(before, signum, frame)

    # None is a handler that Python did not set and could not set again.
    if before is not None:
        signal.signal(number, handle)
    yield
    if signal.getsignal(number) is handle:
        signal.signal(number, before)


def _go_on(before: Handler, signum: int, frame: FrameType | None) -> None:
    if callable(before):
        before(signum, frame)
    elif before == signal.SIG_DFL:
        signal.signal(signum, signal.SIG_DFL)
        signal.raise_signal(signum)
