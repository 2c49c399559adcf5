"""A worker in a process of its own, as a user runs it, with an ffmpeg that waits where a test wants it to."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from msgspec import Struct

from entrypoints.commands.clip import make_clip
from tests.clips import binaries
from tests.integration.server.process import SECRET, Server, lean_environment, running_server, wait_for
from tests.integration.worker.proxy import Proxy

WAITING_FFMPEG = """#!/bin/sh
case "$*" in *-i*)
  echo $$ >> "{folder}/started"
  while [ -e "{folder}/hold" ]; do sleep 0.02; done ;;
esac
exec "{ffmpeg}" "$@"
"""


class Worker(Struct, frozen=True):
    """A running worker: its process, its folder, its log."""

    process: "subprocess.Popen[bytes]"
    folder: Path

    def lines(self) -> list[dict[str, Any]]:
        """Return what it has logged."""
        return [json.loads(line) for line in (self.folder / "worker.log").read_text().splitlines() if line.startswith("{")]

    def logged(self, event: str) -> int:
        """Count the lines of this event."""
        return sum(line["event"] == event for line in self.lines())

    def is_at_work(self) -> bool:
        """Say whether its ffmpeg runs, held or not."""
        return (self.folder / "started").exists()

    def ffmpegs(self) -> list[int]:
        """Return the ids of the ffmpegs that it has started and that are still there."""
        started = map(int, (self.folder / "started").read_text().split())
        return [number for number in started if Path(f"/proc/{number}/cmdline").exists() and _lives(number)]

    def go_on(self) -> None:
        """Let its ffmpeg go on, and wait no more."""
        (self.folder / "hold").unlink()

    def kept(self) -> list[Path]:
        """Return the reports that it keeps."""
        return list((self.folder / "data" / "worker" / "reports").glob("*.json"))

    def scratch(self) -> list[Path]:
        """Return its folders of work in progress."""
        return list((self.folder / "data" / "worker" / "scratch").glob("*"))

    def kill(self) -> None:
        """End the process as a power cut does: no handler runs."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


@contextmanager
def running_worker(folder: Path, server: str, *options: str, hold: bool = False) -> Iterator[Worker]:
    """Start `greenroom worker` in the folder, and stop it at the end. With `hold` its ffmpeg waits until told to go on."""
    folder.mkdir(exist_ok=True)
    (folder / "started").unlink(missing_ok=True)
    (folder / "hold").unlink(missing_ok=True)
    if hold:
        (folder / "hold").touch()
    own = {"INTERNAL_WEBHOOK_SECRET": SECRET, "FFMPEG_PATH": str(_ffmpeg(folder)), "PATH": os.environ["PATH"]}
    environment = own | {"PYTHONPATH": lean_environment()["PYTHONPATH"]}
    command = [sys.executable, "-m", "entrypoints", "worker", "--server", server, "--name", folder.name, *options]
    with (
        (folder / "worker.log").open("wb") as log,
        subprocess.Popen(command, env=environment, cwd=folder, stdout=log, stderr=log) as process,
    ):
        worker = Worker(process, folder)
        try:
            wait_for(lambda: b"working" in (folder / "worker.log").read_bytes(), "the worker to start")
            yield worker
        finally:
            process.send_signal(signal.SIGCONT)
            process.kill()
            (folder / "hold").unlink(missing_ok=True)  # an ffmpeg that has lost its worker ends by itself, once it goes on


@contextmanager
def serving(folder: Path, proxy: Proxy | None = None, **environment: str) -> Iterator[tuple[Server, httpx.Client]]:
    """Run a server whose jobs wait for workers; they reach it by the proxy, where there is one."""
    told = environment | ({"GREENROOM_PUBLIC_URL": proxy.url} if proxy else {})
    with running_server(folder, (), GREENROOM_DISPATCH="pull", **told) as server:
        if proxy:
            proxy.target = int(server.url.rpartition(":")[2])
        with httpx.Client(base_url=server.url, timeout=30) as client:
            yield server, client


def upload(client: httpx.Client, folder: Path) -> tuple[str, str]:
    """Upload a clip; return the ids of the asset and of its job."""
    clip = folder / "clip.wav"
    if not clip.exists():
        make_clip(clip, syllables=8)
    made = client.post("/api/audio/assets?filename=clip.wav", content=clip.read_bytes()).json()
    return made["asset"]["id"], made["job"]["id"]


def job_of(client: httpx.Client, job: str) -> Any:
    """Read a job."""
    return client.get(f"/api/jobs/{job}").json()


def outcomes(client: httpx.Client, job: str) -> list[str]:
    """Return how the job's attempts ended."""
    return [attempt["outcome"] for attempt in job_of(client, job)["attempts"]]


def wait_until(client: httpx.Client, job: str, status: str, seconds: float = 30) -> None:
    """Return when the job has this status."""
    wait_for(lambda: job_of(client, job)["status"] == status, f"job {job} to be {status}", seconds)


def _ffmpeg(folder: Path) -> Path:
    path = folder / "ffmpeg"
    path.write_text(WAITING_FFMPEG.format(folder=folder, ffmpeg=next(iter(binaries().values()))))
    path.chmod(0o755)
    return path


def _lives(number: int) -> bool:
    """Tell a process from its remains, which nobody has asked for yet."""
    state = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
    return state != "Z"
