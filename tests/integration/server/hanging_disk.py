"""A server on a disk that hangs: run with the port, and the seconds in which it must end."""

import sys
import threading
import time

from entrypoints import server
from entrypoints.metrics.ledger import Ledger
from entrypoints.settings import load_settings

WRITE = Ledger.write


def write(ledger: Ledger) -> None:
    """Write; from beside the event loop for ever, in a thread that nobody can stop."""
    if threading.current_thread() is threading.main_thread():
        WRITE(ledger)
        return
    sys.stdout.write("hanging\n")
    sys.stdout.flush()
    time.sleep(60)


if __name__ == "__main__":
    setattr(Ledger, "write", write)  # noqa: B010  (the checkers know it as a method)
    server.GONE_WITHIN = int(sys.argv[2])
    server.serve_until_stopped(load_settings(), "127.0.0.1", int(sys.argv[1]))
