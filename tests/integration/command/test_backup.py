"""The README's lines for a back-up, pasted while a server runs, and for its restoring."""

import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from entrypoints.commands.clip import make_clip
from tests.integration.server.process import Server, running_server, wait_for

README = (Path(__file__).parents[3] / "README.md").read_text()
BINARIES = Path(sys.executable).parent


def lines() -> list[str]:
    """Return the commands of the chapter."""
    chapter = README.split("**Back up**", 1)[1].split("**Upgrade**", 1)[0]
    blocks = re.findall(r"```console\n(.*?)```", chapter, re.DOTALL)
    return [line.replace(".venv/bin/", f"{BINARIES}/") for block in blocks for line in block.splitlines()]


def prepared(server: Server, client: httpx.Client, clip: Path) -> str:
    """Upload the clip, wait until it is prepared, and return the asset's id."""
    made = client.post(f"{server.url}/api/audio/assets?filename=talk.wav", content=clip.read_bytes()).json()
    job = f"{server.url}/api/jobs/{made['job']['id']}"
    wait_for(lambda: client.get(job).json()["status"] == "complete", "the job to end")
    return str(made["asset"]["id"])


def test_a_back_up_of_a_running_server_serves_the_same_audio(tmp_path: Path) -> None:
    make_clip(tmp_path / "talk.wav", syllables=12)
    *backing_up, restoring = lines()
    with running_server(tmp_path) as server, httpx.Client(follow_redirects=True) as client:
        asset = prepared(server, client, tmp_path / "talk.wav")
        stream = f"/api/audio/assets/{asset}/stream?variant="
        before = {variant: client.get(f"{server.url}{stream}{variant}").content for variant in ("original", "prepared")}
        link = urlsplit(client.get(f"{server.url}/api/audio/assets/{asset}/playback").json()["url"])
        for line in backing_up:
            subprocess.run(line, shell=True, cwd=tmp_path, capture_output=True, check=True)
        server.kill()
    copying, _, starting = restoring.partition(" && ")
    subprocess.run(copying, shell=True, cwd=tmp_path, check=True)
    assert starting == f"GREENROOM_DATA_DIR=restored {BINARIES}/greenroom serve"
    with running_server(tmp_path, GREENROOM_DATA_DIR="restored") as server, httpx.Client(follow_redirects=True) as client:
        assert before == {variant: client.get(f"{server.url}{stream}{variant}").content for variant in before}
        assert client.get(f"{server.url}{link.path}?{link.query}").content == before["original"]  # the secret is the same
        assert [item["status"] for item in client.get(f"{server.url}/api/jobs").json()["items"]] == ["complete"]
        assert client.post(f"{server.url}/api/audio/assets", content=(tmp_path / "talk.wav").read_bytes()).status_code == 201
