"""A server that is killed while it tells the app is followed by another that tells it again: the same notice."""

import base64
import sqlite3
from contextlib import AbstractContextManager
from pathlib import Path

import httpx

from tests.integration.server.process import Server, running_server, wait_for
from tests.userapp import App, running_app

SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()


def test_a_kill_between_telling_and_writing_it_down_loses_no_notice(tmp_path: Path) -> None:
    with running_app() as app, httpx.Client() as client:
        app.answering.clear()
        with telling(tmp_path, app) as server:
            job = client.post(f"{server.url}/api/jobs", json={"params": {}}).json()["id"]
            assert server.report(client, jobId=job, status="failed", error="It broke").is_success
            wait_for(lambda: len(app.heard) == 1, "the app to be told")
            server.kill()
        app.answering.set()
        make_due(server)
        with telling(tmp_path, app) as server:
            wait_for(lambda: client.get(f"{server.url}/api/jobs/{job}").json()["told"], "the app to have been told")
            told = client.get(f"{server.url}/api/jobs/{job}").json()
        assert [heard.headers["webhook-id"] for heard in app.heard] == [job, job]
        assert [(each["status"], each["error"]) for each in told["deliveries"]] == [(200, None)]
        assert "hush" not in server.log.read_text()


def telling(folder: Path, app: App) -> AbstractContextManager[Server]:
    """Run a server that tells the app."""
    url = app.url.replace("//", "//me:hush@")
    return running_server(folder, GREENROOM_DISPATCH="pull", GREENROOM_NOTIFY_URL=url, GREENROOM_NOTIFY_SECRET=SECRET)


def make_due(server: Server) -> None:
    """Let what the killed server had taken come up again now, not half a minute later."""
    with sqlite3.connect(server.data / "greenroom.db") as database:
        database.execute("UPDATE jobs SET due = 0")
    database.close()
