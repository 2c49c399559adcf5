"""The complete worker of docs/worker.md, run as it stands there against a real server."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from entrypoints.commands.clip import make_clip
from tests.clips import binaries
from tests.integration.server.process import SECRET, running_server, wait_for

PAGE = (Path(__file__).parents[3] / "docs" / "worker.md").read_text()
SLOW = "#!/bin/sh\ntouch begun\nexec sleep 60\n"


@contextmanager
def small_worker(folder: Path, url: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Run it with the `ffmpeg` that is in the folder."""
    [text] = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    script = folder / "worker.py"
    script.write_text(text)
    environment = {"INTERNAL_WEBHOOK_SECRET": SECRET, "PATH": f"{folder}:{os.environ['PATH']}"}
    with subprocess.Popen([sys.executable, script, url], env=environment, cwd=folder) as worker:
        try:
            yield worker
        finally:
            worker.kill()


def order(folder: Path, client: httpx.Client) -> tuple[str, str]:
    make_clip(folder / "talk.wav", syllables=6)
    made = client.post("/api/audio/assets?filename=talk.wav", content=(folder / "talk.wav").read_bytes()).json()
    return made["asset"]["id"], made["job"]["id"]


def job(client: httpx.Client, job_id: str) -> Any:
    return client.get(f"/api/jobs/{job_id}").json()


def test_the_small_worker_prepares_audio(tmp_path: Path) -> None:
    (tmp_path / "ffmpeg").symlink_to(next(iter(binaries().values())))
    with running_server(tmp_path, GREENROOM_DISPATCH="pull") as server, httpx.Client(base_url=server.url) as client:
        with small_worker(tmp_path, server.url):
            asset, prepared = order(tmp_path, client)
            wait_for(lambda: job(client, prepared)["status"] != "queued", "the job to start")
            wait_for(lambda: job(client, prepared)["status"] != "processing", "the job to end")
        found = job(client, prepared)
        assert (found["status"], found["result"]) == ("complete", {"by": "loudnorm"}), json.dumps(found)
        heard = client.get(f"/api/audio/assets/{asset}/stream?variant=prepared", follow_redirects=True)
        assert (heard.headers["content-type"], len(heard.content) > 10_000) == ("audio/mpeg", True)


@pytest.mark.parametrize("end", ["cancelled", "told to stop"])
def test_the_small_worker_stops_when_it_should(tmp_path: Path, end: str) -> None:
    (tmp_path / "ffmpeg").write_text(SLOW)
    (tmp_path / "ffmpeg").chmod(0o755)
    settings = {"GREENROOM_DISPATCH": "pull", "GREENROOM_LEASE": "1"}
    with running_server(tmp_path, (), **settings) as server, httpx.Client(base_url=server.url) as client:
        _, slow = order(tmp_path, client)
        with small_worker(tmp_path, server.url) as worker:
            wait_for((tmp_path / "begun").exists, "the job to start")
            if end == "cancelled":
                client.post(f"/api/jobs/{slow}/cancel").raise_for_status()
                _, following = order(tmp_path, client)
                wait_for(lambda: job(client, following)["status"] == "processing", "the next job to start")
                return
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(10) == 0
            found = job(client, slow)["attempts"][0]
            assert (found["outcome"], found["message"]) == ("released", "The worker was told to stop")
