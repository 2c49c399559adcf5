"""One worker of a fleet, by the standard library alone: claims from whichever server, and now and then misbehaves.

It takes the URLs of the servers, its name and the path of a file: once that is there it says what it still has to say, and ends.
Each line of its output is a report and what came of it, or a ticket: `[job, attempt, said, status, answer, late]`.
"""

import http.client
import json
import random
import sys
import time
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import urlsplit

Ticket: TypeAlias = dict[str, Any]

CALM_AFTER = 80
"""Tickets after which it does well with each: what is tried again would keep the test waiting."""

DEEDS = ("complete", "failed", "released", "again later", "silent")
WEIGHTS = (70, 8, 8, 5, 9)


class Worker:
    """Carries out tickets, and remembers those that it was silent about."""

    def __init__(self, name: str, secret: str, *servers: str) -> None:
        self.name, self.secret = name, secret
        self.servers = [http.client.HTTPConnection(urlsplit(url).netloc, timeout=30) for url in servers]
        self.chance = random.Random(name)
        self.silent: list[tuple[float, Ticket]] = []
        self.tickets = 0

    def post(self, path: str, bearer: str, body: dict[str, Any]) -> tuple[int, Any]:
        server = self.chance.choice(self.servers)
        server.request("POST", path, json.dumps(body), {"Authorization": f"Bearer {bearer}"})
        answer = server.getresponse()
        content = answer.read()
        return answer.status, json.loads(content) if content else None

    def claim(self) -> Ticket | None:
        body = {"worker": self.name, "kinds": ["render"], "wait": self.chance.choice([0, 0.5, 1])}
        status, ticket = self.post("/api/worker/claim", self.secret, body)
        if status != 200:
            tell({"jobId": None, "attempt": 0}, "no ticket", status, ticket, late=False)
            return None
        tell(ticket, "ticket", status, self.name, late=False)
        self.tickets += 1
        return {**ticket, "claimed": time.monotonic()}

    def report(self, ticket: Ticket, said: str, status: str, **more: Any) -> None:
        bearer, attempt = ticket["callback"]["token"], {}
        if self.chance.random() < 0.3:
            bearer, attempt = self.secret, {"attempt": ticket["attempt"]}
        answer = self.post("/api/webhooks/worker", bearer, {"jobId": ticket["jobId"], "status": status, **attempt, **more})
        late = time.monotonic() - ticket["claimed"] > ticket["leaseSeconds"] / 2
        tell(ticket, said, *answer, late=late)

    def carry_out(self, ticket: Ticket) -> None:
        calm = self.tickets > CALM_AFTER
        deed = "complete" if calm else self.chance.choices(DEEDS, WEIGHTS)[0]
        if self.chance.random() < 0.2:
            self.report(ticket, "heartbeat", "processing", progress=0.5)
        if deed == "silent":
            self.silent.append((time.monotonic() + self.chance.uniform(0, 3) * ticket["leaseSeconds"], ticket))
        elif deed == "again later":
            self.say(ticket, "again later", "failed", retryable=True)
        else:
            self.say(ticket, deed, deed)

    def say(self, ticket: Ticket, said: str, status: str, **more: Any) -> None:
        """Say how it ended; now and then twice, or something else afterwards."""
        result = {"result": {"attempt": ticket["attempt"]}} if status == "complete" else {}
        self.report(ticket, said, status, **result, **more)
        if self.chance.random() < 0.2:
            self.report(ticket, f"{said}, twice", status, **result, **more)
        if self.chance.random() < 0.2:
            other = "failed" if status == "complete" else "complete"
            if said in {"complete", "failed"}:
                self.report(ticket, f"{other} after {said}", other)
            self.report(ticket, "heartbeat after the end", "processing")

    def speak_up(self, now: float) -> None:
        """Say of tickets that it was silent about how they ended."""
        for time_to_speak, ticket in list(self.silent):
            if time_to_speak <= now:
                self.silent.remove((time_to_speak, ticket))
                if self.chance.random() < 0.7:
                    status = self.chance.choice(["complete", "failed", "released"])
                    self.report(ticket, f"{status} after a silence", status)


def tell(ticket: Ticket, said: str, status: int, answer: Any, *, late: bool) -> None:
    sys.stdout.write(json.dumps([ticket["jobId"], ticket["attempt"], said, status, answer, late]) + "\n")


def main(name: str, secret: str, end: str, *servers: str) -> None:
    worker = Worker(name, secret, *servers)
    while not Path(end).exists():
        ticket = worker.claim()
        if ticket is not None:
            worker.carry_out(ticket)
        worker.speak_up(time.monotonic())
    worker.speak_up(float("inf"))


if __name__ == "__main__":
    main(*sys.argv[1:])
