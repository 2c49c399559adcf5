"""A real browser plays both variants through the stream URL, and seeks in them."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from threading import Thread

import httpx
import pytest

from entrypoints.commands.clip import make_clip
from tests.integration.server.process import Server, running_server, wait_for

PAGE = """<!doctype html><audio muted></audio><script>
const audio = document.querySelector("audio")
const tell = (what) => fetch("/told", {method: "POST", body: JSON.stringify(what)})
audio.onerror = () => tell({error: audio.error.message})
audio.onloadedmetadata = () => { audio.currentTime = audio.duration * 0.75 }
audio.onseeked = () => tell({at: audio.currentTime, duration: audio.duration, seekable: audio.seekable.end(0)})
audio.src = new URLSearchParams(location.search).get("src")
</script>"""


@pytest.mark.parametrize("variant", ["original", "prepared"])
def test_an_audio_element_seeks_in_the_stream(tmp_path: Path, chromium: str, variant: str) -> None:
    with running_server(tmp_path) as server, page_of_another_site() as (page, told):
        asset = _prepared_asset(server, tmp_path)
        src = f"{server.url}/api/audio/assets/{asset}/stream?variant={variant}"
        command = [chromium, "--headless=new", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}"]
        browser = subprocess.Popen([*command, f"{page}?src={src.replace('&', '%26')}"], stderr=subprocess.DEVNULL)
        try:
            found = told.get(timeout=60)
        finally:
            browser.terminate()
            browser.wait()
    assert "error" not in found, found
    assert found["duration"] > 3
    assert found["at"] == pytest.approx(found["duration"] * 0.75, abs=0.1)
    assert found["seekable"] == pytest.approx(found["duration"], abs=0.1)


@contextmanager
def page_of_another_site() -> Iterator[tuple[str, "Queue[dict[str, float]]"]]:
    """Serve the page with the player on an origin of its own, and take down what it tells."""
    told: Queue[dict[str, float]] = Queue()

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(PAGE.encode())

        def do_POST(self) -> None:
            told.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self._answer(b"")

        def _answer(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (its name there)
            return None

    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as site:
        thread = Thread(target=site.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{site.server_port}/", told
        finally:
            site.shutdown()
            thread.join()


def _prepared_asset(server: Server, folder: Path) -> str:
    make_clip(folder / "clip.wav", syllables=16)
    with httpx.Client(base_url=server.url, timeout=30) as client:
        made = client.post("/api/audio/assets", content=(folder / "clip.wav").read_bytes()).json()
        job = made["job"]["id"]
        wait_for(lambda: client.get(f"/api/jobs/{job}").json()["status"] == "complete", "the job to end")
    return str(made["asset"]["id"])
