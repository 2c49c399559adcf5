"""The README's own ways to upload straight to storage, run as its reader would."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.integration.command.test_readme_commands import lines, pasted
from tests.integration.server.process import running_server
from tests.web.calls import wav

README = (Path(__file__).parents[3] / "README.md").read_text()
TITLE = "Upload straight to storage"
MIB = 2**20


def python() -> str:
    chapter = README.split(f"## {TITLE}\n", 1)[1].split("\n## ", 1)[0]
    [code] = re.findall(r"```python\n(.*?)```", chapter, re.DOTALL)
    return str(code)


def sender() -> Any:
    """Return what the chapter's code defines, without running it as a script."""
    defined: dict[str, Any] = {"__name__": "sender"}
    exec(python(), defined)
    return defined


def test_the_script_sends_a_file_and_prints_its_asset(tmp_path: Path) -> None:
    (tmp_path / "send.py").write_text(python())
    (tmp_path / "talk.wav").write_bytes(wav(800)[: 12 * MIB])
    with running_server(tmp_path, GREENROOM_DISPATCH="pull", GREENROOM_PART_BYTES="5MiB") as server:
        command = [sys.executable, "send.py", server.url, "talk.wav"]
        asset = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout.strip()
        shown = httpx.get(f"{server.url}/api/audio/assets/{asset}").json()
        played = httpx.get(f"{server.url}/api/audio/assets/{asset}/stream", follow_redirects=True)
    assert (shown["name"], shown["renditions"]["original"]["size"]) == ("talk.wav", 12 * MIB)
    assert played.content == (tmp_path / "talk.wav").read_bytes()
    assert not (tmp_path / "talk.wav.upload").exists()


def test_a_server_that_is_killed_half_way_loses_no_part_that_it_has_answered_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "talk.wav").write_bytes(wav(1400)[: 21 * MIB])
    sent: list[int] = []
    request = httpx.Client.request

    def counted(client: httpx.Client, method: str, url: str, **more: Any) -> httpx.Response:
        if method == "PUT" and len(sent) == 2:
            server.kill()
        answer = request(client, method, url, **more)
        if method == "PUT":
            sent.append(len(more["content"]))
        return answer

    monkeypatch.setattr(httpx.Client, "request", counted)
    send = sender()["send"]
    settings = {"GREENROOM_DISPATCH": "pull", "GREENROOM_PART_BYTES": "5MiB"}
    with running_server(tmp_path, (), **settings) as server, pytest.raises(httpx.TransportError):
        send(server.url, tmp_path / "talk.wav")
    assert len(sent) == 2
    sent.append(0)  # kill no more
    with running_server(tmp_path, (), **settings) as server:
        done = send(server.url, tmp_path / "talk.wav")
        played = httpx.get(f"{server.url}/api/audio/assets/{done['asset']['id']}/stream", follow_redirects=True)
    assert sent == [5 * MIB, 5 * MIB, 0, 5 * MIB, 5 * MIB, MIB]
    assert played.content == (tmp_path / "talk.wav").read_bytes()


def test_curl_uploads_a_small_file(tmp_path: Path) -> None:
    (tmp_path / "talk.wav").write_bytes(wav())
    opening, sending, completing = lines(TITLE)
    with running_server(tmp_path, GREENROOM_DISPATCH="pull") as server:
        upload = json.loads(pasted(opening, server, tmp_path, SIZE=str(len(wav()))))
        [way] = upload["parts"]
        assert way["headers"] == {"Content-Type": "audio/wav", "If-None-Match": "*"}
        pasted(sending, server, tmp_path, UPLOAD_URL=way["url"])
        done = json.loads(pasted(completing, server, tmp_path, UPLOAD_ID=upload["id"]))
    assert (done["asset"]["id"], done["job"]["status"]) == (upload["id"], "queued")
