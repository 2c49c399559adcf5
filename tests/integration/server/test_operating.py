"""Operating servers: figures of several processes, logs that betray no link, a first `.env`, and jobs steered beside them."""

import json
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx

from tests.integration.server.process import SECRET, Server, lean_environment, running_server, wait_for
from tests.web.calls import NOBODY, wav

FETCHING = """
import sys, httpx
from entrypoints.logs import set_up_logs
from entrypoints.settings import LogFormat, LogLevel
set_up_logs(LogLevel.DEBUG, LogFormat.JSON)
import asyncio, logging
logging.getLogger("said").warning("begun")
async def fetch(url):
    async with httpx.AsyncClient() as client:
        assert (await client.get(url)).status_code == 200
asyncio.run(fetch(sys.argv[1]))
assert httpx.get(sys.argv[1]).status_code == 200
"""


def counted(server: Server, client: httpx.Client, series: str) -> float:
    """Return the number of the series that the server tells."""
    text = client.get(f"{server.url}/metrics").raise_for_status().text
    found = re.search(rf"^{re.escape(series)} (\S+)$", text, re.MULTILINE)
    return float(found[1]) if found else 0.0


def test_whichever_server_is_asked_tells_what_all_have_counted(tmp_path: Path) -> None:
    unknown, one = 'greenroom_callback_answers_total{answer="JobNotFound"}', 'greenroom_jobs{kind="render",status="queued"}'
    with running_server(tmp_path) as first, httpx.Client() as client:
        client.post(f"{first.url}/api/jobs", json={"params": {}}).raise_for_status()
        with running_server(tmp_path) as second:
            for server in (first, second, second):
                server.report(client, jobId=NOBODY, status="complete")
            wait_for(lambda: [counted(server, client, unknown) for server in (first, second)] == [3, 3], "the counts to add up")
            assert [counted(server, client, one) for server in (first, second)] == [1, 1]
            second.kill()
        assert counted(first, client, unknown) == 3
        with running_server(tmp_path) as third:
            third.report(client, jobId=NOBODY, status="complete")
            wait_for(lambda: [counted(server, client, unknown) for server in (first, third)] == [4, 4], "the counts to add up")


def test_no_log_betrays_a_link_not_even_at_its_most_talkative(tmp_path: Path) -> None:
    with running_server(tmp_path, GREENROOM_LOG_LEVEL="debug", GREENROOM_DISPATCH="pull") as server, httpx.Client() as client:
        made = client.post(f"{server.url}/api/audio/assets", content=wav()).json()
        link = client.get(f"{server.url}/api/audio/assets/{made['asset']['id']}/playback").json()["url"]
        command = [sys.executable, "-c", FETCHING, link]
        told = subprocess.run(command, env=lean_environment(), capture_output=True, text=True, check=True).stderr
        server.report(client, jobId=made["job"]["id"], status="processing")
    assert json.loads(told.splitlines()[0])["event"] == "begun"
    secrets = [value for values in parse_qs(urlsplit(link).query).values() for value in values if len(value) > 16]
    assert secrets
    for log in (told, server.log.read_text()):
        assert not [secret for secret in secrets if secret in log]


def test_a_servers_lines_are_json_that_bears_the_ids(tmp_path: Path) -> None:
    with running_server(tmp_path, GREENROOM_DISPATCH="pull") as server, httpx.Client() as client:
        headers = {"Authorization": f"Bearer {SECRET}", "X-Request-ID": "mine"}
        job = client.post(f"{server.url}/api/jobs", json={"params": {}}).json()["id"]
        report = {"jobId": job, "status": "complete"}
        answer = client.post(f"{server.url}/api/webhooks/worker", json=report, headers=headers)
        assert answer.headers["x-request-id"] == "mine"
    lines = [json.loads(line) for line in server.log.read_text().splitlines()]
    [received] = [line for line in lines if line["event"] == f"[Webhook] Received callback for job {job}: complete"]
    assert (received["request"], received["job"], received["level"]) == ("mine", job, "info")


def test_a_server_starts_without_a_warning_on_the_first_env(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "entrypoints", "init", "--signing"]
    subprocess.run(command, cwd=tmp_path, env=lean_environment(), capture_output=True, check=True)
    secrets = dict(line.split("=", 1) for line in (tmp_path / ".env").read_text().splitlines() if not line.startswith("#"))
    with running_server(tmp_path, INTERNAL_WEBHOOK_SECRET=secrets["INTERNAL_WEBHOOK_SECRET"]) as server:
        key = {"Authorization": f"Bearer {secrets['GREENROOM_API_KEYS']}"}
        assert httpx.get(f"{server.url}/api/jobs").status_code == 401
        assert httpx.get(f"{server.url}/api/jobs", headers=key).status_code == 200
    levels = {json.loads(line)["level"] for line in server.log.read_text().splitlines()}
    assert levels == {"info"}
    assert not (server.data / "secret").exists()


def test_jobs_are_steered_beside_a_running_server(tmp_path: Path) -> None:
    with running_server(tmp_path, GREENROOM_DISPATCH="pull") as server, httpx.Client() as client:
        job = client.post(f"{server.url}/api/jobs", json={"params": {"scene": 1}}).json()["id"]
        cancelled = greenroom(tmp_path, "jobs", "cancel", job, "--json")
        assert client.get(f"{server.url}/api/jobs/{job}").json() == cancelled
        again = greenroom(tmp_path, "jobs", "retry", job, "--json")
        assert client.get(f"{server.url}/api/jobs/{again['id']}").json() == again
        assert greenroom(tmp_path, "jobs", "list", "--json") == client.get(f"{server.url}/api/jobs").json()
        told = server.report(client, jobId=job, status="complete")
        assert (told.status_code, told.json()["status"]) == (409, "cancelled")


def test_who_follows_a_job_hears_at_once_that_it_was_cancelled_by_hand(tmp_path: Path) -> None:
    with running_server(tmp_path, GREENROOM_DISPATCH="pull") as server, httpx.Client(timeout=20) as client:
        job = client.post(f"{server.url}/api/jobs", json={"params": {}}).json()["id"]
        with client.stream("GET", f"{server.url}/api/jobs/{job}/events") as events:
            told = (line for line in events.iter_lines() if line.startswith("data:"))
            assert '"status":"queued"' in next(told)
            greenroom(tmp_path, "jobs", "cancel", job, "--json")
            assert '"status":"cancelled"' in next(told)


def greenroom(folder: Path, *arguments: str) -> dict[str, object]:
    """Run a command in the server's folder and return the JSON that it prints."""
    command = [sys.executable, "-m", "entrypoints", *arguments]
    told = subprocess.run(command, cwd=folder, env=lean_environment(), capture_output=True, text=True, check=True)
    answer: dict[str, object] = json.loads(told.stdout)
    return answer
