"""`greenroom demo`: a server of its own, one file through the whole way, and everything that happened on one screen."""

import asyncio
import os
import shlex
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from entrypoints.commands.clip import make_clip
from entrypoints.commands.figures import figures_table
from entrypoints.commands.ownserver import NoServer, OwnServer, own_server
from entrypoints.settings import Settings
from entrypoints.wiring.engine import audio_engine
from ports.errors import EngineFailed

DONE_WITHIN = 3600.0
"""Seconds that preparing may take."""


class DemoFailed(Exception):
    """The demo could not be shown; the sentence says why."""


def run_demo(audio: Path | None, data_dir: Path, *, stay: bool) -> None:
    """Show the main job on `audio`, or on a clip made for it. With `stay` the server goes on until Ctrl-C. Raise DemoFailed."""
    console = Console(soft_wrap=True)
    console.print(f"Preparing with {_engine()}", markup=False)
    folder = data_dir.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with own_server(folder) as server, server.client() as client:
            console.print(f"Greenroom is at {server.url} (its data: {folder})", markup=False)
            _show(client, server, audio or _clip(folder), console)
            if stay:
                _stay(server, console)
    except NoServer as error:
        raise DemoFailed(str(error)) from error
    except httpx.HTTPError as error:
        raise DemoFailed(f"The server stopped answering ({error}); {folder / 'server.log'} may say why") from error


def _engine() -> str:
    try:
        return asyncio.run(audio_engine(Settings(ffmpeg_path=os.environ.get("FFMPEG_PATH"))).version())
    except EngineFailed as error:
        raise DemoFailed(str(error)) from error


def _show(client: httpx.Client, server: OwnServer, file: Path, console: Console) -> None:
    asset = _upload(client, file)
    job = _wait(client, asset["job"]["id"], console)
    if job["status"] != "complete":
        raise DemoFailed(f"The job ended as {job['status']}: {job['error']}")
    console.print()
    console.print(figures_table(job["result"]))
    console.print(_history(job))
    _print_links(client, asset["asset"]["id"], console)
    _print_curl(client, server, asset["asset"]["id"], file, console)


def _clip(folder: Path) -> Path:
    path = folder / "too quiet.wav"
    make_clip(path)
    return path


def _upload(client: httpx.Client, file: Path) -> Any:
    with file.open("rb") as body:
        return _answer(client.post("/api/audio/assets", params={"filename": file.name}, content=body))


def _wait(client: httpx.Client, job_id: str, console: Console) -> Any:
    """Follow the job to its end, with a bar that shows how far it is."""
    deadline = time.monotonic() + DONE_WITHIN
    with Progress(console=console) as shown:
        task = shown.add_task("waiting", total=1.0)
        while time.monotonic() < deadline:
            job = _answer(client.get(f"/api/jobs/{job_id}"))
            phrase = job["attempts"][-1]["message"] if job["attempts"] else None
            shown.update(task, completed=job["progress"] or 0.0, description=phrase or job["status"])
            if job["status"] not in {"queued", "processing"}:
                return job
            time.sleep(0.1)
    raise DemoFailed("The job did not end in an hour")


def _history(job: Mapping[str, Any]) -> Table:
    table = Table("when", "what", title=f"The job's history ({job['id']})", title_justify="left")
    table.add_row(_clock(job["createdAt"]), "queued")
    for attempt in job["attempts"]:
        table.add_row(_clock(attempt["startedAt"]), f"attempt {attempt['number']} started by the {attempt['worker']} worker")
        table.add_row(_clock(attempt["endedAt"]), f"attempt {attempt['number']} ended: {attempt['outcome']}")
    table.add_row(_clock(job["endedAt"]), job["status"])
    return table


def _clock(moment: str) -> str:
    return f"{datetime.fromisoformat(moment).astimezone():%H:%M:%S.%f}"[:-3]


def _print_links(client: httpx.Client, asset_id: str, console: Console) -> None:
    console.print("Links that play (paste one into a browser or a player)")
    for variant in ("original", "prepared"):
        link = _answer(client.get(f"/api/audio/assets/{asset_id}/playback", params={"variant": variant}))
        console.print(f"  {variant:9}{link['url']}", markup=False, highlight=False)


def _print_curl(client: httpx.Client, server: OwnServer, asset_id: str, file: Path, console: Console) -> None:
    """Print the same way in curl; its callback ends a job that waits for just that."""
    waiting = _answer(client.post("/api/jobs", json={"kind": "render", "params": {"from": "the demo"}}))
    report = f'{{"jobId": "{waiting["id"]}", "status": "complete", "result": {{"by": "hand"}}}}'
    bearer = f"Authorization: Bearer {server.secret}"
    query = urlencode({"filename": file.name})
    lines = (
        ("Upload", f"curl --data-binary {shlex.quote(f'@{file}')} '{server.url}/api/audio/assets?{query}'"),
        ("Play", f"curl -L -o prepared.mp3 '{server.url}/api/audio/assets/{asset_id}/stream?variant=prepared'"),
        ("Report, as a worker elsewhere does", f"curl {server.url}/api/webhooks/worker -H '{bearer}' -d '{report}'"),
        ("Read the job that this ends", f"curl {server.url}/api/jobs/{waiting['id']}"),
    )
    console.print("\nThe same with curl")
    for title, line in lines:
        console.print(f"  # {title}\n  {line}", markup=False, highlight=False)


def _stay(server: OwnServer, console: Console) -> None:
    console.print(f"\nThe page: {server.url}/", highlight=False)
    console.print("The server goes on until you press Ctrl-C.")
    with suppress(KeyboardInterrupt):
        server.process.wait()


def _answer(response: httpx.Response) -> Any:
    """Return the body of a good answer. Raise DemoFailed with the sentence of another."""
    if not response.is_success:
        raise DemoFailed(response.json()["error"] if "json" in response.headers.get("content-type", "") else response.text)
    return response.json()
