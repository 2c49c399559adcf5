"""A worker of a fleet that is killed now and then, by the standard library alone: it prepares nothing, but sends what it owes.

It takes its name, the secret, the path of a file (once that is there it ends) and the URLs of the servers. Its reports are
doubled, delayed and shuffled. Each line of its output is a report that was answered: `[job, attempt, status, applied]`.
"""

import hashlib
import http.client
import json
import random
import sys
import time
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import urlsplit

Ticket: TypeAlias = dict[str, Any]

FRAME = bytes.fromhex("fffb9000")
FRAMES, LENGTH = 300, 417
HOLDS = 4
"""Reports that it has in hand at most, to send them in any order."""


def audio(job: str, attempt: int) -> bytes:
    """Return what this attempt sends: MPEG frames that no other attempt sends."""
    filling = hashlib.sha256(f"{job} {attempt}".encode()).digest() * 13
    return (FRAME + filling[: LENGTH - len(FRAME)]) * FRAMES


class Hand:
    """Claims, fetches, sends and reports, whichever server answers."""

    def __init__(self, name: str, secret: str, urls: list[str]) -> None:
        self.name, self.secret, self.urls = name, secret, urls
        self.chance = random.Random()
        self.reports: list[tuple[float, Ticket, dict[str, Any]]] = []

    def claim(self) -> Ticket | None:
        body = {"worker": self.name, "kinds": ["prepare"], "wait": 0.5}
        status, ticket = self.post("/api/worker/claim", self.secret, body)
        return ticket if status == 200 else None

    def carry_out(self, ticket: Ticket) -> None:
        """Fetch and send, and put the report to those that wait."""
        source = ticket["input"]
        status, content = request("GET", source["url"])
        assert (status, len(content)) == (200, source["size"])
        prepared = ticket["outputs"]["prepared"]
        status, _ = request("PUT", prepared["url"], audio(ticket["jobId"], ticket["attempt"]), prepared["headers"])
        if status not in {200, 201, 204, 412}:
            return
        said = {"jobId": ticket["jobId"], "status": "complete", "attempt": ticket["attempt"], "result": {"by": ticket["attempt"]}}
        moment = time.monotonic() + self.chance.choice([0, 0, 0.2, 1.5 * ticket["leaseSeconds"]])
        self.reports += [(moment, ticket, said)] * self.chance.choice([1, 1, 2])

    def speak(self, *, all_of_it: bool = False) -> None:
        """Send the reports whose time has come, in any order, until somebody has answered."""
        self.chance.shuffle(self.reports)
        for report in list(self.reports):
            moment, ticket, said = report
            if all_of_it or moment <= time.monotonic():
                status, answer = self.post("/api/webhooks/worker", ticket["callback"]["token"], said)
                if status in {0, 500, 502, 503, 504}:
                    continue
                self.reports.remove(report)
                tell(said, status, answer)

    def post(self, path: str, bearer: str, body: dict[str, Any]) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {bearer}", "Content-Type": "application/json"}
        status, content = request("POST", self.chance.choice(self.urls) + path, json.dumps(body).encode(), headers)
        return status, json.loads(content) if status and content else None


def request(method: str, url: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
    """Return the answer, status 0 where there is none."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=10)
    try:
        connection.request(method, f"{parts.path}?{parts.query}", body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (OSError, http.client.HTTPException):
        return 0, b""
    finally:
        connection.close()


def tell(said: dict[str, Any], status: int, answer: Any) -> None:
    applied = status == 200 and answer.get("applied", True)
    sys.stdout.write(json.dumps([said["jobId"], said["attempt"], status, applied]) + "\n")
    sys.stdout.flush()


def main(name: str, secret: str, end: str, *urls: str) -> None:
    hand = Hand(name, secret, list(urls))
    while not Path(end).exists():
        ticket = hand.claim() if len(hand.reports) < HOLDS else None
        if ticket is not None:
            hand.carry_out(ticket)
        hand.speak()
        time.sleep(0.01)
    hand.speak(all_of_it=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
