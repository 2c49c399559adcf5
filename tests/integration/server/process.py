"""A server in a process of its own, on a free port, as a user runs it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
from msgspec import Struct

from tests.services.freeport import free_port

SECRET = "a secret of this test"
STARTS_WITHIN = 30
ROOT = Path(__file__).parents[3]
LEAN = ROOT / "tests" / "services" / "lean"


class Server(Struct, frozen=True):
    """A running server: its address, its process, its data, its log."""

    url: str
    process: "subprocess.Popen[bytes]"
    data: Path
    log: Path

    def report(self, client: httpx.Client, **body: object) -> httpx.Response:
        """Send a callback."""
        return client.post(f"{self.url}/api/webhooks/worker", json=body, headers={"Authorization": f"Bearer {SECRET}"})

    def kill(self) -> None:
        """End the process as a power cut does: no handler runs."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


@contextmanager
def running_server(
    folder: Path, prefix: tuple[str, ...] = (), arguments: tuple[str, ...] = (), /, **environment: str
) -> Iterator[Server]:
    """Start `greenroom serve` with the arguments on the data in `folder`, wait until it is ready, and stop it at the end."""
    port = free_port()
    log = folder / "server.log"
    command = [*prefix, sys.executable, "-m", "entrypoints", "serve", "--port", str(port), *arguments]
    own = {"GREENROOM_DATA_DIR": str(folder / "data"), "INTERNAL_WEBHOOK_SECRET": SECRET}
    with (
        log.open("ab") as output,
        subprocess.Popen(
            command, env=lean_environment() | own | environment, cwd=folder, stdout=output, stderr=output
        ) as process,
    ):
        server = Server(f"http://127.0.0.1:{port}", process, folder / "data", log)
        try:
            wait_for(lambda: _is_ready(server), f"the server to be ready: {log}")
            yield server
        finally:
            process.send_signal(signal.SIGCONT)  # a test that fails may leave it suspended, and then it would never end
            process.terminate()


OURS = ("GREENROOM_", "INTERNAL_", "REDIS_", "R2_", "AWS_")


def clean_environment() -> dict[str, str]:
    """Return this process's environment without settings of ours; our code is found wherever the process starts."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    return inherited | {"PYTHONPATH": str(ROOT)}


def lean_environment() -> dict[str, str]:
    """Return it without the packages that only tests and the bench need, too."""
    return clean_environment() | {"PYTHONPATH": f"{ROOT}{os.pathsep}{LEAN}"}


def wait_for(condition: Callable[[], bool], what: str, seconds: float = STARTS_WITHIN) -> None:
    """Return as soon as the condition holds. Fail if it does not within so many seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.02)


def _is_ready(server: Server) -> bool:
    assert server.process.poll() is None, server.log.read_text()
    with suppress(httpx.TransportError):
        return httpx.get(f"{server.url}/readyz", verify=False).is_success  # certificates take longer to load than all the rest
    return False
