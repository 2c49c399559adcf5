"""Ports that nobody listens at."""

import os
import random
from contextlib import suppress
from itertools import cycle
from socket import create_server

_FIRST, _LAST = 10_000, 32_768
"""What Linux gives to connections begins behind them (`ip_local_port_range`): one of those may go to somebody else meanwhile."""

_SHARES = 16


def _share() -> list[int]:
    """Return the ports of this process alone among those that run tests together, in an order of its own."""
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    ports = list(range(_FIRST + number % _SHARES, _LAST, _SHARES))
    random.shuffle(ports)
    return ports


_ports = cycle(_share())


def free_port() -> int:
    """Return one that is free, and that is given to nobody else of the same run before all others have been."""
    for port in _ports:
        with suppress(OSError), create_server(("127.0.0.1", port)):
            return port
    raise AssertionError("ports go round")
