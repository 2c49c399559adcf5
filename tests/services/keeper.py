"""Keeps one server running for as long as the tests do: `python -m tests.services.keeper KIND FOLDER PID`."""

import os
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from tests.services.running import tell
from tests.services.served import NotServed, Served
from tests.services.ways import Way, ways


def keep(kind: str, folder: Path, controller: int) -> None:
    """Run the server, say where it is once it answers, and end it when the process that the tests belong to is gone.

    Raise NotServed if no way leads to one.
    """
    place = folder / kind
    place.mkdir()
    with ExitStack() as running:
        tell(_first(ways(kind), place, running), folder / f"{kind}.json")
        while _lives(controller):
            time.sleep(0.25)


def _first(possible: Sequence[Way], place: Path, running: ExitStack) -> Served:
    reasons = []
    for way in possible:
        try:
            return running.enter_context(way(place))
        except NotServed as error:
            reasons.append(str(error))
    raise NotServed("; ".join(reasons))


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


if __name__ == "__main__":
    try:
        keep(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
    except NotServed as error:
        sys.exit(str(error))
