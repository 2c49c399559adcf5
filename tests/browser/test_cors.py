"""A real browser lets pages of the named origin call and read, and those of no other."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import httpx

from tests.browser.chromium import browsing
from tests.integration.server.process import running_server
from tests.web.calls import wav

RANGE = """fetch(URL, {headers: {Range: "bytes=10-19"}}).then(
    async (answer) => [answer.status, answer.headers.get("Content-Range"), (await answer.arrayBuffer()).byteLength].join(" "),
    (error) => error.name)"""
WHOLE = """fetch(URL).then(async (answer) => (await answer.arrayBuffer()).byteLength, (error) => error.name)"""
ORDER = """fetch(URL, {
    method: "POST", body: '{"params": {}}', headers: {"Idempotency-Key": "k", "Content-Type": "application/json"}
}).then(async (answer) => [answer.status, (await answer.json()).kind].join(" "), (error) => error.name)"""
RENAME = """fetch(URL, {method: "PATCH", body: '{"name": "b"}'}).then(
    async (answer) => (await answer.json()).name, (error) => error.name)"""
REFUSED = """fetch(URL).then(async (answer) => [answer.status, (await answer.json()).error].join(" "), (error) => error.name)"""


def test_a_page_of_the_named_origin_calls_and_reads_and_no_other(tmp_path: Path, chromium: str) -> None:
    with (
        another_site() as port,
        running_server(tmp_path, GREENROOM_CORS_ORIGINS=f"http://127.0.0.1:{port}", GREENROOM_DISPATCH="pull") as server,
        browsing(chromium, tmp_path / "profile") as page,
    ):
        made = httpx.post(f"{server.url}/api/audio/assets?prepare=false", content=wav()).json()
        asset = f"{server.url}/api/audio/assets/{made['asset']['id']}"
        link = httpx.get(f"{asset}/playback").json()["url"]
        calls = [
            (RANGE, f"{asset}/stream"),
            (WHOLE, link),
            (ORDER, f"{server.url}/api/jobs"),
            (RENAME, asset),
            (REFUSED, f"{asset}x"),
        ]

        page.open(f"http://127.0.0.1:{port}/")
        page.wait_for("document.title === 'another'")
        told = [page.value(call.replace("URL", f"'{url}'")) for call, url in calls]
        assert told == [f"206 bytes 10-19/{len(wav())} 10", len(wav()), "201 render", "b", "404 Asset not found"]

        page.tell("Page.navigate", url=f"http://localhost:{port}/")
        page.wait_for("document.title === 'another' && location.hostname === 'localhost'")
        assert [page.value(call.replace("URL", f"'{url}'")) for call, url in calls] == ["TypeError"] * 5
        assert httpx.get(asset).json()["name"] == "b"


@contextmanager
def another_site() -> Iterator[int]:
    """Serve an empty page, and give the port."""

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>another</title>")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (its name there)
            return None

    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as site:
        thread = Thread(target=site.serve_forever, daemon=True)
        thread.start()
        try:
            yield site.server_port
        finally:
            site.shutdown()
            thread.join()
