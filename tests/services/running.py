"""Real servers for the tests: each started once a run, by the process that needs it first, and ended with the run."""

import fcntl
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0


class Served(Struct, frozen=True):
    """A server that runs: where it is, with which credentials where it wants some, and what it is, in words."""

    url: str
    by: str
    key: str = ""
    secret: str = ""


class NotServed(Exception):
    """A server can't be had; the sentence says why."""


def served(kind: str, folder: Path) -> Served:
    """Return the run's server of this kind. `folder` is the run's own. Raise NotServed."""
    with _alone(folder / f"{kind}.lock"):
        told = folder / f"{kind}.json"
        if not told.exists():
            _start(kind, folder, told)
    return Served(**json.loads(told.read_text()))


def _start(kind: str, folder: Path, told: Path) -> None:
    run = os.environ.get("PYTEST_XDIST_WORKER")
    controller = os.getppid() if run else os.getpid()
    with (folder / f"{kind}.log").open("wb") as log:
        keeper = subprocess.Popen(
            [sys.executable, "-m", "tests.services.keeper", kind, str(folder), str(controller)],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    deadline = time.monotonic() + PATIENCE
    while not told.exists():
        if keeper.poll() is not None or time.monotonic() > deadline:
            raise NotServed(f"No {kind} can be had: {(folder / f'{kind}.log').read_text()[-2000:]}")
        time.sleep(0.02)
    keeper.returncode = 0  # it outlives this process, on purpose: nobody is to warn of that


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
