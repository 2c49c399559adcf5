"""The README's own command lines, pasted one after the other into a shell."""

import json
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from entrypoints.commands.clip import make_clip
from tests.integration.server.process import SECRET, Server, running_server, wait_for

README = (Path(__file__).parents[3] / "README.md").read_text()


def lines(title: str) -> list[str]:
    """Return the curl lines of a chapter, continued ones joined."""
    chapter = README.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]
    return [line for line in re.sub(r"\\\n\s*", "", chapter).splitlines() if line.startswith("curl ")]


def pasted(line: str, server: Server, folder: Path, **ids: str) -> str:
    """Run a line as its reader would: at this server, with the ids of earlier answers. Fail unless it is answered well."""
    for name, value in ids.items():
        line = line.replace(name, value)
    line = line.replace("http://127.0.0.1:8000", server.url)
    environment = {"INTERNAL_WEBHOOK_SECRET": SECRET, "PATH": "/usr/local/bin:/usr/bin:/bin"}
    ran = subprocess.run(
        f"{line} -sS --fail-with-body", shell=True, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, (line, ran.stdout, ran.stderr)
    return ran.stdout


def test_upload_wait_and_listen(tmp_path: Path) -> None:
    make_clip(tmp_path / "talk.wav", syllables=12)
    upload, read, listen = lines("Run it")
    with running_server(tmp_path) as server, httpx.Client() as client:
        made = json.loads(pasted(upload, server, tmp_path))
        ids = {"JOB_ID": made["job"]["id"], "ASSET_ID": made["asset"]["id"]}
        wait_for(lambda: client.get(f"{server.url}/api/jobs/{ids['JOB_ID']}").json()["status"] == "complete", "the job to end")
        assert json.loads(pasted(read, server, tmp_path, **ids))["status"] == "complete"
        pasted(listen, server, tmp_path, **ids)
    assert (tmp_path / "prepared.mp3").stat().st_size > 10_000


def test_follow_a_job(tmp_path: Path) -> None:
    [follow] = lines("Follow a job")
    with running_server(tmp_path, GREENROOM_DISPATCH="pull") as server, httpx.Client() as client:
        job = client.post(f"{server.url}/api/jobs", json={"params": {}}).json()["id"]
        server.report(client, jobId=job, status="complete")
        told = pasted(follow, server, tmp_path, JOB_ID=job)
    assert re.search(r'^event: job\nid: \d+\ndata: {"id":"[^"]+","kind":"render","status":"complete",', told, re.MULTILINE), told


def test_a_worker_elsewhere(tmp_path: Path) -> None:
    order, report = lines("A worker elsewhere")
    with running_server(tmp_path, GREENROOM_DISPATCH="pull") as server, httpx.Client() as client:
        job = json.loads(pasted(order, server, tmp_path))["id"]
        assert json.loads(pasted(report, server, tmp_path, JOB_ID=job)) == {"success": True}
        assert client.get(f"{server.url}/api/jobs/{job}").json()["result"] == {"any": "thing"}


@pytest.mark.parametrize("line", re.findall(r"`?\.venv/bin/greenroom (prepare [^`\n]*)", README))
def test_prepare_without_a_server(tmp_path: Path, line: str) -> None:
    make_clip(tmp_path / "talk.wav", syllables=12)
    command = Path(sys.executable).with_name("greenroom")
    subprocess.run(f"{command} {line}", shell=True, cwd=tmp_path, capture_output=True, check=True)
    assert (tmp_path / "talk.prepared.m4a").exists()
