"""Real servers for the tests: each started once a run, by the process that needs it first, and ended with the run."""

import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from tests.services.given import given
from tests.services.served import NotServed, Served

__all__ = ["NotServed", "Served", "served", "tell"]

ROOT = Path(__file__).parents[2]
PATIENCE = 110.0


def served(kind: str, folder: Path) -> Served:
    """Return the run's server of this kind. `folder` is the run's own. Raise NotServed, to all who ask in this run."""
    told, refused = folder / f"{kind}.json", folder / f"{kind}.refused"
    with _alone(folder / f"{kind}.lock"):
        if not told.exists() and not refused.exists():
            try:
                _have(kind, folder, told)
            except NotServed as error:
                refused.write_text(str(error))
    if refused.exists():
        raise NotServed(refused.read_text())
    return msgspec.json.decode(told.read_bytes(), type=Served)


def tell(server: Served, told: Path) -> None:
    """Say where the server is, all at once."""
    draft = told.with_suffix(".draft")
    draft.write_bytes(msgspec.json.encode(server))
    draft.rename(told)


def _have(kind: str, folder: Path, told: Path) -> None:
    named = given(kind)
    if named is None:
        _start(kind, folder, told)
    else:
        tell(named, told)


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
            raise NotServed(_why(kind, folder))
        time.sleep(0.02)
    keeper.returncode = 0  # it outlives this process, on purpose: nobody is to warn of that


def _why(kind: str, folder: Path) -> str:
    """Return the keeper's last words."""
    said = (folder / f"{kind}.log").read_text(errors="replace").strip().splitlines() or ["its keeper said nothing"]
    return f"No {kind} can be had for the tests: {said[-1]}"


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
