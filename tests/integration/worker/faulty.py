"""A small worker that keeps the contract of docs/worker.md, but for the fault that it is told to have.

`faulty.py FAULT AUDIO SERVER` claims its tickets there; `faulty.py FAULT AUDIO FILE` takes them at a port that it writes to FILE.
"""

import json
import os
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.error import HTTPError
from urllib.parse import urljoin
from urllib.request import Request, urlopen

FAULT, AUDIO, WHERE = sys.argv[1], Path(sys.argv[2]).read_bytes(), sys.argv[3]
SECRET, TOKEN = os.environ["INTERNAL_WEBHOOK_SECRET"], os.environ["ENDPOINT_TOKEN"]
SOON = 1.1


def call(method: str, url: str, body: bytes | None = None, **headers: str) -> tuple[int, Any, bytes]:
    request = Request(url, body, {name.replace("_", "-"): value for name, value in headers.items()}, method=method)
    try:
        with urlopen(request, timeout=30) as answer:
            return answer.status, answer.headers, answer.read()
    except HTTPError as refused:
        return refused.code, refused.headers, refused.read()


class Attempt:
    """One ticket, carried out."""

    def __init__(self, ticket: dict[str, Any]) -> None:
        self.ticket = ticket
        self.over = threading.Event()
        token = SECRET if FAULT == "reports" else ticket["callback"]["token"]
        self.proof = {"Authorization": f"Bearer {token}", "Content_Type": "application/json"}

    def say(self, status: str, **more: object) -> int:
        body = json.dumps({"jobId": self.ticket["jobId"], "attempt": self.ticket["attempt"], "status": status, **more}).encode()
        url = self.ticket["callback"]["url"]
        code, headers, _ = call("POST", url, body, **self.proof)
        if code == 307 and FAULT == "redirect":
            code, _, _ = call("POST", urljoin(url, headers["Location"]), body, **self.proof)
        return code

    def beat(self) -> None:
        while not self.over.wait(self.ticket["leaseSeconds"] / 4):
            if self.say("processing", progress=0.5) == 409 and FAULT != "cancel":
                self.over.set()

    def work(self) -> None:
        if FAULT != "heartbeats":
            threading.Thread(target=self.beat, daemon=True).start()
        call("GET", self.ticket["input"]["url"], None, **({"Authorization": "Bearer x"} if FAULT == "download" else {}))
        if not self.over.is_set() and self.upload():
            self.complete()
        self.over.set()

    def upload(self) -> bool:
        target = self.ticket["outputs"]["prepared"]
        audio = AUDIO[: len(AUDIO) // 3] if FAULT == "output" else AUDIO
        while (code := call(target["method"], target["url"], audio, **target["headers"])[0]) == 503:
            time.sleep(SOON)
        if code == 412 and FAULT == "there already":
            self.say("failed", error="It could not be uploaded")
            return False
        return True

    def complete(self) -> None:
        while (code := self.say("complete", result={})) == 503 and FAULT != "again":
            time.sleep(SOON)
        if code == 422 and FAULT == "once more":
            self.say("failed", error="It was refused")
        elif (code == 409 and FAULT == "over") or (code == 422 and self.upload()):
            self.say("complete", result={})


class Endpoint(BaseHTTPRequestHandler):
    """Takes tickets that are sent, each once."""

    known: ClassVar[set[str]] = set()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        trusted = self.headers["Authorization"] == f"Bearer {TOKEN}"
        key = self.headers["Idempotency-Key"]
        if trusted and (key not in self.known or FAULT == "start"):
            self.known.add(key)
            threading.Thread(target=Attempt(json.loads(body)).work, daemon=True).start()
        self.send_response(202 if trusted else 401)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def claim_forever() -> None:
    wanted: dict[str, object] = {"worker": "faulty", "kinds": ["prepare"], "wait": 20}
    if FAULT == "claim":
        call(
            "POST", f"{WHERE}/api/worker/claim", json.dumps(wanted | {"wait": "long"}).encode(), Authorization=f"Bearer {SECRET}"
        )
    while True:
        code, _, body = call("POST", f"{WHERE}/api/worker/claim", json.dumps(wanted).encode(), Authorization=f"Bearer {SECRET}")
        if code == 200:
            Attempt(json.loads(body)).work()


def listen() -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
    draft = Path(f"{WHERE}.draft")
    draft.write_text(str(server.server_port))
    draft.rename(WHERE)
    server.serve_forever()


if __name__ == "__main__":
    claim_forever() if WHERE.startswith("http") else listen()
