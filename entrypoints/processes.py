"""The processes that serve an address: one, or several together for a machine with more cores than one can use."""

import gc
import multiprocessing
import os
import signal
import threading

from litestar import Litestar
from uvicorn.supervisors import Multiprocess

from entrypoints.settings import Settings
from entrypoints.stopping import leave_in_any_case
from entrypoints.web.app import create_app

SEARCH_EVERY = 20_000
"""Objects that come about until Python looks which of them can be freed: its 700 are those of a few requests."""

GONE_WITHIN = 25
"""Seconds after which the first process is gone that was told to stop: the others have ended by then, or hang."""

FOLLOW_WITHIN = 10
"""Seconds after which a process is gone whose first one is: nobody else is left to end it."""


class Processes(Multiprocess):
    """Starts the others, hands them the socket, puts another in the place of one that dies, and ends with them."""

    def terminate_all(self) -> None:
        """End the others, and oneself in any case."""
        leave_in_any_case(GONE_WITHIN)
        super().terminate_all()


def the_only_one(settings: Settings) -> Litestar:
    """Return the application of a process that does nothing else."""
    app = create_app(settings)
    app.on_startup.append(_spare_what_stays)
    return app


def one_of_many(settings: Settings) -> Litestar:
    """Return the application of a process that ends when the one that started it does, even if that one is killed."""
    threading.Thread(target=_end_with_the_first, name="end-with-the-first", daemon=True).start()
    return the_only_one(settings)


def _spare_what_stays() -> None:
    """Look no more through what is there before the first request, for it stays.

    To search it for what can be freed held up all requests for some 50 ms, again and again, and cost a third of the callbacks.
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
