"""Tickets whose links and callback lead to a server of the test's own."""

from datetime import UTC, datetime
from uuid import UUID

from ports.jobs import JobKind
from ports.work import Callback, Input, Output, Target, Ticket

JOB = UUID(int=7)
DEADLINE = datetime(2026, 1, 1, tzinfo=UTC)
SIGNED = "?signature=5ecret"


def ticket(url: str, size: int = 0, sha256: str | None = None) -> Ticket:
    return Ticket(
        job_id=JOB,
        attempt=2,
        kind=JobKind.PREPARE,
        callback=Callback(url=f"{url}/callback", token="t0ken"),
        lease_seconds=60,
        deadline=DEADLINE,
        input=Input(url=f"{url}/in.wav{SIGNED}", content_type="audio/wav", size=size, sha256=sha256),
        outputs={
            Output.PREPARED: Target(
                url=f"{url}/out.mp3{SIGNED}", method="PUT", headers={"Content-Type": "audio/mpeg", "If-None-Match": "*"}
            )
        },
    )
