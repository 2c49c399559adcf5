"""The README's own Python for who signs and who is told, run as its reader would."""

import base64
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from entrypoints.values import SigningSecret
from tests.integration.server.process import running_server, wait_for
from tests.userapp import running_app

README = (Path(__file__).parents[3] / "README.md").read_text()
SIGNING = "whsec_" + base64.b64encode(b"s" * 32).decode()
NOTIFY = "whsec_" + base64.b64encode(b"n" * 32).decode()


def python(title: str) -> dict[str, Any]:
    """Return what the chapter's code defines."""
    chapter = README.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]
    [code] = re.findall(r"```python\n(.*?)```", chapter, re.DOTALL)
    defined: dict[str, Any] = {}
    exec(code, defined)
    return defined


def test_a_worker_signs_its_report_and_the_app_verifies_what_it_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTERNAL_WEBHOOK_SIGNING_SECRET", SIGNING)
    monkeypatch.setenv("GREENROOM_NOTIFY_SECRET", NOTIFY)
    report, heard = python("Prove a callback by signature")["report"], python("Tell your app")["heard"]
    with (
        running_app() as app,
        running_server(
            tmp_path,
            GREENROOM_DISPATCH="pull",
            INTERNAL_WEBHOOK_SIGNING_SECRET=SIGNING,
            GREENROOM_NOTIFY_URL=app.url,
            GREENROOM_NOTIFY_SECRET=NOTIFY,
        ) as server,
    ):
        job = httpx.post(f"{server.url}/api/jobs", json={"params": {}}).json()["id"]
        assert report(server.url, jobId=job, status="complete", result={"any": "thing"}).json() == {"success": True}
        wait_for(lambda: bool(app.heard), "the app to be told")
        shown = httpx.get(f"{server.url}/api/jobs/{job}").json()
    notice = heard(app.heard[0].body, dict(app.heard[0].headers))
    assert (notice["type"], notice["data"]["id"], notice["data"]["result"]) == ("job.complete", job, {"any": "thing"})
    assert set(notice) == {"type", "timestamp", "data"}
    assert set(notice["data"]) == set(shown)
    assert notice["timestamp"] == shown["endedAt"]


def test_the_secret_that_the_readme_makes_is_one(tmp_path: Path) -> None:
    [line] = re.findall(r"^python3 -c '(import base64.*)'$", README, re.MULTILINE)
    made = subprocess.run([sys.executable, "-c", line], capture_output=True, text=True, check=True, cwd=tmp_path).stdout.strip()
    assert len(SigningSecret(made).reveal()) == 32
