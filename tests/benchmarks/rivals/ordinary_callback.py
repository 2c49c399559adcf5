"""The callback as one writes it: FastAPI, sqlite3, a connection a request. `python -m ... PORT`; `BENCH_DATABASE` is the file."""

import hmac
import json
import os
import sqlite3
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Depends, FastAPI, Header, HTTPException
from pydantic import BaseModel

from tests.benchmarks.rivals.serving import serve


class Report(BaseModel):
    """What a worker sends."""

    jobId: UUID  # noqa: N815 - as the worker writes it
    status: Literal["complete", "failed"]
    result: dict[str, Any] | None = None
    error: str | None = None


def database() -> Iterator[sqlite3.Connection]:
    """Give each request a connection: as durable as ours, and patient."""
    connection = sqlite3.connect(os.environ["BENCH_DATABASE"], timeout=30, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        yield connection
    finally:
        connection.close()


def authorized(authorization: Annotated[str, Header()] = "") -> None:
    """Demand the shared secret."""
    if not hmac.compare_digest(authorization.encode(), f"Bearer {os.environ['BENCH_SECRET']}".encode()):
        raise HTTPException(401, "Unauthorized")


app = FastAPI()


@app.get("/healthz")
def healthz() -> str:
    """Say that it runs."""
    return "ok"


@app.post("/api/webhooks/worker", dependencies=[Depends(authorized)])
def receive(report: Report, connection: Annotated[sqlite3.Connection, Depends(database)]) -> dict[str, bool]:
    """Keep what the worker says, if the job has not ended."""
    job = connection.execute("SELECT status FROM jobs WHERE id = ?", [str(report.jobId)]).fetchone()
    if job is None:
        raise HTTPException(404, "Job not found")
    if job[0] in {"complete", "failed"}:
        raise HTTPException(409, "The job has ended")
    connection.execute(
        "UPDATE jobs SET status = ?, result = ?, error = ?, ended = ? WHERE id = ?",
        [report.status, json.dumps(report.result), report.error, datetime.now(UTC).isoformat(), str(report.jobId)],
    )
    connection.commit()
    return {"success": True}


if __name__ == "__main__":
    serve(app, int(sys.argv[1]))
