"""The whole way with real audio, a real server and a worker in its process."""

import json
import re
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import httpx
import pytest

from adapters.ffmpeg.locate import locate
from entrypoints.commands.clip import make_clip
from tests.integration.server.process import running_server, wait_for
from tests.services.running import Served
from tests.web.places import environment_of


@pytest.fixture
def place(combination: str, service: Callable[[str], Served]) -> Mapping[str, str]:
    """Give the settings of a place for a server's jobs and audio."""
    return environment_of(combination, service)


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """Give a clip that is too quiet and has silence at both ends."""
    path = tmp_path / "clip.wav"
    make_clip(path, syllables=30)
    return path


def test_a_real_file_is_prepared_and_both_variants_play_from_one_url(
    tmp_path: Path, clip: Path, place: Mapping[str, str]
) -> None:
    with running_server(tmp_path, (), **place) as server, httpx.Client(base_url=server.url, timeout=30) as client:
        made = client.post("/api/audio/assets?filename=clip.wav", content=clip.read_bytes()).json()
        asset, job_id = made["asset"]["id"], made["job"]["id"]
        wait_for(lambda: client.get(f"/api/jobs/{job_id}").json()["status"] not in {"queued", "processing"}, "the job")

        job = client.get(f"/api/jobs/{job_id}").json()
        assert job["status"] == "complete", job
        assert [attempt["outcome"] for attempt in job["attempts"]] == ["complete"]
        before, after = job["result"]["before"], job["result"]["after"]
        assert before["loudnessLufs"] < -30
        assert after["loudnessLufs"] == pytest.approx(-16, abs=0.5)
        assert after["truePeakDbtp"] <= -1
        assert job["result"]["trimmedHead"] > 1
        assert after["duration"] < before["duration"] - 2

        original = client.get(f"/api/audio/assets/{asset}/stream", follow_redirects=True)
        assert original.content == clip.read_bytes()
        url = f"/api/audio/assets/{asset}/stream?variant=prepared"
        prepared = client.get(url, follow_redirects=True)
        assert prepared.headers["content-type"] == "audio/mpeg"
        middle = client.get(url, follow_redirects=True, headers={"Range": "bytes=1000-1999"})
        assert (middle.status_code, middle.content) == (206, prepared.content[1000:2000])
        (tmp_path / "out.mp3").write_bytes(prepared.content)
        assert loudness(tmp_path / "out.mp3") == pytest.approx(-16, abs=0.5)

        for variant in ("original", "prepared"):
            peaks = json.loads(client.get(f"/api/audio/assets/{asset}/peaks?variant={variant}").content)
            assert (peaks["version"], peaks["bits"]) == (2, 16)
            assert len(peaks["data"]) == 2 * peaks["length"] > 0


def test_audio_that_cannot_be_prepared_is_a_failed_job_with_a_sentence(
    tmp_path: Path, clip: Path, place: Mapping[str, str]
) -> None:
    broken = clip.read_bytes()[:44]
    with running_server(tmp_path, (), **place) as server, httpx.Client(base_url=server.url, timeout=30) as client:
        made = client.post("/api/audio/assets?filename=clip.wav", content=broken).json()
        job_id = made["job"]["id"]
        wait_for(lambda: client.get(f"/api/jobs/{job_id}").json()["status"] not in {"queued", "processing"}, "the job")
        job = client.get(f"/api/jobs/{job_id}").json()
        assert (job["status"], job["code"]) == ("failed", "unusable")
        assert re.fullmatch(r"[A-Z][^/]+", job["error"]), job["error"]
        assert len(job["attempts"]) == 1
        wait_for(lambda: not list((server.data / "scratch").iterdir()), "the scratch folder to be removed")


def loudness(path: Path) -> float:
    """Measure integrated loudness by an ffmpeg run of the test's own."""
    command = [str(locate(None)), "-nostats", "-i", str(path), "-af", "ebur128", "-f", "null", "-"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    return float(re.findall(r"I:\s+(-?[\d.]+) LUFS", told)[-1])
