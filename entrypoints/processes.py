"""The processes that serve an address: one, or several together for a machine with more cores than one can use."""

import gc
import multiprocessing
import os
import signal
import threading
import time
from socket import socket

from litestar import Litestar
from uvicorn import Config
from uvicorn.supervisors.multiprocess import SIGNALS, Multiprocess, Process

from entrypoints.settings import Settings
from entrypoints.stopping import leave_in_any_case
from entrypoints.web.app import create_app

SEARCH_EVERY = 20_000
"""Objects that come about until Python looks which of them can be freed: by default that is every few requests."""

ENDED_WITHIN = 20
"""Seconds that the others have to end, once the first is told to stop; then they are killed."""

ALL_GONE_WITHIN = 25
"""Seconds after which the first is gone in any case: one that waits for a dead disk can't even be killed."""

FOLLOW_WITHIN = 10
"""Seconds after which a process is gone whose first one is: nobody else is left to end it."""


class Processes(Multiprocess):
    """Starts the others, hands them the socket, puts another in the place of one that dies, and ends with them."""

    def __init__(self, config: Config, sockets: list[socket]) -> None:
        super().__init__(config, sockets)
        for number in SIGNALS.keys() - {signal.SIGINT, signal.SIGTERM}:  # they mean what they mean to one process
            signal.signal(number, signal.SIG_DFL)

    def keep_subprocess_alive(self) -> None:
        """Put another in the place of each that died. One that can't start is tried again: the others go on meanwhile."""
        for place, process in enumerate(self.processes):
            if not self.should_exit.is_set() and not process.is_alive(timeout=self.config.timeout_worker_healthcheck):
                process.kill()
                process.join()
                self.processes[place] = Process(self.config, self.sockets)
                self.processes[place].start()

    def terminate_all(self) -> None:
        """End the others, and oneself in any case."""
        leave_in_any_case(ALL_GONE_WITHIN)
        super().terminate_all()

    def join_all(self) -> None:
        """Wait for the others, and kill those that hang."""
        deadline = time.monotonic() + ENDED_WITHIN
        for process in self.processes:
            process.process.join(max(0.0, deadline - time.monotonic()))
            process.process.kill()
            process.process.join()


def serving(settings: Settings) -> Litestar:
    """Return the application of a process that does nothing else, and spares what it starts with."""
    app = create_app(settings)
    app.on_startup.append(_spare_what_stays)
    return app


def one_of_many(settings: Settings) -> Litestar:
    """Return the application of a process that ends when the one that started it does, even if that one is killed."""
    threading.Thread(target=_end_with_the_first, name="end-with-the-first", daemon=True).start()
    return serving(settings)


def _spare_what_stays() -> None:
    """Look no more through what is there before the first request, for it stays.

    To search it for what can be freed held up all requests for some 50 ms, again and again: without that, a third more callbacks
    are answered.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(SEARCH_EVERY, 10, 10)


def _end_with_the_first() -> None:
    first = multiprocessing.parent_process()
    if first is not None:
        first.join()
        leave_in_any_case(FOLLOW_WITHIN)
        os.kill(os.getpid(), signal.SIGTERM)
