"""Keeps one server running for as long as the tests do: `python -m tests.services.keeper KIND FOLDER PID`."""

import os
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path

import msgspec

from tests.services.running import Served
from tests.services.seaweed import seaweed
from tests.services.valkey import valkey, valkey_cluster

KINDS: Mapping[str, Callable[[Path], AbstractContextManager[Served]]] = {
    "redis": valkey,
    "redis-cluster": valkey_cluster,
    "s3": seaweed,
}


def keep(kind: str, folder: Path, controller: int) -> None:
    """Run the server, say where it is once it answers, and end it when the process that the tests belong to is gone."""
    place = folder / kind
    place.mkdir()
    with KINDS[kind](place) as server:
        draft = folder / f"{kind}.draft"
        draft.write_bytes(msgspec.json.encode(server))
        draft.rename(folder / f"{kind}.json")
        while _lives(controller):
            time.sleep(0.25)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


if __name__ == "__main__":
    keep(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
