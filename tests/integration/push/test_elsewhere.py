"""The main job with real audio on a machine that tickets are sent to: the Modal app's own code, without Modal."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from adapters.ffmpeg.locate import locate
from tests.integration.push.endpoint import TOKEN, pushing
from tests.integration.server.process import lean_environment, wait_for
from tests.integration.worker.process import job_of, outcomes, upload, wait_until
from tests.integration.worker.proxy import running_proxy
from tests.services.freeport import free_port

CREDENTIALS = ("R2_", "AWS_", "REDIS", "INTERNAL_WEBHOOK", "GREENROOM")


@contextmanager
def running_elsewhere(folder: Path) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """Run the endpoint in a process that knows a token and an ffmpeg, and nothing else of ours."""
    folder.mkdir()
    port = free_port()
    command = [sys.executable, "-m", "tests.integration.push.elsewhere", str(port), TOKEN]
    own = {"PATH": os.environ["PATH"], "TMPDIR": str(folder), "FFMPEG_PATH": str(locate(None))}
    environment = own | {"PYTHONPATH": lean_environment()["PYTHONPATH"]}
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(command, env=environment, cwd=folder, stdout=log, stderr=log) as process,
    ):
        try:
            url = f"http://127.0.0.1:{port}/"
            wait_for(lambda: answers(url), f"the endpoint to listen: {folder / 'log'}")
            yield url, process
        finally:
            process.kill()


def answers(url: str) -> bool:
    with suppress(httpx.TransportError):
        return httpx.post(url, json={}).status_code == 401
    return False


def test_a_file_is_prepared_where_tickets_are_sent_to_which_needs_no_credentials(tmp_path: Path) -> None:
    with (
        running_proxy() as proxy,
        running_elsewhere(tmp_path / "elsewhere") as (url, process),
        pushing(tmp_path, url, proxy) as (_, client),
    ):
        proxy.loses_answers = b'"complete"'
        asset, job = upload(client, tmp_path)
        wait_until(client, job, "complete")
        proxy.loses_answers = None
        assert outcomes(client, job) == ["complete"]
        assert job_of(client, job)["result"]["after"]["loudnessLufs"] == pytest.approx(-16, abs=0.5)
        prepared = client.get(f"/api/audio/assets/{asset}/stream?variant=prepared", follow_redirects=True)
        assert prepared.headers["content-type"] == "audio/mpeg"
        known = Path(f"/proc/{process.pid}/environ").read_text().split("\0")
        assert not [name for name in known if name.startswith(CREDENTIALS)]
        wait_for(lambda: not list((tmp_path / "elsewhere").glob("tmp*")), "its folder to be gone")


def test_a_render_ticket_fails_its_job_in_the_endpoints_words(tmp_path: Path) -> None:
    with (
        running_proxy() as proxy,
        running_elsewhere(tmp_path / "elsewhere") as (url, _),
        pushing(tmp_path, url, proxy) as (_, client),
    ):
        job = client.post("/api/jobs", json={"params": {}}).json()["id"]
        wait_until(client, job, "failed")
        assert job_of(client, job)["error"].endswith("(422): This worker prepares audio, and does no render")
