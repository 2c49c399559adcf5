"""Uploads and downloads over real connections: large ones, ones that break off, and jobs that are cancelled under way."""

import http.client
import json
import re
import struct
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.integration.server.process import Server, running_server, wait_for
from tests.web.calls import wav

BOUNDARY = "----x"
HEAD = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="large.wav"\r\n\r\n'.encode()
TAIL = f"\r\n--{BOUNDARY}--\r\n".encode()
MIB = 2**20
LARGE = 300 * MIB
MOST_MORE = 50 * MIB


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("uploads")) as server:
        yield server


@pytest.fixture
def client(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=30) as client:
        yield client


def wav_header(size: int) -> bytes:
    """Return what a WAV file of so many bytes of samples begins with: 48 kHz, stereo, 16 bits."""
    form = struct.pack("<IHHIIHH", 16, 1, 2, 48_000, 192_000, 4, 16)
    return b"RIFF" + struct.pack("<I", 36 + size) + b"WAVEfmt " + form + b"data" + struct.pack("<I", size)


def memory(server: Server, which: str) -> int:
    """Return what the kernel says of the server's memory, in bytes."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(re.findall(rf"{which}:\s+(\d+) kB", status)[0]) * 1024


def stored(server: Server) -> list[Path]:
    return [path for path in (server.data / "storage").rglob("*") if path.is_file()]


def begun(server: Server) -> http.client.HTTPConnection:
    """Begin to send a large form."""
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=30)
    connection.putrequest("POST", "/api/audio/assets?prepare=false")
    connection.putheader("Content-Type", f"multipart/form-data; boundary={BOUNDARY}")
    connection.putheader("Content-Length", str(len(HEAD) + 44 + LARGE + len(TAIL)))
    connection.endheaders(HEAD + wav_header(LARGE))
    return connection


def test_a_large_form_passes_through_the_server_without_staying_in_its_memory(server: Server, client: httpx.Client) -> None:
    before, piece = memory(server, "VmRSS"), bytes(MIB)
    with closing(begun(server)) as connection:
        for _ in range(LARGE // MIB):
            connection.send(piece)
        connection.send(TAIL)
        answer = connection.getresponse()
        asset = json.loads(answer.read())["asset"]
    assert (answer.status, asset["name"], asset["renditions"]["original"]["size"]) == (201, "large.wav", 44 + LARGE)
    assert memory(server, "VmHWM") - before < MOST_MORE
    assert client.delete(f"/api/audio/assets/{asset['id']}").status_code == 204


def test_a_form_that_breaks_off_leaves_nothing(server: Server, client: httpx.Client) -> None:
    before = stored(server)
    with closing(begun(server)) as connection:
        connection.send(bytes(20 * MIB))
        wait_for(lambda: stored(server) != before, "the first bytes to arrive")
    wait_for(lambda: stored(server) == before, "what arrived to be removed", 10)
    assert "large.wav" not in [item["name"] for item in client.get("/api/audio/assets").json()["items"]]


def test_curl_sends_a_form_and_saves_the_download_under_its_name(server: Server, tmp_path: Path) -> None:
    for name in ("talk one.wav", "größe 🎵.wav"):
        (tmp_path / name).write_bytes(wav())
        sent = ["curl", "-sSf", "-F", f"file=@{tmp_path / name}", f"{server.url}/api/audio/assets?prepare=false"]
        asset = json.loads(subprocess.run(sent, check=True, capture_output=True).stdout)["asset"]
        assert asset["name"] == name
    (tmp_path / "saved").mkdir()
    url = f"{server.url}/api/audio/assets?q=talk"
    asset = httpx.get(url).json()["items"][0]
    save = ["curl", "-sSfOJL", f"{server.url}/api/audio/assets/{asset['id']}/stream?download=1"]
    subprocess.run(save, check=True, cwd=tmp_path / "saved")
    assert {path.name: path.read_bytes() for path in (tmp_path / "saved").iterdir()} == {"talk one.wav": wav()}


def test_the_worker_of_a_cancelled_job_stops_within_seconds(server: Server, client: httpx.Client) -> None:
    size = 192_000 * 1200
    made = client.post("/api/audio/assets", content=long_wav(size), headers={"Content-Length": str(44 + size)}).json()
    job, scratch = f"/api/jobs/{made['job']['id']}", server.data / "scratch"
    wait_for(lambda: bool(client.get(job).json()["progress"]), "the work to have begun")
    cancelled = client.post(f"{job}/cancel")
    began = time.monotonic()
    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled")
    wait_for(lambda: not list(scratch.iterdir()), "the worker to have stopped", 10)
    assert time.monotonic() - began < 5
    assert client.get(job).json() == cancelled.json()
    assert client.delete(f"/api/audio/assets/{made['asset']['id']}").status_code == 204


def long_wav(size: int) -> Iterator[bytes]:
    yield wav_header(size)
    for _ in range(size // 192_000):
        yield bytes(192_000)
