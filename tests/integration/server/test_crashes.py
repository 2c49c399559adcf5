"""The server is killed at any moment: what was acknowledged is there afterwards, and every job ends."""

import io
import os
import re
import shutil
import subprocess
import sys
import threading
import wave
from pathlib import Path

import httpx
import pytest

from entrypoints.commands.clip import make_clip
from tests.integration.server.process import running_server, wait_for


def test_no_acknowledged_callback_is_lost_when_the_server_is_killed(tmp_path: Path) -> None:
    acknowledged: list[str] = []
    with running_server(tmp_path, GREENROOM_DISPATCH="pull") as server:
        with httpx.Client(base_url=server.url) as client:
            jobs = [client.post("/api/jobs", json={"params": {}}).json()["id"] for _ in range(300)]

        def pour(mine: list[str]) -> None:
            with httpx.Client(timeout=10) as client:
                for job in mine:
                    try:
                        answer = server.report(client, jobId=job, status="complete", result={"job": job})
                    except httpx.TransportError:
                        return
                    assert answer.status_code == 200
                    acknowledged.append(job)

        pourers = [threading.Thread(target=pour, args=(jobs[start::6],)) for start in range(6)]
        for pourer in pourers:
            pourer.start()
        wait_for(lambda: len(acknowledged) >= 60, "callbacks to pour in")
        server.kill()
        for pourer in pourers:
            pourer.join()

    assert 60 <= len(acknowledged) < 300
    with running_server(tmp_path, GREENROOM_DISPATCH="pull") as server, httpx.Client(base_url=server.url) as client:
        kept = {job: client.get(f"/api/jobs/{job}").json() for job in jobs}
        assert all(kept[job]["status"] == "complete" and kept[job]["result"] == {"job": job} for job in acknowledged)
        rest = [job for job in jobs if kept[job]["status"] == "queued"]
        assert {server.report(client, jobId=job, status="complete").status_code for job in rest} <= {200}


def test_every_2xx_leaves_after_its_fsync(tmp_path: Path) -> None:
    strace = shutil.which("strace")
    if strace is None and not os.environ.get("CI"):
        pytest.skip("strace is not installed")
    assert strace, "strace must be there in CI"
    trace = tmp_path / "trace"
    watched = "trace=pwrite64,write,writev,fsync,fdatasync,sendto,sendmsg"
    prefix = (strace, "-D", "-f", "-yy", "-s", "40", "-e", watched, "-o", str(trace))
    with (
        running_server(tmp_path, prefix, GREENROOM_DISPATCH="pull") as server,
        httpx.Client(base_url=server.url, timeout=30) as client,
    ):
        jobs = [client.post("/api/jobs", json={"params": {}}).json()["id"] for _ in range(20)]
        for job in jobs:
            assert server.report(client, jobId=job, status="complete").status_code == 200
    answers, early = _judged(trace.read_text(errors="replace"))
    assert answers >= 40
    assert early == 0


def test_a_job_whose_server_was_killed_is_finished_by_the_next_one(tmp_path: Path) -> None:
    with running_server(tmp_path) as server, httpx.Client(base_url=server.url, timeout=30) as client:
        job = client.post("/api/audio/assets", content=long_clip(tmp_path)).json()["job"]["id"]
        scratch = server.data / "scratch"
        wait_for(lambda: scratch.is_dir() and any(scratch.iterdir()), "the job to start")
        server.kill()
    assert any(scratch.iterdir())
    _let_leases_end(server.data / "greenroom.db")
    with running_server(tmp_path) as server, httpx.Client(base_url=server.url, timeout=30) as client:
        wait_for(lambda: client.get(f"/api/jobs/{job}").json()["status"] == "complete", "the job to end", seconds=60)
        told = [attempt["outcome"] for attempt in client.get(f"/api/jobs/{job}").json()["attempts"]]
        assert told == ["lost", "complete"]
        wait_for(lambda: not any(scratch.iterdir()), "the scratch folders to be removed")
    partial = server.data / "storage" / ".partial"
    assert not partial.exists() or not list(partial.iterdir())


def test_a_server_that_is_told_to_stop_gives_its_job_back(tmp_path: Path) -> None:
    with running_server(tmp_path) as server, httpx.Client(base_url=server.url, timeout=30) as client:
        job = client.post("/api/audio/assets", content=long_clip(tmp_path)).json()["job"]["id"]
        wait_for(lambda: client.get(f"/api/jobs/{job}").json()["status"] == "processing", "the job to start")
        server.process.terminate()
        assert server.process.wait(timeout=20) == 0
    with running_server(tmp_path, GREENROOM_DISPATCH="pull") as server, httpx.Client(base_url=server.url) as client:
        found = client.get(f"/api/jobs/{job}").json()
        assert found["status"] == "queued"
        assert [attempt["outcome"] for attempt in found["attempts"]] == ["released"]


def long_clip(folder: Path) -> bytes:
    """Return four minutes of audio, which take a while to prepare."""
    make_clip(folder / "clip.wav", syllables=20)
    file = io.BytesIO()
    with wave.open(str(folder / "clip.wav"), "rb") as once, wave.open(file, "wb") as often:
        often.setparams(once.getparams())
        often.writeframes(once.readframes(once.getnframes()) * 25)
    return file.getvalue()


def _let_leases_end(database: Path) -> None:
    """Move the attempt's lease into the past, as if a minute had gone by."""
    script = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); "
        "c.execute(\"UPDATE jobs SET due = 0, body = json_set(body, '$.attempts[0].lease', '2020-01-01T00:00:00Z')\"); c.commit()"
    )
    subprocess.run([sys.executable, "-c", script, str(database)], check=True)


def _judged(trace: str) -> tuple[int, int]:
    """Count the 2xx answers sent, and those sent while something written to the log of the database was not yet synced."""
    call = re.compile(r"\d+ +(\w+)\((\d+)<([^>]*)>(.*)")
    unsynced: set[str] = set()
    answers = early = 0
    for line in trace.splitlines():
        match = call.match(line)
        if match is None:
            continue
        name, _, file, rest = match.groups()
        if name in {"pwrite64", "write", "writev"} and file.endswith("db-wal"):
            unsynced.add(file)
        elif name in {"fsync", "fdatasync"} and file.endswith("db-wal"):
            unsynced.discard(file)
        elif "TCP" in file and re.search(r"HTTP/1\.1 20[01]", rest):
            answers += 1
            early += bool(unsynced)
    return answers, early
